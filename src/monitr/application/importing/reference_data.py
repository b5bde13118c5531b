"""What the lines of a dossier refer to: bookyears, journals, accounts, cost centres, relations.

A row goes where Octopus reports that it was deleted. That a list no longer holds it is no such report, since an answer
may be short (decision 7).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from monitr.application.importing.session import ImportSession
from monitr.application.octopus import OpenDossier
from monitr.domain.accounting.account import Account, CostCentre, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.brussels import brussels_day
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus, ImportTrigger


@dataclass(frozen=True, slots=True)
class ImportReferenceData:
    """Bookyears are needed to go on, so their quota makes the run wait. The others keep their last state where
    Octopus's daily maximum is spent (dataset SKIPPED), and the run goes on (decision 8)."""

    session: ImportSession
    dossier: OpenDossier

    async def __call__(self) -> list[Bookyear]:
        """Oldest first."""
        bookyears = await self._bookyears()
        await self.session.read_unless_spent(Dataset.JOURNALS, lambda: self._journals(bookyears))
        await self.session.read_unless_spent(Dataset.ACCOUNTS, lambda: self._accounts(bookyears))
        if self._cost_centres_can_wait():
            await self.session.dataset(Dataset.DIMENSIONS, DatasetImportStatus.SKIPPED)
        else:
            await self.session.read_unless_spent(Dataset.DIMENSIONS, self._cost_centres)
        await self.session.read_unless_spent(Dataset.RELATIONS, self._relations)
        return bookyears

    def _cost_centres_can_wait(self) -> bool:
        """There are two calls a day and no changes to ask for: the schedule takes one and leaves one to Sync now."""
        read_at = self.session.read_before.get(Dataset.DIMENSIONS)
        scheduled = self.session.run.trigger is ImportTrigger.SCHEDULE
        return scheduled and read_at is not None and brussels_day(read_at) == brussels_day(self.session.clock())

    async def _bookyears(self) -> list[Bookyear]:
        if self.session.has_read(Dataset.BOOKYEARS):
            return await self.session.store.reference.bookyears()
        await self.session.dataset(Dataset.BOOKYEARS, DatasetImportStatus.RUNNING)
        listed = await self.dossier.bookyears()
        await self.session.report(listed.odd)
        counts = await self.session.store.reference.merge(Bookyear, listed.rows, [])
        await self.session.dataset(Dataset.BOOKYEARS, DatasetImportStatus.SUCCEEDED, counts)
        return await self.session.store.reference.bookyears()

    async def _journals(self, bookyears: Sequence[Bookyear]) -> Counts:
        """Newest bookyear first: what is booked in today is read before a daily maximum is reached. Afterwards those
        of the open bookyears: nobody adds a journal to a closed one."""
        counts = Counts()
        first_time = Dataset.JOURNALS not in self.session.read_before
        for bookyear in [year for year in reversed(bookyears) if first_time or self.session.is_full or not year.closed]:
            listed = await self.dossier.journals(bookyear.number)
            await self.session.report(listed.odd)
            counts += await self.session.store.reference.merge(Journal, listed.rows, [])
        return counts

    async def _accounts(self, bookyears: Sequence[Bookyear]) -> Counts:
        """By the changes, 48 a day; the charts themselves may be read twice a day only (octopus.md 2.4, 2.5)."""
        since = self.session.since_of(Dataset.ACCOUNTS)
        changed = await self.dossier.changed_accounts(since)
        await self.session.report(changed.odd)
        counts = await self.session.store.reference.merge(Account, changed.rows, changed.deleted)
        return counts if since is not None else counts + await self._charts_left_out(bookyears, changed.rows)

    async def _charts_left_out(self, bookyears: Sequence[Bookyear], accounts: Sequence[Account]) -> Counts:
        """That a first reading of the changes holds all bookyears is INF: those that it left out are read by chart."""
        covered = {account.bookyear for account in accounts}
        counts = Counts()
        for bookyear in reversed([bookyear for bookyear in bookyears if bookyear.number not in covered]):
            listed = await self.dossier.accounts(bookyear.number)
            await self.session.report(listed.odd)
            counts += await self.session.store.reference.merge(Account, listed.rows, [])
        return counts

    async def _cost_centres(self) -> Counts:
        listed = await self.dossier.cost_centres()
        await self.session.report(listed.odd)
        return await self.session.store.reference.merge(CostCentre, listed.rows, [])

    async def _relations(self) -> Counts:
        since = self.session.since_of(Dataset.RELATIONS)
        changed = await self.dossier.changed_relations(since)
        await self.session.report(changed.odd)
        if changed.rows or since is not None:
            return await self.session.store.reference.merge(Relation, changed.rows, changed.deleted)
        listed = await self.dossier.relations()
        await self.session.report(listed.odd)
        return await self.session.store.reference.merge(Relation, listed.rows, [])
