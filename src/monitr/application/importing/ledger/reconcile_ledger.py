"""Hold the ledger against Octopus's own totals, and read again what does not agree (decisions 7, 11 and 12)."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field

from monitr.application.importing.absence import lines_gone
from monitr.application.importing.ledger.chunk import EVERYTHING, Chunk, chunks_of
from monitr.application.importing.ledger.octopus_totals import OctopusTotals
from monitr.application.importing.ledger.read_chunks import ReadChunks
from monitr.application.importing.ledger.special_types import read_special_types
from monitr.application.importing.ledger.vanished_bookyears import settle_vanished_bookyears
from monitr.application.importing.ledger.verdicts import Verdict, has_totals, verdicts_on
from monitr.application.importing.open_bookyears import OpenedBookyears, show_complete_bookyears
from monitr.application.importing.session import ImportSession
from monitr.application.octopus import InvalidAnswer, QuotaSpent, ReadRefused
from monitr.domain.accounting.account import account_class
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import BookingKey, JournalType
from monitr.domain.accounting.repeated_lines import amounts_without, repetitions
from monitr.domain.accounting.verification import AmountCell, AmountsReport, compare_amounts
from monitr.domain.import_run import Dataset, DatasetImportStatus
from monitr.domain.words.sentence import Sentence

OWN_CLASSES: dict[int, int] = {JournalType.PURCHASES: 6, JournalType.SALES: 7, JournalType.FINANCIAL: 5}
"""Of the accounts that are booked on in a journal of the type, and mostly there: costs, revenues, banks."""


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


@dataclass(frozen=True, slots=True)
class ReconcileLedger:
    session: ImportSession
    chunks: ReadChunks
    totals: OctopusTotals
    kept: set[Chunk] = field(default_factory=set)
    """Chunks that left out bookings of which nothing told whether they are gone."""

    async def __call__(self) -> Reconciliation:
        found = await self._held_against_totals()
        if await settle_vanished_bookyears(self.session, self.chunks, self.totals, found.differing):
            found = await self._reconciled()
        await self._believe_empty_chunks(found)
        return found

    async def _held_against_totals(self) -> Reconciliation:
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
        opened = await show_complete_bookyears(self.session)
        cells = await self._cells()
        return Reconciliation(opened, compare_amounts(cells) if self.totals.are_read and has_totals(cells) else None)

    async def _cells(self, *, without_missing: bool = False) -> list[AmountCell]:
        complete = await self.session.store.ledger.complete_bookyears()
        return await self.session.store.reconciliation.amount_cells(complete, without_missing=without_missing)

    # --- the steps: each says whether it may have changed something -----------------------------------------------

    async def _read_special_types(self, found: Reconciliation) -> bool:
        """Journal types outside 1 to 4, where the totals do not agree with the others."""
        store = self.session.store.ledger
        done = await (store.checkpoints() if self.session.is_full else store.chunks_read())
        chunks = [Chunk(bookyear.number, int(JournalType.ALL)) for bookyear in self._newest_first(found.differing)]
        return bool(await self._read_chunks([chunk for chunk in chunks if chunk not in done]))

    async def _resolve_missing(self, found: Reconciliation) -> bool:
        """A complete answer no longer held bookings that we have. Gone are those without which alone the totals agree;
        where the totals do not tell, those that a second, sound answer does not hold either."""
        missing = await self.session.store.reconciliation.missing_chunks()
        verdicts = await self._verdicts_on_missing(missing)
        again = await self._read_chunks([chunk for chunk in missing if verdicts[chunk].is_open])
        missing = await self.session.store.reconciliation.missing_chunks()
        verdicts = await self._verdicts_on_missing(missing)
        for chunk in missing:
            verdict = verdicts[chunk]
            if verdict.is_open and chunk not in again:
                await self._note(chunk, "note.BOOKINGS_MISSING_UNREAD")
                continue
            gone = verdict is Verdict.GONE or (verdict is Verdict.EITHER and again.get(chunk, False))
            if not gone:
                self.kept.add(chunk)
                await self._note(chunk, f"note.BOOKINGS_MISSING_{'HELD' if verdict is Verdict.HELD else 'UNPROVEN'}")
            counts = await self.session.store.reconciliation.resolve_missing(chunk, delete=gone)
            await self.session.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, counts)
        return bool(missing or again)

    async def _drop_repetitions(self, found: Reconciliation) -> bool:
        """Bookings that arrived with lines twice and net to zero either way: where the totals agree without the
        repetitions only, these are left out; where there are no totals, a second answer stands (decisions.md, section
        6)."""
        complete = {bookyear.number: bookyear for bookyear in await self.session.store.ledger.complete_bookyears()}
        if found.amounts is None:
            return self.session.is_full and await self._read_repetitions_again(sorted(complete))
        lines = await self.session.store.reconciliation.repeated_lines(sorted(found.differing))
        if not lines:
            return False
        cells = await self._cells()
        verdicts = verdicts_on(cells, amounts_without(cells, repetitions(lines), complete))
        doomed = [line for line in lines if verdicts.get(line.bookyear) is Verdict.GONE]
        if doomed:
            await self.chunks.put(EVERYTHING, list(dict.fromkeys(doomed)))
            left_out = Sentence.of("note.REPEATED_LINES", count=len(repetitions(doomed)))
            await self.session.store.record.note([left_out])
        return bool(doomed)

    async def _read_repetitions_again(self, bookyears: Sequence[int]) -> bool:
        lines = await self.session.store.reconciliation.repeated_lines(bookyears)
        chunks = {Chunk.of(BookingKey(*line[:4])) for line in lines}
        again = await self._read_chunks(sorted(chunks, key=astuple, reverse=True))
        for chunk in again:
            await self._note(chunk, "note.LINES_ALIKE")
        return bool(again)

    async def _read_again(self, found: Reconciliation) -> bool:
        """Once: what differs then is reported, and not read again while it stays as it is."""
        report = found.amounts
        if report is None or not report.differences or report.check.detail == self.session.known_differences:
            return False
        if not self.session.is_full:  # one call, where an old total is what is wrong
            await self.totals.read_again()
            found = await self._reconciled()
        bookyears = self._newest_first(found.differing)
        await self._read_chunks([chunk for year in bookyears for chunk in chunks_of(year.number)])
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
                    read[chunk] = await self._read_unless_refused(chunk)
            await read_special_types(self.chunks, special)
        except QuotaSpent:
            return read
        except InvalidAnswer as error:
            if len(read) + len(special) < len(chunks):
                raise
            unread = Sentence.of("note.OTHER_JOURNAL_TYPES_UNREADABLE", cause=error.said)
            await self.session.store.record.note([unread])
        return read | dict.fromkeys(special, False)

    async def _read_unless_refused(self, chunk: Chunk) -> bool:
        try:
            return await self.chunks.whole(chunk)
        except ReadRefused as refused:
            self.session.unread[chunk.bookyear] = refused.said
            return False

    async def _believe_empty_chunks(self, found: Reconciliation) -> None:
        """Of the chunks that came with no line, in the end. Raises Contradiction."""
        doubtful = [chunk for chunk in self.chunks.empty if self._is_doubtful(chunk, found)]
        if doubtful:
            await self.session.store.ledger.doubt([chunk for chunk in doubtful if chunk not in self.chunks.known])
            await self.session.begin_with_oldest()
            raise lines_gone(doubtful)

    def _is_doubtful(self, chunk: Chunk, found: Reconciliation) -> bool:
        """One of which there are lines that nobody proves to be gone; and where the totals differ, all chunks of a
        bookyear, or one that was never read before, if the totals have an account of its kind that no line is on."""
        if chunk in self.kept and (found.amounts is None or chunk.bookyear in found.differing):
            return True
        if found.amounts is None or chunk.bookyear not in found.differing:
            return False
        lacking = {account_class(account) for year, account in found.amounts.lacking if year == chunk.bookyear}
        is_missed = chunk not in self.chunks.known and OWN_CLASSES.get(chunk.journal_type) in lacking
        return is_missed or self.chunks.empty.issuperset(chunks_of(chunk.bookyear))

    async def _verdicts_on_missing(self, chunks: Sequence[Chunk]) -> Mapping[Chunk, Verdict]:
        if not chunks:
            return {}
        verdicts = verdicts_on(await self._cells(), await self._cells(without_missing=True))
        return {chunk: verdicts.get(chunk.bookyear, Verdict.EITHER) for chunk in chunks}

    def _newest_first(self, numbers: frozenset[int]) -> list[Bookyear]:
        return [bookyear for bookyear in reversed(self.chunks.bookyears) if bookyear.number in numbers]

    async def _note(self, chunk: Chunk, key: str) -> None:
        note = Sentence.of(key, bookyear=chunk.bookyear, journal_type=chunk.journal_type)
        await self.session.store.record.note([note])
