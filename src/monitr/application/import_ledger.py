"""The general ledger: chunk by chunk for a first or full import, by its changes afterwards (DESIGN, decision 6)."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from dataclasses import dataclass, replace
from datetime import datetime

from monitr.application.import_session import CancellationRequested, ImportSession
from monitr.application.import_store import Chunk, LedgerStage, Published
from monitr.application.octopus import AccountAmount, Changed, InvalidAnswer, OpenDossier, QuotaSpent
from monitr.domain.bookyear import Bookyear
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus
from monitr.domain.ledger import FIRST_LOAD_TYPES, BookingKey, JournalType, LedgerBatch, LedgerLine

PROGRESS_BEFORE, PROGRESS_AFTER = 0.05, 0.9
"""The share of a run that comes before the ledger, and where the ledger is in."""

EVERYTHING = Chunk(int(JournalType.ALL), int(JournalType.ALL))
"""As Octopus is asked for all bookyears and journal types; for an incremental import it is one chunk."""

BATCHES_BETWEEN_SAVES = 10
"""Progress is saved about every ten thousand lines."""


@dataclass(frozen=True, slots=True)
class ImportLedger:
    session: ImportSession
    dossier: OpenDossier
    bookyears: Sequence[Bookyear]
    """Oldest first."""

    async def __call__(self) -> None:
        await self.session.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING)
        await self.session.advance(PROGRESS_BEFORE)
        if self.session.is_full:
            await self._read_everything()
        else:
            await self._read_changes()
        await self.session.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.SUCCEEDED)
        await self.session.advance(PROGRESS_AFTER)

    async def _read_everything(self) -> None:
        """Newest bookyear first; what this run has published before it was interrupted is not read again."""
        plan = [Chunk(bookyear.number, type) for bookyear in reversed(self.bookyears) for type in FIRST_LOAD_TYPES]
        done = await self.session.store.checkpoints()
        for position, chunk in enumerate(plan):
            if chunk not in done:
                share = (position + 1) / len(plan)
                progress = PROGRESS_BEFORE + share * (PROGRESS_AFTER - PROGRESS_BEFORE)
                await self.read_chunk(chunk, progress)
        await self._read_amounts(None)

    async def _read_changes(self) -> None:
        published = await self._read(EVERYTHING, self.session.since, PROGRESS_AFTER)
        done = await self.session.store.checkpoints()
        # the answer did not hold all lines of a changed booking: its chunk is read
        chunks = [chunk for chunk in dict.fromkeys(map(Chunk.of, published.unbalanced)) if chunk not in done]
        for chunk in chunks:
            if not chunk.is_special:
                await self.read_chunk(chunk)
        await self.read_special_types([chunk for chunk in chunks if chunk.is_special])
        await self._read_new_bookyears()
        await self._read_amounts(self.session.since)

    async def _read_new_bookyears(self) -> None:
        """A bookyear that was not there before is read as a first load has to: its lines may be older than itself."""
        known = await self.session.store.chunks_read()
        for bookyear in reversed(self.bookyears):
            for type in FIRST_LOAD_TYPES:
                if (chunk := Chunk(bookyear.number, int(type))) not in known:
                    await self.read_chunk(chunk)

    async def read_chunk(self, chunk: Chunk, progress: float = PROGRESS_AFTER) -> bool:
        """All of one bookyear × journal type, as a first load has to (api.md 2.10); twice where bookings arrive whose
        lines do not net to zero. Whether the answer was sound: it held lines, and every one could be read."""
        published = await self._read(chunk, None, progress)
        if published.unbalanced:
            published = await self._read(chunk, None, progress)
        left_out = published.dropped_duplicates + published.strays
        return 0 < published.lines == published.counts.fetched - left_out

    async def read_special_types(self, chunks: Sequence[Chunk]) -> None:
        """Types outside 1 to 4, with type -1 for one bookyear, which is INF; where that is refused, for all that are
        left from one answer that holds everything (api.md 8.1): a last resort."""
        for position, chunk in enumerate(chunks):
            try:
                await self._read(chunk, None, PROGRESS_AFTER)
            except InvalidAnswer:
                await self._read_special_types_at_once(chunks[position:])
                return

    async def _read_special_types_at_once(self, chunks: Sequence[Chunk]) -> None:
        special: dict[int, list[LedgerLine]] = {chunk.bookyear: [] for chunk in chunks}
        async with self._answer(EVERYTHING, None) as answer:
            async for batch in answer:
                await self.session.report(batch.odd)
                for line in batch.lines:
                    if line.journal_type not in FIRST_LOAD_TYPES and line.bookyear in special:
                        special[line.bookyear].append(line)
        for chunk in chunks:
            await self.put(chunk, special[chunk.bookyear])

    async def put(self, chunk: Chunk, lines: Sequence[LedgerLine]) -> None:
        """Publish what is known to be the chunk; with EVERYTHING, the lines of some whole bookings."""

        async def fill(stage: LedgerStage, deleted: list[BookingKey]) -> int:
            await stage.add(lines)
            return 0

        await self._publish(chunk, PROGRESS_AFTER, fill)

    async def read_amounts_again(self) -> None:
        """All of Octopus's own totals. Where they cannot be read, those that are stored stand."""
        with suppress(QuotaSpent, InvalidAnswer):
            changed = await self.dossier.changed_account_amounts(None)
            await self._keep_all_amounts(changed)

    async def _read_amounts(self, since: datetime | None) -> None:
        """Octopus's own totals. Where they cannot be read, verification goes without: old ones would prove nothing,
        and the next run reads all of them."""
        if not await self.session.store.knows(AccountAmount):
            since = None
        try:
            changed = await self.dossier.changed_account_amounts(since)
        except QuotaSpent:
            await self.session.store.replace(AccountAmount, [])
            return
        except InvalidAnswer as error:
            await self.session.store.replace(AccountAmount, [])
            await self.session.store.note([str(error)])
            return
        if since is None:
            await self._keep_all_amounts(changed)
        else:
            await self.session.report(changed.odd)
            await self.session.store.merge(AccountAmount, changed.rows, changed.deleted)

    async def _keep_all_amounts(self, changed: Changed[AccountAmount]) -> None:
        await self.session.report(changed.odd)
        await self.session.store.replace(AccountAmount, changed.rows)
        listed = {bookyear.number for bookyear in self.bookyears}
        if unlisted := sorted({amount.bookyear for amount in changed.rows} - listed):
            await self.session.store.note(
                [
                    f"Octopus has totals for bookyear {number}, which its list of bookyears leaves out"
                    for number in unlisted
                ]
            )

    async def _read(self, chunk: Chunk, since: datetime | None, progress: float) -> Published:
        async def fill(stage: LedgerStage, deleted: list[BookingKey]) -> int:
            return await self._stage(stage, chunk, since, deleted)

        return await self._publish(chunk, progress, fill)

    async def _publish(
        self, chunk: Chunk, progress: float, fill: Callable[[LedgerStage, list[BookingKey]], Awaitable[int]]
    ) -> Published:
        """``fill`` stages the lines, notes the deleted bookings, and says how many lines were fetched."""
        deleted: list[BookingKey] = []
        before = self.session.run
        async with self.session.store.stage() as stage:
            fetched = await fill(stage, deleted)
            if chunk == EVERYTHING:
                published = await stage.publish_changes(deleted, before)
            else:
                published = await stage.publish_chunk(chunk, before)
            published = replace(published, counts=replace(published.counts, fetched=fetched))
            run = before.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, published.counts)
            run = run.advanced(progress)
            cancel = await stage.commit(run)
        self.session.became(run)
        await self._report(chunk, published)
        if cancel:
            raise CancellationRequested
        return published

    async def _report(self, chunk: Chunk, published: Published) -> None:
        notes = []
        if published.dropped_duplicates:
            notes.append(f"{published.dropped_duplicates} repeated lines {_of(chunk)} were left out")
        if published.strays:
            notes.append(
                f"{published.strays} lines of other bookyears or journal types, sent as lines {_of(chunk)},"
                " were left out"
            )
        if notes:
            await self.session.store.note(notes)

    async def _stage(self, stage: LedgerStage, chunk: Chunk, since: datetime | None, deleted: list[BookingKey]) -> int:
        fetched = batches = 0
        before = self.session.run
        async with self._answer(chunk, since) as answer:
            async for batch in answer:
                await stage.add(batch.lines)
                await self.session.report(batch.odd)
                deleted += batch.deleted
                fetched += batch.fetched
                batches += 1
                if batches % BATCHES_BETWEEN_SAVES == 0:
                    counts = Counts(fetched=fetched)
                    await self.session.store.save(
                        before.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, counts)
                    )
        return fetched

    def _answer(
        self, chunk: Chunk, since: datetime | None
    ) -> AbstractAsyncContextManager[AsyncGenerator[LedgerBatch, None]]:
        """Closed at once where its reading is given up: Octopus takes the next question only then."""
        return aclosing(self.dossier.ledger(self.bookyears, chunk.bookyear, chunk.journal_type, since))


def _of(chunk: Chunk) -> str:
    return "of changed bookings" if chunk == EVERYTHING else f"of bookyear {chunk.bookyear}, type {chunk.journal_type}"
