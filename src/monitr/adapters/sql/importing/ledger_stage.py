"""The bulk way into the ledger: COPY into a temporary table, then set-wise SQL. No line passes through an ORM.

Everything happens in one transaction on one connection: lines are staged while Octopus's answer arrives, summed up and
compared when it is complete, and published when it is the chunk's turn. The temporary tables have no row security (COPY
into a table with it is refused), what is written obeys the policies. Cost, chunk of n lines, m changed: O(n) to
compare, O(n log n) to number the lines where anything differs, writes only for the m.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database import tenancy
from monitr.adapters.sql.importing import ledger_sql as sql
from monitr.adapters.sql.importing.bulk_copy import LINES, Arriving, driver_of, lines_text
from monitr.application.importing.import_store import Chunk, Published
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, LedgerLine
from monitr.domain.import_run import Counts, ImportRun
from monitr.domain.organisation import AdministrationId

_WORK_MEMORY = "64MB"
"""For numbering and joining a chunk in memory: with PostgreSQL's 4 MB both go through files, at twice the time."""


@dataclass(slots=True)
class SqlLedgerStage:
    """``save_run`` writes the run, guarded by its fencing token, on the connection it is given."""

    connection: AsyncConnection
    administration: AdministrationId
    save_run: Callable[[AsyncConnection, ImportRun], Awaitable[bool]]
    arriving: Arriving = field(default_factory=Arriving)
    _place: dict[str, object] = field(default_factory=dict)
    """The parameters that stand for the chunk."""
    _unbalanced: list[BookingKey] = field(default_factory=list)
    """The staged bookings whose lines do not net to zero."""
    _duplicates: int = 0
    _strays: int = 0
    _unchanged: int = 0
    """The staged lines, where the ledger holds just them."""
    _is_known: bool = False
    _is_new: bool = False
    """The ledger holds nothing of the chunk."""

    async def open(self) -> None:
        driver = await driver_of(self.connection)
        await driver.execute(sql.TEMPORARY_TABLES.encode(), prepare=False)  # only one command can be prepared
        columns = sql.listed(tuple(sql.COLUMNS))
        await self.arriving.open(self.connection, f"COPY ledger_stage ({columns}) FROM STDIN ({LINES})")

    async def add(self, lines: Sequence[LedgerLine]) -> None:
        if lines:
            await self.arriving.write(lines_text(lines))

    async def complete(self, chunk: Chunk | None, *, is_known: bool = False) -> None:
        """Cleans and compares, and changes nothing that others see: it may be done while another chunk is published."""
        await self.arriving.close()
        await self._run(f"SELECT set_config('work_mem', '{_WORK_MEMORY}', true)")
        if chunk is None:
            await self._clean()
            return
        self._place = {"bookyear": chunk.bookyear, "type": chunk.journal_type, "types": [chunk.journal_type]}
        if is_known:
            self._is_known, self._unchanged = True, (await self._run(sql.LINES_HELD)).scalar_one()
            return
        if not chunk.is_special and await self._is_same():
            return
        await self._clean()
        await self._sort_out_strays(chunk)
        if self._is_new:
            await self._run(sql.SUM_UP_MONTHS)

    async def publish_chunk(self, run: ImportRun, answer: str | None = None) -> Published:
        await self._run(f"SELECT {tenancy.NO_PAUSE}")
        is_clean = not (self._unbalanced or self._duplicates or self._strays)
        self._place |= {"run": run.id, "answer": sql.THIS_CODE + answer if is_clean and answer is not None else None}
        if self._unchanged:
            return await self._publish_unchanged()
        published = await (self._publish_new() if self._is_new else self._publish_differences())
        await self._run(sql.NOTE_RELATIONS)
        return replace(published, dropped_duplicates=self._duplicates, strays=self._strays)

    async def publish_changes(self, deleted: Sequence[BookingKey], run: ImportRun) -> Published:
        await self._run(f"SELECT {tenancy.NO_PAUSE}")
        self._place["run"] = run.id
        for table in ("ledger_stage", "ledger_booking"):
            await self._leave_out_unbalanced(table)
        await self._scope(deleted)
        await self._shift_balances()
        counts, _ = await self._compare(sql.LINES_OF_SCOPE, vanished_are_deleted=True)
        # whatever was missing or out of balance: this is how it stands
        await self._run(f"DELETE FROM missing_booking l WHERE {sql.OF_SCOPE}")
        await self._run(sql.forget_unbalanced(sql.OF_SCOPE))
        await self._run(sql.NOTE_RELATIONS)
        return Published(counts, unbalanced=self._unbalanced, dropped_duplicates=self._duplicates)

    async def commit(self, run: ImportRun) -> bool:
        """With the run; True where its cancellation was asked for."""
        cancel = await self.save_run(self.connection, run)
        await self.connection.commit()
        return cancel

    # --- what arrived ---------------------------------------------------------------------------------------------

    async def _sum_up(self) -> None:
        self._unbalanced = [BookingKey(*row) for row in await self._run(sql.SUM_UP)]

    async def _sum_up_again(self) -> None:
        await self._run("DELETE FROM ledger_booking")
        await self._sum_up()

    async def _clean(self) -> None:
        await self._sum_up()
        if self._unbalanced:
            await self._run(sql.WHOLE_AGAINST_WHOLE)
            self._duplicates = (await self._run(sql.DROP_DUPLICATES)).rowcount
            await self._run(sql.AS_IT_LIKES)
        if self._duplicates:
            await self._sum_up_again()

    async def _is_same(self) -> bool:
        """The ledger holds just what arrived, and nothing of it is out of balance."""
        self._is_new, is_out_of_balance = (await self._run(sql.LOOK)).one()
        if self._is_new or is_out_of_balance:
            return False
        is_same, lines, versions = (await self._run(sql.IS_SAME)).one()
        if is_same:
            self._unchanged = lines
            self._place |= {"lines": lines, "versions": int(versions)}
        return bool(is_same)

    async def _sort_out_strays(self, chunk: Chunk) -> None:
        if chunk.is_special:  # of an answer for all types, only those outside 1 to 4 are of this chunk
            self._place["types"] = await self._special_types(chunk)
            self._is_new, _ = (await self._run(sql.LOOK)).one()
        if (await self._run(sql.HAS_STRAYS)).scalar_one():
            strays = (await self._run(f"DELETE FROM ledger_stage WHERE {sql.STRAYS}")).rowcount
            self._strays = 0 if chunk.is_special else strays
            await self._sum_up_again()

    async def _special_types(self, chunk: Chunk) -> list[int]:
        rows = await self._run(
            """SELECT journal_type FROM ledger_booking WHERE bookyear = :bookyear
               UNION SELECT journal_type FROM account_month
                     WHERE administration_id = :administration AND bookyear = :bookyear""",
            bookyear=chunk.bookyear,
        )
        return [type for (type,) in rows if type not in FIRST_LOAD_TYPES]

    # --- a chunk --------------------------------------------------------------------------------------------------

    async def _publish_new(self) -> Published:
        """Everything about it in one statement."""
        inserted = (await self._run(sql.PUBLISH_NEW)).rowcount
        return Published(Counts(inserted=inserted), await self._note_unbalanced())

    async def _publish_unchanged(self) -> Published:
        await self._run(f"DELETE FROM missing_booking l WHERE {sql.OF_CHUNK}")
        await self._run(sql.CHECKPOINT_OF_THE_KNOWN if self._is_known else sql.CHECKPOINT_OF_THE_SAME)
        return Published(Counts(unchanged=self._unchanged))

    async def _publish_differences(self) -> Published:
        held_back = await self._hold_back()
        await self._run(sql.WHOLE_AGAINST_WHOLE)
        counts, missing = await self._compare(sql.LINES_OF_CHUNK)
        if counts.written:
            await self._run(f"DELETE FROM account_month l WHERE {sql.OF_CHUNK}")
            await self._run(sql.REBUILD_BALANCES)
        await self._run(sql.forget_unbalanced(sql.OF_CHUNK))
        unbalanced = held_back + await self._note_unbalanced()
        await self._run(sql.CHECKPOINT)
        return Published(counts, unbalanced, missing)

    async def _hold_back(self) -> list[BookingKey]:
        """Bookings that arrive out of balance where the ledger holds them in balance: half of them is missing, not
        new. They stay as they are, as if the answer did not hold them."""
        if not self._unbalanced:
            return []
        held_back = list(dict.fromkeys(BookingKey(*row) for row in await self._run(sql.HOLD_BACK)))
        if held_back:
            await self._sum_up_again()
        return held_back

    async def _note_unbalanced(self) -> list[BookingKey]:
        if not self._unbalanced:
            return []
        return [BookingKey(*row) for row in await self._run(sql.NOTE_UNBALANCED)]

    # --- changes --------------------------------------------------------------------------------------------------

    async def _leave_out_unbalanced(self, table: str) -> None:
        if self._unbalanced:
            await self._run(
                f"""DELETE FROM {table} s USING (SELECT * FROM ledger_booking WHERE net <> 0) k
                    WHERE {sql.same("s", "k")}"""
            )

    async def _scope(self, deleted: Sequence[BookingKey]) -> None:
        """The bookings that were deleted, and those that arrived."""
        columns = {name: [getattr(key, name) for key in deleted] for name in sql.BOOKING}
        await self._run(
            f"""INSERT INTO ledger_scope
                SELECT * FROM unnest({", ".join(f"CAST(:{column} AS int[])" for column in sql.BOOKING)})
                UNION SELECT {sql.listed(sql.BOOKING)} FROM ledger_booking""",
            **columns,
        )

    async def _shift_balances(self) -> None:
        await self._run(sql.SHIFT_BALANCES)
        await self._run(
            """DELETE FROM account_month WHERE administration_id = :administration AND lines = 0
               AND bookyear = ANY(SELECT DISTINCT bookyear FROM ledger_scope)"""
        )

    # --- both -----------------------------------------------------------------------------------------------------

    async def _compare(self, lines: str, *, vanished_are_deleted: bool = False) -> tuple[Counts, int]:
        """Write where what arrived differs from the ``lines`` that are there, and return the counts and how many
        bookings of theirs the answer did not hold."""
        total = (await self._run(f"INSERT INTO ledger_next {sql.NUMBERED}")).rowcount
        await self._run(sql.differences(lines))
        missing = 0 if vanished_are_deleted else await self._keep_missing()
        await self._run(sql.ONE_BY_ONE)
        deleted = (await self._run(sql.DELETE_LINES)).rowcount
        updated = (await self._run(sql.UPDATE_LINES)).rowcount
        await self._run(sql.WHOLE_AGAINST_WHOLE)
        inserted = (await self._run(sql.INSERT_LINES)).rowcount
        await self._run(sql.RECORD_DIFFERENCES)
        return Counts(0, inserted, updated, total - inserted - updated, deleted), missing

    async def _keep_missing(self) -> int:
        """Bookings that the answer did not hold stay, and are noted until the verification has judged."""
        await self._run(sql.FOUND_AGAIN)
        missing = (await self._run(sql.NOTE_MISSING)).rowcount
        await self._run(sql.KEEP_MISSING)
        return int(missing)

    async def _run(self, statement: str, **parameters: object) -> Any:
        known = {"administration": self.administration, **self._place}
        return await self.connection.execute(text(statement), known | parameters)
