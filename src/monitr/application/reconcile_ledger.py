"""Hold the ledger against Octopus's own totals, and read again what does not agree (DESIGN, decisions 7, 11 and 12)."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from enum import Enum

from monitr.application.import_ledger import ImportLedger
from monitr.application.import_session import ImportSession
from monitr.application.import_store import Chunk
from monitr.application.octopus import InvalidAnswer, QuotaSpent
from monitr.application.open_bookyears import OpenedBookyears, open_bookyears
from monitr.application.repeated_lines import without_repetitions
from monitr.domain.bookyear import Bookyear
from monitr.domain.import_run import Dataset, DatasetImportStatus
from monitr.domain.ledger import FIRST_LOAD_TYPES, BookingKey, JournalType, LedgerLine
from monitr.domain.verification import AmountCell, AmountsReport, compare_amounts


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """``amounts`` is None where Octopus gave no totals."""

    opened: OpenedBookyears
    amounts: AmountsReport | None


class Verdict(Enum):
    """What Octopus's totals say of lines that may not be its own (any more)."""

    HELD = "the totals hold them"
    GONE = "the totals agree without them only"
    EITHER = "the totals agree with them as without, or there are none"
    NEITHER = "the totals agree neither way"


@dataclass(frozen=True, slots=True)
class ReconcileLedger:
    session: ImportSession
    ledger: ImportLedger

    async def __call__(self) -> Reconciliation:
        before = await self._reconciled()
        await self._read_special_types(_differing(before.amounts))
        if missing := await self.session.store.missing_chunks():
            await self._resolve_missing(missing)
        before = await self._reconciled()
        if await self._resolve_repetitions(before.amounts):
            before = await self._reconciled()
        report = before.amounts
        if report is None or not report.differences or str(report) == self.session.known_differences:
            return before
        if not self.session.is_full:
            await self.ledger.read_amounts_again()  # one call, where an old total is what is wrong
            report = (await self._reconciled()).amounts
        await self._read_again(_differing(report))
        return await self._reconciled()

    async def _reconciled(self) -> Reconciliation:
        opened = await open_bookyears(self.session.store)
        cells = await self._cells()
        return Reconciliation(opened, compare_amounts(cells) if _has_totals(cells) else None)

    async def _cells(self, *, without_missing: bool = False) -> list[AmountCell]:
        complete = await self.session.store.complete_bookyears()
        return await self.session.store.amount_cells(complete, without_missing=without_missing)

    async def _read_special_types(self, bookyears: Set[int]) -> None:
        """Journal types outside 1 to 4, where the totals hold more than the lines explain, once."""
        store = self.session.store
        done = await (store.checkpoints() if self.session.is_full else store.chunks_read())
        chunks = [Chunk(bookyear.number, int(JournalType.ALL)) for bookyear in self._newest_first(bookyears)]
        await self._read_chunks([chunk for chunk in chunks if chunk not in done])

    async def _resolve_missing(self, missing: Sequence[Chunk]) -> None:
        """A complete answer no longer held bookings that we have. Gone are those without which alone the totals agree;
        where the totals do not tell, those that a second, sound answer does not hold either."""
        verdicts = await self._verdicts_on_missing()
        doubtful = [chunk for chunk in missing if verdicts.get(chunk.bookyear, Verdict.EITHER).is_open]
        again = await self._read_chunks(doubtful)
        verdicts = await self._verdicts_on_missing()
        for chunk in await self.session.store.missing_chunks():
            verdict = verdicts.get(chunk.bookyear, Verdict.EITHER)
            if verdict.is_open and chunk not in again:
                await self._note(chunk, "left out bookings, and could not be read again today: they are kept")
                continue
            gone = verdict is Verdict.GONE or (verdict is Verdict.EITHER and again[chunk])
            if not gone:
                held = "that its totals still hold" if verdict is Verdict.HELD else "that are kept, as nothing proves it"
                await self._note(chunk, f"left out bookings {held}")
            counts = await self.session.store.resolve_missing(chunk, delete=gone)
            await self.session.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, counts)
