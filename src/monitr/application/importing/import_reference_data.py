"""Everything of a dossier but its ledger: bookyears, journals, accounts, cost centres, relations, open items.

A row goes where Octopus reports that it was deleted. That a list no longer holds it is no such report, since an answer
may be short (decision 7); only the open items are renewed whole at every import.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field

from monitr.application.importing.import_session import ImportSession
from monitr.application.importing.import_store import ControlTotal, ItemStage
from monitr.application.octopus import OctopusUnavailable, OpenDossier, QuotaSpent
from monitr.domain.accounting.account import Account, CostCentre, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.accounting.ledger import OddRecord
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.brussels import brussels_day
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus, ImportTrigger


@dataclass(frozen=True, slots=True)
class ImportReferenceData:
    """Bookyears are needed to go on, so their quota makes the run wait. The others keep their last state where
    Octopus's daily maximum is spent (dataset SKIPPED), and the run goes on (decision 8)."""

    session: ImportSession
    dossier: OpenDossier

    async def before_the_ledger(self) -> list[Bookyear]:
        """Oldest first."""
        bookyears = await self._bookyears()
        await self._read(Dataset.JOURNALS, lambda: self._journals(bookyears))
        await self._read(Dataset.ACCOUNTS, lambda: self._accounts(bookyears))
        if self._cost_centres_can_wait():
            await self.session.dataset(Dataset.DIMENSIONS, DatasetImportStatus.SKIPPED)
        else:
            await self._read(Dataset.DIMENSIONS, self._cost_centres)
        await self._read(Dataset.RELATIONS, self._relations)
        return bookyears

    @asynccontextmanager
    async def open_items_ahead(self, bookyears: Sequence[Bookyear]) -> AsyncIterator["OpenItems"]:
        """They arrive while the ledger, which is in, is held against Octopus's totals."""
        items = OpenItems({}, self._lines_fetched)
        if bookyears and not self.session.has_read(Dataset.OUTSTANDING_ITEMS):
            items = OpenItems(self._ask_for_open_items(bookyears), self._lines_fetched)
        try:
            yield items
        finally:
            await items.forget()

    async def after_the_ledger(self, bookyears: Sequence[Bookyear], ahead: "OpenItems") -> None:
        """The open items come last, so that they are not older than the lines behind them: where lines were read again
        since they were asked for, they are asked for again."""
        if ahead.tasks and ahead.lines_before != self._lines_fetched:
            await ahead.forget()
            ahead.tasks.update(self._ask_for_open_items(bookyears))
        await self._read(Dataset.OUTSTANDING_ITEMS, lambda: self._open_items(ahead))

    async def control_totals(self, items: "OpenItems") -> list[ControlTotal]:
        """Of all items as they are stored now."""
        missing = [type for type in OutstandingItemType if type not in items.totals]
        items.totals.update({type: asyncio.create_task(self.session.store.control_total(type)) for type in missing})
        totals = await asyncio.gather(*(items.totals[type] for type in OutstandingItemType))
        return [total for total in totals if total is not None]

    @property
    def _lines_fetched(self) -> int:
        progress = self.session.run.datasets.get(Dataset.GENERAL_LEDGER)
        return 0 if progress is None else progress.counts.fetched

    async def _read(self, dataset: Dataset, read: Callable[[], Awaitable[Counts]]) -> None:
        if self.session.has_read(dataset):
            return
        await self.session.dataset(dataset, DatasetImportStatus.RUNNING)
        try:
            counts = await read()
        except QuotaSpent:
            await self.session.dataset(dataset, DatasetImportStatus.SKIPPED)
        else:
            await self.session.dataset(dataset, DatasetImportStatus.SUCCEEDED, counts)

    def _cost_centres_can_wait(self) -> bool:
        """There are two calls a day and no changes to ask for: the schedule takes one and leaves one to Sync now."""
        read_at = self.session.read_before.get(Dataset.DIMENSIONS)
        scheduled = self.session.run.trigger is ImportTrigger.SCHEDULE
        return scheduled and read_at is not None and brussels_day(read_at) == brussels_day(self.session.clock())

    async def _bookyears(self) -> list[Bookyear]:
        if self.session.has_read(Dataset.BOOKYEARS):
            return await self.session.store.bookyears()
        await self.session.dataset(Dataset.BOOKYEARS, DatasetImportStatus.RUNNING)
        listed = await self.dossier.bookyears()
        await self.session.report(listed.odd)
        counts = await self.session.store.merge(Bookyear, listed.rows, [])
        await self.session.dataset(Dataset.BOOKYEARS, DatasetImportStatus.SUCCEEDED, counts)
        return await self.session.store.bookyears()

    async def _journals(self, bookyears: Sequence[Bookyear]) -> Counts:
        """Newest bookyear first: what is booked in today is read before a daily maximum is reached. Afterwards those
        of the open bookyears: nobody adds a journal to a closed one."""
        counts = Counts()
        first_time = Dataset.JOURNALS not in self.session.read_before
        for bookyear in [year for year in reversed(bookyears) if first_time or self.session.is_full or not year.closed]:
            listed = await self.dossier.journals(bookyear.number)
            await self.session.report(listed.odd)
            counts += await self.session.store.merge(Journal, listed.rows, [])
        return counts

    async def _accounts(self, bookyears: Sequence[Bookyear]) -> Counts:
        """By the changes, 48 a day; the charts themselves may be read twice a day only (octopus.md 2.4, 2.5)."""
        since = self.session.since_of(Dataset.ACCOUNTS)
        changed = await self.dossier.changed_accounts(since)
        await self.session.report(changed.odd)
        counts = await self.session.store.merge(Account, changed.rows, changed.deleted)
        return counts if since is not None else counts + await self._charts_left_out(bookyears, changed.rows)

    async def _charts_left_out(self, bookyears: Sequence[Bookyear], accounts: Sequence[Account]) -> Counts:
        """That a first reading of the changes holds all bookyears is INF: those that it left out are read by chart."""
        covered = {account.bookyear for account in accounts}
        counts = Counts()
        for bookyear in reversed([bookyear for bookyear in bookyears if bookyear.number not in covered]):
            listed = await self.dossier.accounts(bookyear.number)
            await self.session.report(listed.odd)
            counts += await self.session.store.merge(Account, listed.rows, [])
        return counts

    async def _cost_centres(self) -> Counts:
        listed = await self.dossier.cost_centres()
        await self.session.report(listed.odd)
        return await self.session.store.merge(CostCentre, listed.rows, [])

    async def _relations(self) -> Counts:
        since = self.session.since_of(Dataset.RELATIONS)
        changed = await self.dossier.changed_relations(since)
        await self.session.report(changed.odd)
        if changed.rows or since is not None:
            return await self.session.store.merge(Relation, changed.rows, changed.deleted)
        listed = await self.dossier.relations()
        await self.session.report(listed.odd)
        return await self.session.store.merge(Relation, listed.rows, [])

    def _ask_for_open_items(
        self, bookyears: Sequence[Bookyear]
    ) -> dict[OutstandingItemType, asyncio.Task["_ArrivedItems"]]:
        return {type: asyncio.create_task(self._arrive(type, bookyears)) for type in OutstandingItemType}

    async def _arrive(self, type: OutstandingItemType, bookyears: Sequence[Bookyear]) -> "_ArrivedItems":
        return await self.session.patiently(lambda: self._arrive_once(type, bookyears), OctopusUnavailable)

    async def _arrive_once(self, type: OutstandingItemType, bookyears: Sequence[Bookyear]) -> "_ArrivedItems":
        odd: list[OddRecord] = []
        async with AsyncExitStack() as stack:
            stage = await stack.enter_async_context(self.session.store.outstanding_items(type))
            async with aclosing(self.dossier.open_items(type, bookyears)) as arriving:
                async for listed in arriving:
                    await stage.add(listed.rows)
                    odd += listed.odd
            return _ArrivedItems(type, stage, odd, stack.pop_all())

    async def _open_items(self, ahead: "OpenItems") -> Counts:
        """Those of one type are published, and added up, while those of the other arrive."""
        counts = Counts()
        for task in asyncio.as_completed(ahead.tasks.values()):
            arrived = await task
            await self.session.report(arrived.odd)
            counts += await arrived.stage.publish()
            ahead.totals[arrived.type] = asyncio.create_task(self.session.store.control_total(arrived.type))
        return counts


@dataclass(frozen=True, slots=True)
class _ArrivedItems:
    """All of one type, not published. Leaving ``staged`` forgets what was not committed."""

    type: OutstandingItemType
    stage: ItemStage
    odd: list[OddRecord]
    staged: AsyncExitStack


@dataclass(frozen=True, slots=True)
class OpenItems:
    """On their way. ``lines_before``: how many lines of the ledger had been fetched when they were asked for."""

    tasks: dict[OutstandingItemType, asyncio.Task[_ArrivedItems]]
    lines_before: int
    totals: dict[OutstandingItemType, asyncio.Task[ControlTotal | None]] = field(default_factory=dict)
    """Of what was published."""

    async def forget(self) -> None:
        tasks: list[asyncio.Task[object]] = [*self.tasks.values(), *self.totals.values()]
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        arrived = [items.staged.aclose() for items in ended if isinstance(items, _ArrivedItems)]
        await asyncio.gather(*arrived, return_exceptions=True)  # nothing of them was wanted
        self.tasks.clear()
        self.totals.clear()
