"""The Outstanding Items dashboard."""

import datetime as dt
from collections.abc import Awaitable
from decimal import Decimal
from functools import partial
from typing import Annotated, Self, TypeVar

import strawberry

from monitr.application.reading import outstanding_items
from monitr.application.reading.outstanding_items import OutstandingItemRow, PastDateNotAvailable
from monitr.domain.accounting.outstanding_items import Bucket, OutstandingItemType
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.paging import After, CountedConnection, First, page_size, within_books
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.freshness import Freshness
from monitr.entrypoints.graphql.types.ledger import opaque_id
from monitr.entrypoints.graphql.types.master_data import Relation

T = TypeVar("T")


@strawberry.type
class AgeingBucket:
    """The open items of one age."""

    label: str
    """`not due`, `1-30`, `>90`."""
    from_days: int | None
    """Days overdue, included; null: without a lower bound."""
    to_days: int | None
    """Days overdue, included; null: without an upper bound."""
    count: int
    """How many items it has."""
    amount: Decimal
    """The sum of what is open of them."""


@strawberry.type
class RelationTotal:
    """What is open with one relation."""

    row: strawberry.Private[outstanding_items.RelationTotal]
    administration_id: strawberry.Private[AdministrationId]
    amount: Decimal
    """The sum of all its items."""
    overdue: Decimal
    """The sum of its items that are due before `asOf`."""
    oldest_due_date: dt.date | None
    """The earliest due date of its items; null: none has one."""

    @strawberry.field
    async def relation(self, info: Info) -> Relation | None:
        """The client or supplier; null: none."""
        return await Relation.load(info, self.administration_id, self.row.relation)


@strawberry.type
class OutstandingItem:
    """An open row of Octopus's report: an invoice, or, negative, a credit note, a prepayment or a payment that is not
    matched."""

    id: strawberry.ID
    """Opaque."""
    row: strawberry.Private[OutstandingItemRow]
    administration_id: strawberry.Private[AdministrationId]
    booking_code: str
    """Of the document, for `Administration.booking`."""
    date: dt.date
    """The document date."""
    due_date: dt.date | None
    """When it is to be paid; null: it is due on its date."""
    days_overdue: int
    """How many days before `asOf` it was due; 0 where it is not overdue."""
    amount: Decimal
    """Of the document, in the bookkeeping currency: positive where the relation owes us (RECEIVABLE) or we owe it
    (PAYABLE)."""
    amount_outstanding: Decimal
    """What is open of it, signed likewise."""
    currency: str
    """The document's, ISO 4217: `EUR`."""
    description: str | None
    """What the bookkeeper wrote; null: nothing."""
    reference: str | None
    """The document's reference; null: none."""

    @strawberry.field
    async def relation(self, info: Info) -> Relation | None:
        """The client or supplier; null: none."""
        return await Relation.load(info, self.administration_id, self.row.relation)

    @classmethod
    def of(cls, administration: AdministrationId, type: OutstandingItemType, row: OutstandingItemRow) -> Self:
        id = opaque_id(administration, type.value, row.id)
        return shown(cls, row, id=id, row=row, administration_id=administration, date=row.document_date)


@strawberry.type
class OutstandingItems:
    """What is open at the end of a day. Positive where relations owe us (RECEIVABLE) or we owe them (PAYABLE), in the
    bookkeeping currency."""

    as_of: dt.date
    """The day that was asked for."""
    administration_id: strawberry.Private[AdministrationId]
    type: strawberry.Private[OutstandingItemType]
    buckets_wanted: strawberry.Private[tuple[Bucket, ...]]

    @strawberry.field
    async def total(self, info: Info) -> Decimal:
        """The sum of all items."""
        return (await self._summary(info)).total

    @strawberry.field
    async def overdue(self, info: Info) -> Decimal:
        """The sum of the items that are due before `asOf`."""
        return (await self._summary(info)).overdue

    @strawberry.field
    async def buckets(self, info: Info) -> list[AgeingBucket]:
        """Not due, then by age; they add up to `total`."""
        totals = (await self._summary(info)).buckets
        return [shown(AgeingBucket, it.bucket, count=it.count, amount=it.amount) for it in totals]

    @strawberry.field
    async def by_relation(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many at most, 1 to 500; null: 20.")] = 20,
    ) -> list[RelationTotal]:
        """What is open with each relation, largest amount first."""
        size = page_size(first, 20)
        rows = await _as_of_that_day(
            info.context.reading.outstanding_by_relation(self.administration_id, self.type, self._day, size)
        )
        return [shown(RelationTotal, row, row=row, administration_id=self.administration_id) for row in rows]

    @strawberry.field
    async def items(
        self, info: Info, first: First = 100, after: After = strawberry.UNSET
    ) -> CountedConnection[OutstandingItem]:
        """The items themselves, oldest due date first."""
        question = partial(info.context.reading.outstanding_items, self.administration_id, self.type, self._day)
        node = partial(OutstandingItem.of, self.administration_id, self.type)
        return await _as_of_that_day(CountedConnection[OutstandingItem].ask(question, node, first, after, 100))

    @strawberry.field
    async def freshness(self, info: Info) -> Freshness:
        """How far the figures can be trusted; read in the same snapshot."""
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
        raise BadUserInput("asOf", str(missing)) from None
