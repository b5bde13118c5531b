"""The Outstanding Items dashboard."""

import datetime as dt
from collections.abc import Awaitable
from decimal import Decimal
from functools import partial
from typing import Self, TypeVar

import strawberry

from monitr.application.reading import outstanding_items
from monitr.application.reading.outstanding_items import OutstandingItemRow, PastDateNotAvailable
from monitr.domain.accounting.outstanding_items import Bucket, OutstandingItemType
from monitr.domain.organisation import AdministrationId
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.paging import CountedConnection, page_size, within_books
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.freshness import Freshness
from monitr.entrypoints.graphql.types.ledger import opaque_id
from monitr.entrypoints.graphql.types.master_data import Relation

T = TypeVar("T")


@strawberry.type
class AgeingBucket:
    named: strawberry.Private[Sentence]
    label_code: str
    """NOT_DUE, DAYS, DAY, MORE_DAYS or OVERDUE; the days are `fromDays` and `toDays`."""
    from_days: int | None
    to_days: int | None
    count: int
    amount: Decimal

    @classmethod
    def of(cls, total: outstanding_items.BucketTotal) -> Self:
        label = total.bucket.label
        return shown(cls, total.bucket, named=label, label_code=label.code, count=total.count, amount=total.amount)

    @strawberry.field
    def label(self, info: Info) -> str:
        """In the reader's language."""
        return info.context.say(self.named)


@strawberry.type
class RelationTotal:
    row: strawberry.Private[outstanding_items.RelationTotal]
    administration_id: strawberry.Private[AdministrationId]
    amount: Decimal
    overdue: Decimal
    oldest_due_date: dt.date | None

    @strawberry.field
    async def relation(self, info: Info) -> Relation | None:
        return await Relation.load(info, self.administration_id, self.row.relation)


@strawberry.type(description="An open row: positive where the relation owes us (RECEIVABLE) or we owe it (PAYABLE).")
class OutstandingItem:
    id: strawberry.ID
    row: strawberry.Private[OutstandingItemRow]
    administration_id: strawberry.Private[AdministrationId]
    booking_code: str
    date: dt.date
    due_date: dt.date | None
    days_overdue: int
    amount: Decimal
    amount_outstanding: Decimal
    currency: str
    description: str | None
    reference: str | None

    @strawberry.field
    async def relation(self, info: Info) -> Relation | None:
        return await Relation.load(info, self.administration_id, self.row.relation)

    @classmethod
    def of(cls, administration: AdministrationId, type: OutstandingItemType, row: OutstandingItemRow) -> Self:
        id = opaque_id(administration, type.value, row.id)
        return shown(cls, row, id=id, row=row, administration_id=administration, date=row.document_date)


@strawberry.type
class OutstandingItems:
    """``buckets_wanted`` are the bounds asked for; each part is read only where it is selected."""

    as_of: dt.date
    administration_id: strawberry.Private[AdministrationId]
    type: strawberry.Private[OutstandingItemType]
    buckets_wanted: strawberry.Private[tuple[Bucket, ...]]

    @strawberry.field
    async def total(self, info: Info) -> Decimal:
        return (await self._summary(info)).total

    @strawberry.field
    async def overdue(self, info: Info) -> Decimal:
        return (await self._summary(info)).overdue

    @strawberry.field
    async def buckets(self, info: Info) -> list[AgeingBucket]:
        totals = (await self._summary(info)).buckets
        return [AgeingBucket.of(total) for total in totals]

    @described("Largest amount first.")
    async def by_relation(self, info: Info, first: int | None = 20) -> list[RelationTotal]:
        size = page_size(first, 20)
        rows = await _as_of_that_day(
            info.context.reading.outstanding_by_relation(self.administration_id, self.type, self._day, size)
        )
        return [shown(RelationTotal, row, row=row, administration_id=self.administration_id) for row in rows]

    @described("Oldest due date first.")
    async def items(
        self, info: Info, first: int | None = 100, after: str | None = strawberry.UNSET
    ) -> CountedConnection[OutstandingItem]:
        question = partial(info.context.reading.outstanding_items, self.administration_id, self.type, self._day)
        node = partial(OutstandingItem.of, self.administration_id, self.type)
        return await _as_of_that_day(CountedConnection[OutstandingItem].ask(question, node, first, after, 100))

    @strawberry.field
    async def freshness(self, info: Info) -> Freshness:
        return await Freshness.load(info, self.administration_id)

    @property
    def _day(self) -> dt.date:
        return within_books(self.as_of)

    async def _summary(self, info: Info) -> outstanding_items.OutstandingSummary:
        key = (self.administration_id, self.type, self._day, self.buckets_wanted)
        return await _as_of_that_day(info.context.loaders.outstanding_summaries.load(key))


async def _as_of_that_day(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except PastDateNotAvailable as missing:
        raise BadUserInput("asOf", Sentence.of("input.NO_PAST_DAY", earliest=missing.earliest)) from None
