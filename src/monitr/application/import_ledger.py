"""The general ledger: chunk by chunk for a first or full import, by its changes afterwards (DESIGN, decision 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitr.application.import_session import CancellationRequested, ImportSession
from monitr.application.import_store import Chunk, LedgerStage, Published
from monitr.application.octopus import AccountAmount, OpenDossier, QuotaSpent
from monitr.domain.bookyear import Bookyear
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus
from monitr.domain.ledger import FIRST_LOAD_TYPES, BookingKey, JournalType

PROGRESS_BEFORE, PROGRESS_AFTER = 0.05, 0.9
"""The share of a run that comes before the ledger, and where the ledger is in."""

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
                await self._read(chunk, None, PROGRESS_BEFORE + share * (PROGRESS_AFTER - PROGRESS_BEFORE))
        await self._read_amounts(None)

    async def _read_changes(self) -> None:
        published = await self._read(
            Chunk(int(JournalType.ALL), int(JournalType.ALL)), self.session.since, PROGRESS_AFTER
        )
        known = await self.session.store.checkpoints()
        for chunk in dict.fromkeys(Chunk(key.bookyear, key.journal_type) for key in published.unbalanced):
            if chunk not in known:  # the answer did not hold all lines of a changed booking
                await self.read_chunk(chunk)
        await self._read_amounts(self.session.since)

    async def read_chunk(self, chunk: Chunk) -> Published:
        """All of one bookyear × journal type, as a first load has to (api.md 2.10)."""
        return await self._read(chunk, None, PROGRESS_AFTER)

    async def _read_amounts(self, since: datetime | None) -> None:
        """Octopus's own totals. Without quota verification goes without."""
        try:
            changed = await self.dossier.changed_account_amounts(since)
        except QuotaSpent:
            return
        await self.session.report(changed.odd)
        if since is None and changed.rows:
            await self.session.store.replace(AccountAmount, changed.rows)
        else:
            await self.session.store.merge(AccountAmount, changed.rows, changed.deleted)

    async def read_special_types_of_all(self) -> None:
        """Types outside 1 to 4 of all bookyears, from one answer that holds everything (api.md 8.1): a last resort."""
        for bookyear in reversed(self.bookyears):
            try:
                await self._read(Chunk(bookyear.number, int(JournalType.ALL)), None, PROGRESS_AFTER, everything=True)
            except QuotaSpent:
                return

    async def _read(
        self, chunk: Chunk, since: datetime | None, progress: float, *, everything: bool = False
    ) -> Published:
        deleted: list[BookingKey] = []
        before = self.session.run
        async with self.session.store.stage() as stage:
            asked = Chunk(int(JournalType.ALL), int(JournalType.ALL)) if everything else chunk
            fetched = await self._stage(stage, asked, since, deleted)
            whole = chunk.bookyear != JournalType.ALL
            arrived = before.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, Counts(fetched=fetched))
            published = (
                await stage.publish_chunk(chunk, arrived) if whole else await stage.publish_changes(deleted, arrived)
            )
            run = arrived.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, published.counts).advanced(
                progress
            )
            cancel = await stage.commit(run)
        self.session.run = run
        if published.dropped_duplicates:
            await self.session.store.note(
                [f"{published.dropped_duplicates} repeated lines of bookyear {chunk.bookyear} were left out"]
            )
        if cancel:
            raise CancellationRequested
        return published

    async def _stage(self, stage: LedgerStage, chunk: Chunk, since: datetime | None, deleted: list[BookingKey]) -> int:
        fetched = 0
        before = self.session.run
        batches = 0
        async for batch in self.dossier.ledger(self.bookyears, chunk.bookyear, chunk.journal_type, since):
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
