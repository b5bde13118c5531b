"""An administration: its state on the card, and everything that was imported for it."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated, Self

import strawberry

from monitr.application.reading.cards import DatasetState
from monitr.application.reading.reading import Reading
from monitr.domain import administration, import_run
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.administration import AdministrationStatus
from monitr.domain.import_run import Dataset
from monitr.entrypoints.graphql.execution.context import Info, Services
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.paging import (
    After,
    Connection,
    CountedConnection,
    First,
    books_span,
    given,
    selects,
)
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.execution.slices import Slices
from monitr.entrypoints.graphql.types import filters
from monitr.entrypoints.graphql.types.enums import DatasetStatus
from monitr.entrypoints.graphql.types.filters import FromDay, ToDay
from monitr.entrypoints.graphql.types.fixed_assets import FixedAssets
from monitr.entrypoints.graphql.types.freshness import Freshness
from monitr.entrypoints.graphql.types.imports import ImportRun
from monitr.entrypoints.graphql.types.ledger import Booking, Transaction
from monitr.entrypoints.graphql.types.master_data import Account, Bookyear, Dimension, Journal, Relation
from monitr.entrypoints.graphql.types.outstanding_items import OutstandingItems
from monitr.entrypoints.graphql.types.reports import MonthlyBalance, TrialBalance
from monitr.entrypoints.graphql.types.statements import StatementFields
from monitr.entrypoints.graphql.types.timeline import TimelineEvent

DEFAULT_BUCKETS = [30, 60, 90]
MOST_BUCKETS = 20


@strawberry.type
class AdministrationDataset:
    """How fresh one dataset of an administration is."""

    dataset: Dataset
    """Which dataset."""
    status: DatasetStatus
    """How its last reading went."""
    rows: int
    """How many rows of it are here."""
    last_successful_at: datetime | None
    """When it was read last (UTC); null: never."""
    is_stale: bool
    """Whether that is longer ago than two scheduled imports; false where there is no schedule."""

    @classmethod
    def of(cls, services: Services, state: DatasetState) -> Self:
        read_at, limit = state.last_successful_at, services.stale_after
        is_stale = read_at is not None and limit is not None and services.clock() - read_at > limit
        return shown(cls, state, status=_dataset_status(state, is_stale=is_stale), is_stale=is_stale)


def _dataset_status(state: DatasetState, *, is_stale: bool) -> DatasetStatus:
    if state.failed:
        return DatasetStatus.FAILED
    if state.last_successful_at is None:
        return DatasetStatus.NEVER
    return DatasetStatus.STALE if is_stale else DatasetStatus.FRESH


@strawberry.type
class Administration(StatementFields):
    """One dossier of Octopus, selected here."""

    row: strawberry.Private[administration.Administration]
    id: strawberry.ID
    """Opaque; stays through moves to another integration, removal and restoring."""
    dossier_number: int
    """Octopus's number of the dossier."""
    name: str
    """What Octopus calls the dossier."""
    vat_number: str | None
    """Without dots and spaces: `BE0352633701`; null: none, or the caller may only see names."""
    status: AdministrationStatus
    """What Octopus says of the dossier."""

    @classmethod
    def of(cls, row: administration.Administration) -> Self:
        return shown(cls, row, row=row, dossier_number=row.dossier)

    @strawberry.field
    async def last_import(self, info: Info) -> ImportRun | None:
        """The run that was queued last, in whatever state; null: there was none."""
        run = await self._last_run(info)
        return ImportRun.of(run) if run else None

    @strawberry.field
    def last_successful_import_at(self) -> datetime | None:
        """When a run succeeded last (UTC); null: none has."""
        return self.row.last_successful_import_at

    @strawberry.field
    async def next_import_at(self, info: Info) -> datetime | None:
        """When a waiting run goes on, else when the schedule imports it next (UTC); null: neither."""
        last = await self._last_run(info)
        integration = await info.context.loaders.integrations.load(self.row.integration_id)
        services = info.context.services
        scheduled, now = services.next_scheduled_import(self.row), services.clock()
        return await info.context.reading.next_import(self.row, integration, last, scheduled, now)

    @strawberry.field
    async def freshness(self, info: Info) -> Freshness:
        """How far its figures can be trusted."""
        return await Freshness.load(info, self.row.id)

    @strawberry.field
    async def datasets(self, info: Info) -> list[AdministrationDataset]:
        """How fresh each of its eight datasets is."""
        states = await info.context.loaders.dataset_states.load(self.row.id)
        return [AdministrationDataset.of(info.context.services, state) for state in states]

    @strawberry.field
    async def imports(self, info: Info, first: First = 20, after: After = strawberry.UNSET) -> Connection[ImportRun]:
        """The runs of its imports, newest first."""
        info.context.reading.expect(Reading.imports, self.row.id)
        question = partial(info.context.reading.imports, self.row.id)
        return await Connection[ImportRun].ask(question, ImportRun.of, first, after, 20)

    @strawberry.field
    async def timeline(
        self, info: Info, first: First = 50, after: After = strawberry.UNSET
    ) -> Connection[TimelineEvent]:
        """What has happened to it, newest first: what, when, who or what caused it, why."""
        info.context.reading.expect(Reading.timeline_of_administration, self.row.id)
        question = partial(info.context.reading.timeline_of_administration, self.row.id)
        return await Connection[TimelineEvent].ask(question, TimelineEvent.of, first, after, 50)

    @strawberry.field
    async def bookyears(self, info: Info) -> list[Bookyear]:
        """Its bookyears, oldest first."""
        return [Bookyear.of(row) for row in await info.context.reading.bookyears(self.row.id)]

    @strawberry.field
    async def journals(self, info: Info) -> list[Journal]:
        """The journals of all bookyears, by bookyear and key."""
        return [shown(Journal, row) for row in await info.context.reading.journals(self.row.id)]

    @strawberry.field
    async def accounts(self, info: Info) -> list[Account]:
        """The chart of accounts of all bookyears, by number, each number once."""
        return [Account.of(row) for row in await info.context.reading.accounts(self.row.id)]

    @strawberry.field
    async def dimensions(self, info: Info) -> list[Dimension]:
        """What lines can be broken down by. Octopus has one: the cost centres."""
        rows = await info.context.reading.dimensions(self.row.id)
        return [shown(Dimension, row, administration_id=self.row.id) for row in rows]

    @strawberry.field
    async def relations(
        self, info: Info, first: First = 100, after: After = strawberry.UNSET
    ) -> CountedConnection[Relation]:
        """Clients and suppliers, by number."""
        info.context.reading.expect(Reading.relations, self.row.id)
        question = partial(info.context.reading.relations, self.row.id)
        return await CountedConnection[Relation].ask(question, Relation.of, first, after, 100)

    @strawberry.field
    async def transactions(
        self,
        info: Info,
        filter: filters.TransactionFilter | None = strawberry.UNSET,
        first: First = 100,
        after: After = strawberry.UNSET,
    ) -> CountedConnection[Transaction]:
        """Ledger lines, newest effective date first."""
        info.context.reading.expect(Reading.transactions, self.row.id)
        conditions, count = filters.transaction_filter(filter), selects(info, "totalCount")
        question = partial(info.context.reading.transactions, self.row.id, conditions, count=count)
        node = partial(Transaction.of, self.row.id)
        return await CountedConnection[Transaction].ask(question, node, first, after, 100)

    @strawberry.field
    async def booking(
        self, info: Info, code: Annotated[str, strawberry.argument(description="The `bookingCode` of a line.")]
    ) -> Booking | None:
        """One document with all its lines; null: there is none of that code."""
        return await Booking.load(info, self.row.id, code)

    @strawberry.field
    async def trial_balance(
        self, info: Info, from_: FromDay, to: ToDay, dimension: filters.DimensionFilter | None = strawberry.UNSET
    ) -> TrialBalance:
        """Opening, movements and closing of each account over a span of days."""
        info.context.reading.expect(Reading.trial_balance, self.row.id)
        first_day, last_day = books_span(from_, to)
        narrowed = filters.dimension_filter(dimension, "dimension")
        balance = await info.context.reading.trial_balance(self.row.id, first_day, last_day, narrowed)
        return TrialBalance.of(self.row.id, balance)

    @strawberry.field
    async def monthly_balances(
        self,
        info: Info,
        from_: FromDay,
        to: ToDay,
        account_classes: Annotated[
            list[int] | None, strawberry.argument(description="0 to 9, any of them; null: all.")
        ] = strawberry.UNSET,
        by_dimension: Annotated[
            str | None, strawberry.argument(description="`COST_CENTRE`: one row for each value; null: not broken down.")
        ] = strawberry.UNSET,
    ) -> list[MonthlyBalance]:
        """Month by month, oldest first, and by account: what the profit and loss account and the balance sheet are
        drawn from. 600 months and 50,000 rows at most."""
        info.context.reading.expect(Reading.monthly_balances, self.row.id)
        first_day, last_day = filters.months_span(from_, to)
        classes = filters.account_classes(account_classes, "accountClasses")
        dimension = given(by_dimension)
        by_cost_centre = dimension is not None and bool(filters.dimension_key(dimension, "byDimension"))
        rows = await info.context.reading.monthly_balances(
            self.row.id, first_day, last_day, classes, by_cost_centre=by_cost_centre
        )
        return await Slices(info.context.turns).made(rows, partial(MonthlyBalance.of, self.row.id))

    @strawberry.field
    async def outstanding_items(
        self,
        info: Info,
        type: Annotated[OutstandingItemType, strawberry.argument(description="What clients owe, or what we owe.")],
        as_of: Annotated[
            date | None, strawberry.argument(description="The day at whose end; null: today in Brussels.")
        ] = strawberry.UNSET,
        bucket_days: Annotated[
            list[int] | None,
            strawberry.argument(
                description="Upper bounds of the buckets in days overdue, rising, 20 at most; null: 30, 60, 90."
            ),
        ] = DEFAULT_BUCKETS,
    ) -> OutstandingItems:
        """What is open at the end of a day, by age."""
        info.context.reading.expect(Reading.ageing, self.row.id, type)
        bounds: Sequence[int] = DEFAULT_BUCKETS if bucket_days is None else bucket_days
        if len(bounds) > MOST_BUCKETS:
            raise BadUserInput("bucketDays", f"it may hold {MOST_BUCKETS} bounds at most.")
        try:
            buckets = await info.context.reading.ageing(self.row.id, type, bounds)
        except ValueError as invalid:
            raise BadUserInput("bucketDays", f"{invalid}.") from None
        day = given(as_of) or info.context.today()
        return OutstandingItems(as_of=day, administration_id=self.row.id, type=type, buckets_wanted=buckets)

    @strawberry.field
    async def fixed_assets(
        self,
        info: Info,
        as_of: Annotated[
            date | None, strawberry.argument(description="The day at whose end; null: today in Brussels.")
        ] = strawberry.UNSET,
    ) -> FixedAssets:
        """The fixed assets at the end of a day."""
        origin = await info.context.reading.asset_origin(self.row.id)
        return FixedAssets(as_of=given(as_of) or info.context.today(), administration_id=self.row.id, origin=origin)

    async def _last_run(self, info: Info) -> import_run.ImportRun | None:
        return await info.context.loaders.last_imports.load(self.row.id)
