"""Hold the ledger against Octopus's own totals, and read again what does not agree (DESIGN, decisions 7, 11 and 12)."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitr.application.import_ledger import ImportLedger
from monitr.application.import_session import ImportSession
from monitr.application.import_store import Chunk
from monitr.application.octopus import InvalidAnswer, QuotaSpent
from monitr.application.open_bookyears import OpenedBookyears, open_bookyears
from monitr.domain.bookyear import Bookyear
from monitr.domain.import_run import Dataset, DatasetImportStatus
from monitr.domain.ledger import FIRST_LOAD_TYPES, JournalType
from monitr.domain.verification import AmountsReport, compare_amounts


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """``amounts`` is None where Octopus gave no totals."""

    opened: OpenedBookyears
    amounts: AmountsReport | None


@dataclass(frozen=True, slots=True)
class ReconcileLedger:
    session: ImportSession
    ledger: ImportLedger

    async def __call__(self) -> Reconciliation:
        opened = await open_bookyears(self.session.store)
        report = await self._compare()
        if self.session.is_full and report is not None and report.differences:
            await self._read_special_types(report)
            opened, report = await open_bookyears(self.session.store), await self._compare()
        missing = await self.session.store.missing_bookyears()
        if missing:
            await self._resolve_missing(missing, report)
            opened, report = await open_bookyears(self.session.store), await self._compare()
        if report is not None and report.differences and str(report) != self.session.known_differences:
            await self._read_again({difference.bookyear for difference in report.differences})
            opened, report = await open_bookyears(self.session.store), await self._compare()
        return Reconciliation(opened, report)

    async def _compare(self, *, without_missing: bool = False) -> AmountsReport | None:
        complete = await self.session.store.complete_bookyears()
        cells = await self.session.store.amount_cells(complete, without_missing=without_missing)
        return compare_amounts(cells) if any(cell.octopus is not None for cell in cells) else None

    async def _read_special_types(self, report: AmountsReport) -> None:
        """Journal types outside 1 to 4: for one bookyear with type -1, which is INF, else with -1 for both."""
        done = await self.session.store.checkpoints()
        for bookyear in _newest_first(
            self.ledger.bookyears, {difference.bookyear for difference in report.differences}
        ):
            chunk = Chunk(bookyear.number, int(JournalType.ALL))
            if chunk in done:
                continue
            try:
                await self.ledger.read_chunk(chunk)
            except QuotaSpent:
                return
            except InvalidAnswer:
                await self.ledger.read_special_types_of_all()
                return

    async def _resolve_missing(self, missing: Sequence[int], report: AmountsReport | None) -> None:
        """A complete answer no longer held bookings that we have. Gone are those without which the totals agree at
        least as well; where there are no totals, a second reading decides."""
        if report is None:
            await self._read_again(set(missing))
        without = await self._compare(without_missing=True)
        for bookyear in missing:
            gone = without is None or report is None or _count(without, bookyear) <= _count(report, bookyear)
            counts = await self.session.store.resolve_missing(delete=gone, bookyear=bookyear)
            if not gone:
                await self.session.store.note(
                    [f"Octopus's answer for bookyear {bookyear} left out bookings that its totals still hold"]
                )
            await self.session.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, counts)

    async def _read_again(self, bookyears: set[int]) -> None:
        """Once, and within quota: what does not agree then is reported, not waited for."""
        try:
            for bookyear in _newest_first(self.ledger.bookyears, bookyears):
                for type in FIRST_LOAD_TYPES:
                    await self.ledger.read_chunk(Chunk(bookyear.number, int(type)))
        except QuotaSpent:
            return


def _newest_first(bookyears: Sequence[Bookyear], numbers: set[int]) -> list[Bookyear]:
    return [bookyear for bookyear in reversed(bookyears) if bookyear.number in numbers]


def _count(report: AmountsReport, bookyear: int) -> int:
    return sum(1 for difference in report.differences if difference.bookyear == bookyear)
