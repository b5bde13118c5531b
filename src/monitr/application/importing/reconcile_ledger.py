"""Hold the ledger against Octopus's own totals, and read again what does not agree (decisions 7, 11 and 12)."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from enum import Enum

from monitr.application.importing.import_ledger import EVERYTHING, ImportLedger
from monitr.application.importing.import_session import ImportSession
from monitr.application.importing.import_store import Chunk
from monitr.application.importing.open_bookyears import OpenedBookyears, open_bookyears
from monitr.application.octopus import InvalidAnswer, QuotaSpent
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, JournalType
from monitr.domain.accounting.repeated_lines import amounts_without, repetitions
from monitr.domain.accounting.verification import AmountCell, AmountsReport, compare_amounts
from monitr.domain.import_run import Dataset, DatasetImportStatus


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """``amounts`` is None where Octopus gave no totals."""

    opened: OpenedBookyears
    amounts: AmountsReport | None

    @property
    def differing(self) -> frozenset[int]:
        """The bookyears whose totals do not agree."""
        return (
            frozenset(difference.bookyear for difference in self.amounts.differences) if self.amounts else frozenset()
        )


class Verdict(Enum):
    """What Octopus's totals say of lines that may not belong to the books (any more)."""

    HELD = "they agree with the lines only"
    GONE = "they agree without the lines only"
    EITHER = "they agree with the lines as without, or there are none"
    NEITHER = "they agree neither way"

    @property
    def is_open(self) -> bool:
        return self in (Verdict.EITHER, Verdict.NEITHER)


@dataclass(frozen=True, slots=True)
class ReconcileLedger:
    session: ImportSession
    ledger: ImportLedger

    async def __call__(self) -> Reconciliation:
        found = await self._reconciled()
        for step in (self._read_special_types, self._resolve_missing, self._drop_repetitions):
            if await step(found):
                found = await self._reconciled()
        if await self._read_again(found):
            found = await self._reconciled()
            for step in (self._resolve_missing, self._drop_repetitions):
                if await step(found):
                    found = await self._reconciled()
        return found

    async def _reconciled(self) -> Reconciliation:
        opened = await open_bookyears(self.session.store)
        await self.session.begin_with_oldest()
        cells = await self._cells()
        return Reconciliation(opened, compare_amounts(cells) if _has_totals(cells) else None)

    async def _cells(self, *, without_missing: bool = False) -> list[AmountCell]:
        complete = await self.session.store.complete_bookyears()
        return await self.session.store.amount_cells(complete, without_missing=without_missing)

    # --- the steps: each says whether it may have changed something -----------------------------------------------

    async def _read_special_types(self, found: Reconciliation) -> bool:
        """Journal types outside 1 to 4, where the totals do not agree with the others."""
        store = self.session.store
        done = await (store.checkpoints() if self.session.is_full else store.chunks_read())
        chunks = [Chunk(bookyear.number, int(JournalType.ALL)) for bookyear in self._newest_first(found.differing)]
        return bool(await self._read_chunks([chunk for chunk in chunks if chunk not in done]))

    async def _resolve_missing(self, found: Reconciliation) -> bool:
        """A complete answer no longer held bookings that we have. Gone are those without which alone the totals agree;
        where the totals do not tell, those that a second, sound answer does not hold either."""
        missing = await self.session.store.missing_chunks()
        verdicts = await self._verdicts_on_missing(missing)
        again = await self._read_chunks([chunk for chunk in missing if verdicts[chunk].is_open])
        missing = await self.session.store.missing_chunks()
        verdicts = await self._verdicts_on_missing(missing)
        for chunk in missing:
            verdict = verdicts[chunk]
            if verdict.is_open and chunk not in again:
                await self._note(chunk, "left out bookings, and it could not be read again today: they are kept")
                continue
            gone = verdict is Verdict.GONE or (verdict is Verdict.EITHER and again.get(chunk, False))
            if not gone:
                held = "that its totals still hold" if verdict is Verdict.HELD else "that nothing proves to be gone"
                await self._note(chunk, f"left out bookings {held}: they are kept")
            counts = await self.session.store.resolve_missing(chunk, delete=gone)
            await self.session.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, counts)
        return bool(missing or again)

    async def _drop_repetitions(self, found: Reconciliation) -> bool:
        """Bookings that arrived with lines twice and net to zero either way: where the totals agree without the
        repetitions only, these are left out; where there are no totals, a second answer stands (decisions.md, section
        6)."""
        complete = {bookyear.number: bookyear for bookyear in await self.session.store.complete_bookyears()}
        if found.amounts is None:
            return self.session.is_full and await self._read_repetitions_again(sorted(complete))
        lines = await self.session.store.repeated_lines(sorted(found.differing))
        if not lines:
            return False
        cells = await self._cells()
        verdicts = _verdicts(cells, amounts_without(cells, repetitions(lines), complete))
        doomed = [line for line in lines if verdicts.get(line.bookyear) is Verdict.GONE]
        if doomed:
            await self.ledger.put(EVERYTHING, list(dict.fromkeys(doomed)))
            await self.session.store.note([f"{len(repetitions(doomed))} repeated lines were left out"])
        return bool(doomed)

    async def _read_repetitions_again(self, bookyears: Sequence[int]) -> bool:
        lines = await self.session.store.repeated_lines(bookyears)
        chunks = {Chunk.of(BookingKey(*line[:4])) for line in lines}
        again = await self._read_chunks(sorted(chunks, key=astuple, reverse=True))
        for chunk in again:
            await self._note(chunk, "holds lines that are alike, and no totals tell whether they are repetitions")
        return bool(again)

    async def _read_again(self, found: Reconciliation) -> bool:
        """Once: what differs then is reported, and not read again while it stays as it is."""
        report = found.amounts
        if report is None or not report.differences or str(report) == self.session.known_differences:
            return False
        if not self.session.is_full:  # one call, where an old total is what is wrong
            await self.ledger.read_amounts_again()
            found = await self._reconciled()
        bookyears = self._newest_first(found.differing)
        await self._read_chunks([Chunk(year.number, int(type)) for year in bookyears for type in FIRST_LOAD_TYPES])
        return True

    # --- what they share -------------------------------------------------------------------------------------------

    async def _read_chunks(self, chunks: Sequence[Chunk]) -> dict[Chunk, bool]:
        """Those that today's quota allows, and whether each answer was sound: nothing here is worth waiting for. That
        of special types never is: it holds the other types too, so that its end cannot be told."""
        read: dict[Chunk, bool] = {}
        special = [chunk for chunk in chunks if chunk.is_special]
        try:
            for chunk in chunks:
                if not chunk.is_special:
                    read[chunk] = await self.ledger.read_chunk(chunk)
            await self.ledger.read_special_types(special)
        except QuotaSpent:
            return read
        except InvalidAnswer as error:
            if len(read) + len(special) < len(chunks):
                raise
            await self.session.store.note([f"Journal types outside 1 to 4 could not be read: {error}"])
        return read | dict.fromkeys(special, False)

    async def _verdicts_on_missing(self, chunks: Sequence[Chunk]) -> Mapping[Chunk, Verdict]:
        if not chunks:
            return {}
        verdicts = _verdicts(await self._cells(), await self._cells(without_missing=True))
        return {chunk: verdicts.get(chunk.bookyear, Verdict.EITHER) for chunk in chunks}

    def _newest_first(self, numbers: frozenset[int]) -> list[Bookyear]:
        return [bookyear for bookyear in reversed(self.ledger.bookyears) if bookyear.number in numbers]

    async def _note(self, chunk: Chunk, text: str) -> None:
        await self.session.store.note(
            [f"Octopus's answer for bookyear {chunk.bookyear}, journal type {chunk.journal_type}, {text}"]
        )


def _has_totals(cells: Sequence[AmountCell]) -> bool:
    return any(cell.octopus is not None for cell in cells)


def _verdicts(cells: Sequence[AmountCell], others: Sequence[AmountCell]) -> dict[int, Verdict]:
    """Per bookyear, of the lines that ``cells`` hold and ``others`` do not: by the accounts that they are on."""
    if not _has_totals(cells):
        return {}
    held = {(cell.bookyear, cell.period, cell.account): cell.ours for cell in cells}
    touched = {
        (cell.bookyear, cell.account) for cell in others if cell.ours != held[cell.bookyear, cell.period, cell.account]
    }
    wrong_with, wrong_without = (
        {
            difference.bookyear
            for difference in report.differences
            if (difference.bookyear, difference.account) in touched
        }
        for report in (compare_amounts(cells), compare_amounts(others))
    )
    return {
        bookyear: _VERDICTS[bookyear not in wrong_with, bookyear not in wrong_without]
        for bookyear in {bookyear for bookyear, _ in touched}
    }


_VERDICTS = {
    (True, True): Verdict.EITHER,
    (True, False): Verdict.HELD,
    (False, True): Verdict.GONE,
    (False, False): Verdict.NEITHER,
}
"""By: agree with the lines, agree without them."""
