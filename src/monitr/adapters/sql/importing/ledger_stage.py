"""The bulk way into the ledger: COPY into a temporary table, then set-wise SQL. No line passes through an ORM.

Everything happens in one transaction on one connection: lines are staged while Octopus's answer arrives, summed up and
compared when it is complete, and published when it is the chunk's turn. The temporary tables have no row security (COPY
into a table with it is refused), what is written obeys the policies. Cost, chunk of n lines, m changed: O(n) to
compare, O(n log n) to number the lines where anything differs, writes only for the m.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database import tenancy
from monitr.adapters.sql.importing.bulk_copy import LINES, Arriving, driver_of, lines_text
from monitr.adapters.sql.importing.ledger_sql import SQL, STAGE, THIS_CODE
from monitr.adapters.sql.importing.own_transaction import OwnTransaction, by_column
from monitr.adapters.sql.journal_keys import LETTERS
from monitr.application.importing.ledger.chunk import Chunk, Published
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, LedgerLine
from monitr.domain.accounting.repeated_lines import Repeating
from monitr.domain.import_run import Counts, ImportRun

_NO_PAUSE = text(f"SELECT {tenancy.NO_PAUSE}")


@dataclass(slots=True)
class SqlLedgerStage:
    """``save_run`` writes the run, guarded by its fencing token, on the connection it is given."""

    own: OwnTransaction
    save_run: Callable[[AsyncConnection, ImportRun], Awaitable[bool]]
    arriving: Arriving = field(default_factory=Arriving)
    _place: dict[str, object] = field(default_factory=dict)
    """The parameters that stand for the chunk."""
    _unbalanced: list[BookingKey] = field(default_factory=list)
    """The staged bookings whose lines do not net to zero."""
    _broken: frozenset[BookingKey] = frozenset()
    """The bookings with a line that could not be read."""
    _duplicates: int = 0
    _strays: int = 0
    _unchanged: int = 0
    """The staged lines, where the ledger holds just them."""
    _is_known: bool = False
    _is_new: bool = False
    """The ledger holds nothing of the chunk."""

    async def open(self) -> None:
        driver = await driver_of(self.own.connection)
        tables = f"{STAGE}; {SQL['temporary_tables'].text}"
        await driver.execute(tables.encode(), prepare=False)  # only one command can be prepared
        await self.arriving.open(self.own.connection, f"COPY ledger_stage FROM STDIN ({LINES})")

    async def add(self, lines: Sequence[LedgerLine]) -> None:
        if lines:
            await self.arriving.write(lines_text(lines))

    async def complete(
        self, chunk: Chunk | None, *, is_known: bool = False, broken: Collection[BookingKey] = ()
    ) -> None:
        """Cleans and compares, and changes nothing that others see: it may be done while another chunk is published."""
        await self.arriving.close()
        await self._run("work_in_memory")
        if broken:
            await self._set_aside(frozenset(broken), chunk)
        if chunk is None:
            await self._clean()
            return
        self._place = {"bookyear": chunk.bookyear, "type": chunk.journal_type, "types": [chunk.journal_type]}
        if is_known:
            self._is_known, self._unchanged = True, (await self._run("lines_held")).scalar_one()
            return
        if not chunk.is_special and await self._is_same():
            return
        await self._clean()
        await self._sort_out_strays(chunk)
        if self._is_new:
            await self._run("sum_up_months")

    async def publish_chunk(self, run: ImportRun, answer: str | None = None) -> Published:
        await self.own.connection.execute(_NO_PAUSE)
        is_clean = not (self._unbalanced or self._broken or self._duplicates or self._strays)
        self._place |= {"run": run.id, "answer": THIS_CODE + answer if is_clean and answer is not None else None}
        if self._unchanged:
            return await self._publish_unchanged()
        published = await (self._publish_new() if self._is_new else self._publish_differences())
        await self._run("note_relations")
        return replace(published, dropped_duplicates=self._duplicates, strays=self._strays)

    async def publish_changes(self, deleted: Sequence[BookingKey], run: ImportRun) -> Published:
        await self.own.connection.execute(_NO_PAUSE)
        self._place["run"] = run.id
        if self._unbalanced:
            await self._run("leave_out_unbalanced")
        await self._run("add_to_scope", **by_column([key for key in deleted if key not in self._broken]))
        await self._run("shift_balances")
        await self._run("forget_empty_balances")
        counts = await self._compare("compare_with_scope", vanished_are_deleted=True)
        await self._run("forget_marks_of_scope")
        await self._run("note_relations")
        return Published(counts, unbalanced=self._unbalanced, dropped_duplicates=self._duplicates)

    async def commit(self, run: ImportRun) -> bool:
        """With the run; True where its cancellation was asked for."""
        cancel = await self.save_run(self.own.connection, run)
        await self.own.connection.commit()
        return cancel

    async def _set_aside(self, broken: frozenset[BookingKey], chunk: Chunk | None) -> None:
        """Of a chunk, they are the scope: what the ledger holds of them stays."""
        self._broken = broken
        await self._run("set_broken_aside", **by_column(list(broken)))
        if chunk is not None:
            await self._run("hold_broken", **by_column([key for key in broken if Chunk.of(key) == chunk]))

    async def _sum_up(self) -> None:
        self._unbalanced = [BookingKey(*row) for row in await self._run("sum_up")]

    async def _clean(self) -> None:
        await self._sum_up()
        if self._unbalanced:
            await self._run("join", whole="on", one_by_one="off")
            await self._drop_repetitions()
            await self._run("join", whole="on", one_by_one="on")
        if self._duplicates:
            await self._sum_up()

    async def _drop_repetitions(self) -> None:
        alike = [Repeating(BookingKey(*row[:4]), row.net, row.net_once) for row in await self._run("repeating")]
        if repeated := [booking.booking for booking in alike if booking.is_whole_only_without]:
            self._duplicates = (await self._run("drop_repetitions", **by_column(repeated))).rowcount

    async def _is_same(self) -> bool:
        """The ledger holds just what arrived, and nothing of it is out of balance."""
        self._is_new, is_out_of_balance = (await self._run("look")).one()
        if self._is_new or is_out_of_balance:
            return False
        is_same, lines, versions = (await self._run("is_same")).one()
        if is_same:
            self._unchanged = lines
            self._place |= {"lines": lines, "versions": int(versions)}
        return bool(is_same)

    async def _sort_out_strays(self, chunk: Chunk) -> None:
        if chunk.is_special:  # of an answer for all types, only those outside 1 to 4 are of this chunk
            types = await self._run("types_of_bookyear")
            self._place["types"] = [type for (type,) in types if type not in FIRST_LOAD_TYPES]
            self._is_new, _ = (await self._run("look")).one()
        if (await self._run("has_strays")).scalar_one():
            strays = (await self._run("drop_strays")).rowcount
            self._strays = 0 if chunk.is_special else strays
            await self._sum_up()

    async def _publish_new(self) -> Published:
        """No row of the chunk is there, so none is compared."""
        inserted = (await self._run("publish_new_lines")).rowcount
        await self._run("publish_new_balances")
        await self._run("record_changes", is_new=True, letters=LETTERS)
        await self._run("judge_all_anew")
        await self._checkpoint("held_when_new", inserted=inserted)
        return Published(Counts(inserted=inserted), await self._note_unbalanced())

    async def _publish_unchanged(self) -> Published:
        await self._run("forget_missing_of_chunk")
        await self._run("checkpoint_of_the_known" if self._is_known else "checkpoint")  # as it was when it was compared
        return Published(Counts(unchanged=self._unchanged))

    async def _publish_differences(self) -> Published:
        held_back = await self._hold_back()
        await self._run("join", whole="on", one_by_one="off")
        counts = await self._compare("compare_with_chunk")
        if counts.written:
            await self._run("forget_balances")
            await self._run("rebuild_balances")
        await self._run("forget_unbalanced_of_chunk")
        unbalanced = held_back + await self._note_unbalanced()
        await self._checkpoint("held")
        return Published(counts, unbalanced)

    async def _checkpoint(self, held: str, **parameters: object) -> None:
        lines, versions = (await self._run(held, **parameters)).one()
        await self._run("checkpoint", lines=lines, versions=versions)

    async def _hold_back(self) -> list[BookingKey]:
        """Bookings that arrive out of balance where the ledger holds them in balance: half of them is missing, not
        new. They stay as they are, as if the answer did not hold them."""
        if not self._unbalanced:
            return []
        held_back = list(dict.fromkeys(BookingKey(*row) for row in await self._run("hold_back")))
        if held_back:
            await self._sum_up()
        return held_back

    async def _note_unbalanced(self) -> list[BookingKey]:
        if not self._unbalanced:
            return []
        return [BookingKey(*row) for row in await self._run("note_unbalanced")]

    async def _compare(self, comparison: str, *, vanished_are_deleted: bool = False) -> Counts:
        """Write where what arrived differs from the lines that are there."""
        total = (await self._run("number_lines")).rowcount
        await self._run(comparison)
        if not vanished_are_deleted:  # they stay, until the verification has judged
            if self._broken:  # these stay, and are not missing
                await self._run("keep_broken")
                await self._run("forget_missing_of_scope")
            await self._run("forget_found")
            await self._run("keep_missing")
        await self._run("join", whole="off", one_by_one="on")
        deleted = (await self._run("delete_lines")).rowcount
        updated = (await self._run("update_lines")).rowcount
        await self._run("join", whole="on", one_by_one="off")
        inserted = (await self._run("insert_lines")).rowcount
        await self._run("record_changes", is_new=False, letters=LETTERS)
        return Counts(0, inserted, updated, total - inserted - updated, deleted)

    async def _run(self, statement: str, **parameters: object) -> Any:
        """One of ``ledger.sql``, by its name."""
        return await self.own.run(SQL[statement], **self._place | parameters)
