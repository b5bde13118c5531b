"""Outstanding items, which are renewed whole at every import. They come last, so that they are not older than the lines
behind them, but they arrive while the ledger is held against Octopus's totals."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from monitr.application.importing.absence import items_gone
from monitr.application.importing.matchings import read_matchings
from monitr.application.importing.ports import ItemStage
from monitr.application.importing.session import ImportSession
from monitr.application.importing.task_group import Tasks, together
from monitr.application.octopus import AnswerBrokeOff, OpenDossier
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.control_accounts import ControlTotal
from monitr.domain.accounting.ledger import OddRecord
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.brussels import brussels_day
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus, ImportTrigger


@asynccontextmanager
async def open_items_ahead(
    session: ImportSession, dossier: OpenDossier, bookyears: Sequence[Bookyear]
) -> AsyncIterator["OpenItems"]:
    """They are asked for now. What is not published when the context is left is forgotten."""
    async with AsyncExitStack() as staged, together() as tasks:
        items = OpenItems(session, dossier, bookyears, tasks, staged)
        if bookyears and not session.has_read(Dataset.OUTSTANDING_ITEMS):
            await session.dataset(Dataset.OUTSTANDING_ITEMS, DatasetImportStatus.RUNNING)
            items.are_matched = await read_matchings(session, dossier)
            items.ask()
        yield items
        await items.forget()


class Nothing(Enum):
    """How Octopus says that nothing is outstanding."""

    SAID = "a document with no items in it"
    SILENT = "no document"


@dataclass(frozen=True, slots=True)
class _Arrived:
    """All of one type, not published."""

    type: OutstandingItemType
    stage: ItemStage
    odd: list[OddRecord]
    nothing: Nothing | None


@dataclass(slots=True)
class OpenItems:
    """``staged`` holds the stages of what has arrived; ``arriving`` gives them, or what kept the items from arriving,
    which ends nothing else before they are needed."""

    session: ImportSession
    dossier: OpenDossier
    bookyears: Sequence[Bookyear]
    tasks: Tasks
    staged: AsyncExitStack
    arriving: list[asyncio.Task[_Arrived | Exception]] = field(default_factory=list)
    totals: dict[OutstandingItemType, asyncio.Task[ControlTotal | None]] = field(default_factory=dict)
    """Of what was published."""
    are_matched: bool = False
    """The matchings were read before them."""
    lines_before: int = 0
    """How many lines of the ledger had been fetched when the items were asked for."""

    def ask(self) -> None:
        self.lines_before = self._lines_fetched
        self.arriving = [self.tasks.begin(self._arrive(type)) for type in OutstandingItemType]

    async def renew(self, closing: Mapping[int, Decimal]) -> None:
        """Where lines were read again since the items were asked for, they are asked for again. ``closing``: the
        balances per account that the ledger ends with. Raises Contradiction."""
        if self.arriving and self.lines_before != self._lines_fetched:
            await self.forget()
            self.ask()
        await self.session.read_unless_spent(Dataset.OUTSTANDING_ITEMS, lambda: self._publish(closing))

    async def judge_matchings(self) -> None:
        """By the items, where they are as new as the matchings."""
        if not self.are_matched or Dataset.OUTSTANDING_ITEMS not in self.session.read:
            return
        totals = await self.control_totals()
        is_deep = self.session.run.trigger is ImportTrigger.DEEP_READ
        await self.session.store.matchings.judge(
            {total.type: total.accounts for total in totals},
            [bookyear.number for bookyear in self.bookyears],
            brussels_day(self.session.clock()),
            is_whole=self.session.is_full or is_deep,
        )

    async def forget(self) -> None:
        """Those that are not published."""
        for task in self.arriving:
            task.cancel()
        if self.arriving:
            await asyncio.wait(self.arriving)
        with suppress(Exception):  # of what nobody wants any more
            await self.staged.aclose()

    async def control_totals(self) -> list[ControlTotal]:
        """Of all items as they are stored now."""
        for type in OutstandingItemType:
            self._add_up(type)
        totals = [await self.totals[type] for type in OutstandingItemType]
        return [total for total in totals if total is not None]

    async def _publish(self, closing: Mapping[int, Decimal]) -> Counts:
        """Those of one type are published, and added up, while those of the other arrive."""
        counts = Counts()
        for task in asyncio.as_completed(self.arriving):
            match await task:
                case Exception() as error:
                    raise error
                case arrived:
                    await self.session.report(arrived.odd)
                    await self._believe(arrived, closing)
                    counts += await arrived.stage.publish(brussels_day(self.session.clock()))
                    self._add_up(arrived.type)
        return counts

    async def _believe(self, arrived: _Arrived, closing: Mapping[int, Decimal]) -> None:
        """Nothing is outstanding any more where the accounts behind the items that were are settled. Where these never
        told the items, a document is believed, and silence is not."""
        if arrived.nothing is None:
            return
        before = {type: await self.session.store.open_items.control_total(type) for type in OutstandingItemType}
        if (total := before.pop(arrived.type)) is None:
            return
        [other] = before.values()
        if not total.accounts or not self.session.items_agreed:
            if arrived.nothing is Nothing.SAID:
                return
        elif sum((closing.get(account, ZERO) for account in total.accounts), ZERO) == _shared(total, other):
            return
        raise items_gone(arrived.type)

    def _add_up(self, type: OutstandingItemType) -> None:
        if type not in self.totals:
            self.totals[type] = self.tasks.begin(self.session.store.open_items.control_total(type))

    async def _arrive(self, type: OutstandingItemType) -> _Arrived | Exception:
        try:
            return await self.session.patiently(lambda: self._arrive_once(type), AnswerBrokeOff)
        except Exception as error:
            return error

    async def _arrive_once(self, type: OutstandingItemType) -> _Arrived:
        odd: list[OddRecord] = []
        nothing: Nothing | None = Nothing.SAID
        async with AsyncExitStack() as attempt:
            stage = await attempt.enter_async_context(self.session.store.open_items.stage(type))
            async with aclosing(self.dossier.open_items(type, self.bookyears)) as arriving:
                async for listed in arriving:
                    await stage.add(listed.rows)
                    odd += listed.odd
                    if listed.is_silent:
                        nothing = Nothing.SILENT
                    elif listed.rows or listed.odd:
                        nothing = None
            self.staged.push_async_exit(attempt.pop_all())
        return _Arrived(type, stage, odd, nothing)

    @property
    def _lines_fetched(self) -> int:
        progress = self.session.run.datasets.get(Dataset.GENERAL_LEDGER)
        return 0 if progress is None else progress.counts.fetched


def _shared(total: ControlTotal, other: ControlTotal | None) -> Decimal:
    """What the accounts hold of the other type."""
    return other.balance if other is not None and total.accounts & other.accounts else ZERO
