"""What the lines of a dossier refer to: bookyears, journals, accounts, cost centres, relations.

A row goes where Octopus reports that it was deleted. That a list no longer holds it is no such report, since an answer
may be short (decision 7).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from monitr.application.importing.absence import Contradiction, bookyears_gone, no_bookyears, rows_gone
from monitr.application.importing.ports import Row
from monitr.application.importing.session import ImportSession
from monitr.application.octopus import Changed, Listed, OpenDossier, ReadRefused
from monitr.domain.accounting.account import Account, CostCentre, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.brussels import brussels_day
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus, ImportTrigger
from monitr.domain.words.sentence import Sentence


@dataclass(frozen=True, slots=True)
class ImportReferenceData:
    """Bookyears are needed to go on, so their quota makes the run wait. The others keep their last state where
    Octopus's daily maximum is spent (dataset SKIPPED), and the run goes on (decision 8)."""

    session: ImportSession
    dossier: OpenDossier

    async def __call__(self) -> list[Bookyear]:
        """Those that Octopus lists, oldest first: only they can be asked for."""
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
        last = self.session.read_before.get(Dataset.DIMENSIONS)
        scheduled = self.session.run.trigger in (ImportTrigger.SCHEDULE, ImportTrigger.DEEP_READ)
        return scheduled and last is not None and brussels_day(last.at) == brussels_day(self.session.clock())

    async def _bookyears(self) -> list[Bookyear]:
        """Read again by a run that is taken up again: the list may be another by now, and it decides."""
        await self.session.dataset(Dataset.BOOKYEARS, DatasetImportStatus.RUNNING)
        listed = await self.session.patiently(self._listed_bookyears, Contradiction)
        self.session.became(self.session.run.reading_up_to(self.dossier.octopus_time, self.session.clock()))
        await self.session.report(listed.odd)
        rows = await self._with_known_periods(listed.rows)
        counts = await self.session.store.reference.merge(Bookyear, rows, [])
        await self.session.dataset(Dataset.BOOKYEARS, DatasetImportStatus.SUCCEEDED, counts)
        stored = await self.session.store.reference.bookyears()
        readable = {bookyear.number for bookyear in listed.rows}
        unreadable = self._unreadable(listed, {bookyear.number for bookyear in stored} - readable)
        await self._note_unlisted(bookyear for bookyear in stored if bookyear.number not in readable | unreadable)
        return [bookyear for bookyear in stored if bookyear.number in readable | unreadable]

    async def _with_known_periods(self, rows: Sequence[Bookyear]) -> Sequence[Bookyear]:
        """A record that came without periods has lost them on its way: those of the same year that are stored stand.
        What is outstanding in a year can only be asked for by its periods."""
        if all(row.periods for row in rows):
            return rows
        known = {_span(stored): stored.periods for stored in await self.session.store.reference.bookyears()}
        return [replace(row, periods=row.periods or known.get(_span(row), ())) for row in rows]

    def _unreadable(self, listed: Listed[Bookyear], others: set[int]) -> set[int]:
        """Of the list, by number. A record without a readable number may be any of the ``others`` that are stored."""
        unreadable = listed.unreadable | (others if listed.nameless else set[int]())
        for number in unreadable:
            self.session.unread[number] = Sentence.of("note.BOOKYEAR_UNREADABLE", bookyear=number)
        for position, record in enumerate(listed.nameless):
            unread = Sentence.of("note.SOME_BOOKYEAR_UNREADABLE", problem=record.problem)
            self.session.unread[-position] = unread
        return unreadable

    async def _note_unlisted(self, bookyears: Iterable[Bookyear]) -> None:
        now = self.session.clock()
        newly = [replace(bookyear, unlisted_since=now) for bookyear in bookyears if bookyear.unlisted_since is None]
        await self.session.store.reference.merge(Bookyear, newly, [])

    async def _listed_bookyears(self) -> Listed[Bookyear]:
        listed = await self.dossier.bookyears()
        if not listed.rows and not listed.odd:
            if stored := await self.session.store.reference.bookyears():
                raise bookyears_gone(len(stored))
            if listed.is_silent:
                raise no_bookyears()
        return listed

    async def _journals(self, bookyears: Sequence[Bookyear]) -> Counts:
        """Newest bookyear first: what is booked in today is read before a daily maximum is reached. Afterwards those
        of the open bookyears: nobody adds a journal to a closed one."""
        counts, listed_any = Counts(), False
        first_time = Dataset.JOURNALS not in self.session.read_before
        asked = [year for year in reversed(bookyears) if first_time or self.session.is_full or not year.closed]
        for bookyear in asked:
            try:
                listed = await self.dossier.journals(bookyear.number)
            except ReadRefused as refused:
                self.session.unread[bookyear.number] = refused.said
                continue
            await self.session.report(listed.odd)
            listed_any = listed_any or bool(listed.rows)
            counts += await self.session.store.reference.merge(Journal, listed.rows, [])
        if asked and not listed_any:
            self.session.left_out.add(Dataset.JOURNALS)
        return counts

    async def _accounts(self, bookyears: Sequence[Bookyear]) -> Counts:
        """By the changes, 48 a day; the charts themselves may be read twice a day only (octopus.md 2.4, 2.5)."""
        since = self._since(Dataset.ACCOUNTS)
        changed = await self._heard(Dataset.ACCOUNTS, await self.dossier.changed_accounts(since))
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
        if not accounts and not counts.fetched:
            self.session.left_out.add(Dataset.ACCOUNTS)
        return counts

    async def _cost_centres(self) -> Counts:
        listed = await self.dossier.cost_centres()
        await self.session.report(listed.odd)
        if not listed.rows:
            self.session.left_out.add(Dataset.DIMENSIONS)
        return await self.session.store.reference.merge(CostCentre, listed.rows, [])

    async def _relations(self) -> Counts:
        since = self._since(Dataset.RELATIONS)
        changed = await self._heard(Dataset.RELATIONS, await self.dossier.changed_relations(since))
        if changed.rows or since is not None:
            return await self.session.store.reference.merge(Relation, changed.rows, changed.deleted)
        listed = await self.dossier.relations()
        await self.session.report(listed.odd)
        if not listed.rows:
            self.session.left_out.add(Dataset.RELATIONS)
        return await self.session.store.reference.merge(Relation, listed.rows, [])

    def _since(self, dataset: Dataset) -> datetime | None:
        """Everything at night: a row may come with an old time stamp, as a booking may (decision 19)."""
        is_deep = self.session.run.trigger is ImportTrigger.DEEP_READ
        return None if is_deep else self.session.since_of(dataset)

    async def _heard(self, dataset: Dataset, changed: Changed[Row]) -> Changed[Row]:
        if changed.is_silent:
            self.session.silent.add(dataset)
        await self.session.report(changed.odd)
        return changed


async def believe_lists(session: ImportSession) -> None:
    """Of the lists that came with nothing in them, once the ledger is in: it refers to none of their rows. Raises
    Contradiction; then they are read again, by this run or a later one."""
    for dataset in sorted(session.left_out):
        if await session.store.reference.are_booked_on(dataset):
            session.became(session.run.dataset(dataset, DatasetImportStatus.RUNNING))
            raise rows_gone(dataset)


def _span(bookyear: Bookyear) -> tuple[int, date, date]:
    return bookyear.number, bookyear.start, bookyear.end
