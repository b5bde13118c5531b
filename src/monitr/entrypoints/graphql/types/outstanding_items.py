"""The Outstanding Items dashboard."""

import datetime as dt
from collections.abc import Awaitable, Sequence
from decimal import Decimal
from functools import partial
from typing import Annotated, Self, TypeVar

import strawberry

from monitr.application.reading.opaque_ids import item_id
from monitr.application.reading.outstanding_items import (
    OutstandingFilter,
    OutstandingItemRow,
    OutstandingReport,
    PastDateNotAvailable,
)
from monitr.application.reading.reading import Reading
from monitr.domain import administration
from monitr.domain.accounting.open_items_at import OutstandingBasis
from monitr.domain.accounting.outstanding_items import Ageing, Bucket, BucketTotal, OutstandingItemType
from monitr.domain.organisation import AdministrationId
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.lookups import looks_up
from monitr.entrypoints.graphql.execution.paging import (
    After,
    CountedConnection,
    First,
    given,
    page_size,
    within_books,
)
from monitr.entrypoints.graphql.execution.prices import MOST_BUCKETS, MOST_DATES
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.freshness import Freshness
from monitr.entrypoints.graphql.types.ledger import Booking
from monitr.entrypoints.graphql.types.master_data import Relation, relation_by
from monitr.entrypoints.graphql.types.node import Node

T = TypeVar("T")

DEFAULT_BUCKETS = [30, 60, 90]


@strawberry.type
class AgeingBucket:
    """The open items of one age."""

    named: strawberry.Private[Sentence]
    label_code: str
    """NOT_DUE, DAYS, DAY, MORE_DAYS or OVERDUE; the days are `fromDays` and `toDays`."""
    from_days: int | None
    """Days overdue, included; null: without a lower bound."""
    to_days: int | None
    """Days overdue, included; null: without an upper bound."""
    count: int
    """How many items it has."""
    amount: Decimal
    """The sum of what is open of them."""

    @classmethod
    def of(cls, total: BucketTotal) -> Self:
        label = total.bucket.label
        return shown(cls, total.bucket, named=label, label_code=label.code, count=total.count, amount=total.amount)

    @strawberry.field
    def label(self, info: Info) -> str:
        """In the reader's language."""
        return info.context.say(self.named)


def _buckets(ageing: Ageing) -> list[AgeingBucket]:
    return [AgeingBucket.of(total) for total in ageing.buckets]


_RELATION_OF_TOTAL, _RELATION_OF_ITEM = relation_by("number"), relation_by("row.relation")


@strawberry.type
class RelationTotal:
    """What is open with one relation."""

    ageing: strawberry.Private[Ageing]
    administration_id: strawberry.Private[AdministrationId]
    number: strawberry.Private[int | None]
    amount: Decimal
    """The sum of all its items."""
    overdue: Decimal
    """The sum of its items that are due before `asOf`."""
    oldest_due_date: dt.date | None
    """The earliest due date of its items; null: none has one."""

    @strawberry.field
    @looks_up(_RELATION_OF_TOTAL)
    async def relation(self, info: Info) -> Relation | None:
        """The client or supplier; null: none."""
        return await _RELATION_OF_TOTAL.load(self, info)

    @strawberry.field
    def buckets(self) -> list[AgeingBucket]:
        """Those asked for above; they add up to `amount`."""
        return _buckets(self.ageing)


@strawberry.type
class OutstandingItem(Node):
    """An open row of Octopus's report: an invoice, or, negative, a credit note, a prepayment or a payment that is not
    matched."""

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
    currency_amount_outstanding: Decimal | None
    """What is open of it, in the document's currency; null where that is not known: of a part that stood open on a
    past day."""
    description: str | None
    """What the bookkeeper wrote; null: nothing."""
    reference: str | None
    """The document's reference; null: none."""

    @strawberry.field
    @looks_up(_RELATION_OF_ITEM)
    async def relation(self, info: Info) -> Relation | None:
        """The client or supplier; null: none."""
        return await _RELATION_OF_ITEM.load(self, info)

    @strawberry.field
    async def booking(self, info: Info) -> Booking | None:
        """The document; null where its bookyear is not imported."""
        return await Booking.load(info, self.administration_id, self.booking_code)

    @classmethod
    def of(cls, administration: AdministrationId, type: OutstandingItemType, row: OutstandingItemRow) -> Self:
        id = item_id(administration, type, row.id)
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
    async def basis(self, info: Info) -> OutstandingBasis:
        """Where the figures come from."""
        return (await self._report(info)).basis

    @strawberry.field
    async def total(self, info: Info) -> Decimal:
        """The sum of all items."""
        return (await self._ageing(info)).amount

    @strawberry.field
    async def overdue(self, info: Info) -> Decimal:
        """The sum of the items that are due before `asOf`."""
        return (await self._ageing(info)).overdue

    @strawberry.field
    async def oldest_due_date(self, info: Info) -> dt.date | None:
        """Of all items; null without any."""
        return (await self._ageing(info)).oldest_due_date

    @strawberry.field
    async def invoices(self, info: Info) -> Decimal:
        """The sum of the positive items."""
        return (await self._report(info)).totals.invoices

    @strawberry.field
    async def credit_notes(self, info: Info) -> Decimal:
        """The sum of the negative items of purchase and sales journals."""
        return (await self._report(info)).totals.credit_notes

    @strawberry.field
    async def unmatched_payments(self, info: Info) -> Decimal:
        """The sum of all other negative items: payments that no document takes."""
        return (await self._report(info)).totals.unmatched_payments

    @strawberry.field
    async def days_outstanding(self, info: Info) -> Decimal | None:
        """Days sales (RECEIVABLE) or days payables (PAYABLE) outstanding: the total by what was sold or bought, VAT
        included, in the 365 days up to `asOf`, times 365. Null where nothing was sold or bought."""
        key = (self.administration_id, self.type, self._day)
        return await _as_of_that_day(info.context.loaders.days_outstanding.load(key))

    @strawberry.field
    async def buckets(self, info: Info) -> list[AgeingBucket]:
        """Not due, then by age; they add up to `total`."""
        return _buckets(await self._ageing(info))

    @strawberry.field
    async def by_relation(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many at most, 1 to 500; null: 20.")] = 20,
    ) -> list[RelationTotal]:
        """What is open with each relation, largest amount first."""
        size = page_size(first, 20)
        key = (self.administration_id, self.type, self.buckets_wanted, size, self._day)
        largest = await _as_of_that_day(info.context.loaders.outstanding_by_relation.load(key))
        return [
            shown(RelationTotal, ageing, ageing=ageing, administration_id=self.administration_id, number=number)
            for number, ageing in largest
        ]

    @strawberry.field
    async def items(
        self,
        info: Info,
        first: First = 100,
        after: After = strawberry.UNSET,
        relation_number: Annotated[
            int | None, strawberry.argument(description="Those of one relation.")
        ] = strawberry.UNSET,
        overdue_only: Annotated[
            bool | None, strawberry.argument(description="Those that were due before `asOf`.")
        ] = False,
    ) -> CountedConnection[OutstandingItem]:
        """The items themselves, oldest due date first."""
        filter = OutstandingFilter(given(relation_number), bool(overdue_only))
        reading = info.context.reading
        question = partial(reading.outstanding_items, self.administration_id, self.type, self._day, filter)
        node = partial(OutstandingItem.of, self.administration_id, self.type)
        return await _as_of_that_day(CountedConnection[OutstandingItem].ask(question, node, first, after, 100))

    @strawberry.field
    async def freshness(self, info: Info) -> Freshness:
        """How far the figures can be trusted; read in the same snapshot."""
        return await Freshness.load(info, self.administration_id)

    @property
    def _day(self) -> dt.date:
        return within_books(self.as_of)

    async def _ageing(self, info: Info) -> Ageing:
        return (await self._report(info)).totals.ageing

    async def _report(self, info: Info) -> OutstandingReport:
        key = (self.administration_id, self.type, self.buckets_wanted, self._day)
        return await _as_of_that_day(info.context.loaders.outstanding_reports.load(key))


@strawberry.type
class OutstandingFields:
    """Those of an administration that tell what is outstanding."""

    row: strawberry.Private[administration.Administration]

    @strawberry.field
    async def outstanding_items(
        self,
        info: Info,
        type: Annotated[OutstandingItemType, strawberry.argument(description="What clients owe, or what we owe.")],
        as_of: Annotated[
            dt.date | None, strawberry.argument(description="The day at whose end; null: today in Brussels.")
        ] = strawberry.UNSET,
        bucket_days: Annotated[
            list[int] | None,
            strawberry.argument(
                description="Upper bounds of the buckets in days overdue, rising, 20 at most; null: 30, 60, 90."
            ),
        ] = DEFAULT_BUCKETS,
    ) -> OutstandingItems:
        """What is open at the end of a day, by age."""
        buckets = await self._ageing_buckets(info, type, bucket_days)
        day = given(as_of) or info.context.today()
        return OutstandingItems(as_of=day, administration_id=self.row.id, type=type, buckets_wanted=buckets)

    @strawberry.field
    async def outstanding_history(
        self,
        info: Info,
        type: Annotated[OutstandingItemType, strawberry.argument(description="What clients owe, or what we owe.")],
        dates: Annotated[list[dt.date], strawberry.argument(description="A date may be there twice.")],
        bucket_days: Annotated[
            list[int] | None, strawberry.argument(description="As of `outstandingItems`.")
        ] = DEFAULT_BUCKETS,
    ) -> list[OutstandingItems]:
        """Several dates in one question, each as `outstandingItems` would answer it, in the order asked for."""
        buckets = await self._ageing_buckets(info, type, bucket_days)
        if len(dates) > MOST_DATES:
            raise BadUserInput("dates", Sentence.of("input.TOO_MANY_ENTRIES", most=MOST_DATES))
        return [
            OutstandingItems(as_of=day, administration_id=self.row.id, type=type, buckets_wanted=buckets)
            for day in dates
        ]

    async def _ageing_buckets(
        self, info: Info, type: OutstandingItemType, bucket_days: Sequence[int] | None
    ) -> tuple[Bucket, ...]:
        info.context.reading.expect(Reading.ageing, self.row.id, type)
        bounds = DEFAULT_BUCKETS if bucket_days is None else bucket_days
        if len(bounds) > MOST_BUCKETS:
            raise BadUserInput("bucketDays", Sentence.of("input.TOO_MANY_ENTRIES", most=MOST_BUCKETS))
        try:
            return await info.context.reading.ageing(self.row.id, type, bounds)
        except ValueError:
            raise buckets_not_rising(bounds) from None


def buckets_not_rising(bounds: Sequence[int]) -> BadUserInput:
    values = ", ".join(map(str, bounds))
    return BadUserInput("bucketDays", Sentence.of("input.BUCKETS_NOT_RISING", values=values))


async def _as_of_that_day(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except PastDateNotAvailable as missing:
        raise BadUserInput("asOf", missing.sentence) from None
