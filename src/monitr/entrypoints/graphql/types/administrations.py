"""An administration: its state on the card, and everything that was imported for it."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Self

import strawberry

from monitr.application.reading.cards import DatasetState
from monitr.application.reading.reading import Reading
from monitr.domain import administration, import_run
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.administration import AdministrationStatus
from monitr.domain.import_run import Dataset
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info, Services
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.paging import (
    Connection,
    CountedConnection,
    books_span,
    given,
    selects,
)
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.execution.slices import Slices
from monitr.entrypoints.graphql.types import filters
from monitr.entrypoints.graphql.types.enums import DatasetStatus
from monitr.entrypoints.graphql.types.filters import FromDay
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
    dataset: Dataset
    status: DatasetStatus
    rows: int
    last_successful_at: datetime | None
    is_stale: bool

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


@strawberry.type(description="One dossier of Octopus, selected here.")
class Administration(StatementFields):
    row: strawberry.Private[administration.Administration]
    id: strawberry.ID
    dossier_number: int
    name: str
    vat_number: str | None
    status: AdministrationStatus

    @classmethod
    def of(cls, row: administration.Administration) -> Self:
        return shown(cls, row, row=row, dossier_number=row.dossier)

    @described("The run that was queued last, in whatever state.")
    async def last_import(self, info: Info) -> ImportRun | None:
        run = await self._last_run(info)
        return ImportRun.of(run) if run else None

    @strawberry.field
    def last_successful_import_at(self) -> datetime | None:
        return self.row.last_successful_import_at

    @described("When a waiting run goes on, else when the schedule imports it next.")
    async def next_import_at(self, info: Info) -> datetime | None:
        last = await self._last_run(info)
        integration = await info.context.loaders.integrations.load(self.row.integration_id)
        services = info.context.services
        scheduled, now = services.next_scheduled_import(self.row), services.clock()
        return await info.context.reading.next_import(self.row, integration, last, scheduled, now)

    @strawberry.field
    async def freshness(self, info: Info) -> Freshness:
        return await Freshness.load(info, self.row.id)

    @strawberry.field
    async def datasets(self, info: Info) -> list[AdministrationDataset]:
        states = await info.context.loaders.dataset_states.load(self.row.id)
        return [AdministrationDataset.of(info.context.services, state) for state in states]

    @described("Newest first.")
    async def imports(
        self, info: Info, first: int | None = 20, after: str | None = strawberry.UNSET
    ) -> Connection[ImportRun]:
        info.context.reading.expect(Reading.imports, self.row.id)
        question = partial(info.context.reading.imports, self.row.id)
        return await Connection[ImportRun].ask(question, ImportRun.of, first, after, 20)

    @described("What has happened to it, newest first: what, when, who or what caused it, why.")
    async def timeline(
        self, info: Info, first: int | None = 50, after: str | None = strawberry.UNSET
    ) -> Connection[TimelineEvent]:
        info.context.reading.expect(Reading.timeline_of_administration, self.row.id)
        question = partial(info.context.reading.timeline_of_administration, self.row.id)
        return await Connection[TimelineEvent].ask(question, TimelineEvent.of, first, after, 50)

    @described("Oldest first.")
    async def bookyears(self, info: Info) -> list[Bookyear]:
        return [Bookyear.of(row) for row in await info.context.reading.bookyears(self.row.id)]

    @strawberry.field
    async def journals(self, info: Info) -> list[Journal]:
        return [shown(Journal, row) for row in await info.context.reading.journals(self.row.id)]

    @strawberry.field
    async def accounts(self, info: Info) -> list[Account]:
        return [Account.of(row) for row in await info.context.reading.accounts(self.row.id)]

    @described("Octopus has one: the cost centres.")
    async def dimensions(self, info: Info) -> list[Dimension]:
        rows = await info.context.reading.dimensions(self.row.id)
        return [shown(Dimension, row, administration_id=self.row.id) for row in rows]

    @strawberry.field
    async def relations(
        self, info: Info, first: int | None = 100, after: str | None = strawberry.UNSET
    ) -> CountedConnection[Relation]:
        info.context.reading.expect(Reading.relations, self.row.id)
        question = partial(info.context.reading.relations, self.row.id)
        return await CountedConnection[Relation].ask(question, Relation.of, first, after, 100)

    @described("Newest effective date first.")
    async def transactions(
        self,
        info: Info,
        filter: filters.TransactionFilter | None = strawberry.UNSET,
        first: int | None = 100,
        after: str | None = strawberry.UNSET,
    ) -> CountedConnection[Transaction]:
        info.context.reading.expect(Reading.transactions, self.row.id)
        conditions, count = filters.transaction_filter(filter), selects(info, "totalCount")
        question = partial(info.context.reading.transactions, self.row.id, conditions, count=count)
        node = partial(Transaction.of, self.row.id)
        return await CountedConnection[Transaction].ask(question, node, first, after, 100)

    @strawberry.field
    async def booking(self, info: Info, code: str) -> Booking | None:
        return await Booking.load(info, self.row.id, code)

    @strawberry.field
    async def trial_balance(
        self, info: Info, from_: FromDay, to: date, dimension: filters.DimensionFilter | None = strawberry.UNSET
    ) -> TrialBalance:
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
        to: date,
        account_classes: list[int] | None = strawberry.UNSET,
        by_dimension: str | None = strawberry.UNSET,
    ) -> list[MonthlyBalance]:
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
        type: OutstandingItemType,
        as_of: date | None = strawberry.UNSET,
        bucket_days: list[int] | None = DEFAULT_BUCKETS,
    ) -> OutstandingItems:
        info.context.reading.expect(Reading.ageing, self.row.id, type)
        bounds: Sequence[int] = DEFAULT_BUCKETS if bucket_days is None else bucket_days
        if len(bounds) > MOST_BUCKETS:
            raise BadUserInput("bucketDays", Sentence.of("input.TOO_MANY_ENTRIES", most=MOST_BUCKETS))
        try:
            buckets = await info.context.reading.ageing(self.row.id, type, bounds)
        except ValueError:
            given_bounds = ", ".join(map(str, bounds))
            raise BadUserInput("bucketDays", Sentence.of("input.BUCKETS_NOT_RISING", values=given_bounds)) from None
        day = given(as_of) or info.context.today()
        return OutstandingItems(as_of=day, administration_id=self.row.id, type=type, buckets_wanted=buckets)

    @strawberry.field
    async def fixed_assets(self, info: Info, as_of: date | None = strawberry.UNSET) -> FixedAssets:
        origin = await info.context.reading.asset_origin(self.row.id)
        return FixedAssets(as_of=given(as_of) or info.context.today(), administration_id=self.row.id, origin=origin)

    async def _last_run(self, info: Info) -> import_run.ImportRun | None:
        return await info.context.loaders.last_imports.load(self.row.id)
