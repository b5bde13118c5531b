"""Ledger lines and bookings."""

import datetime as dt
from decimal import Decimal
from typing import Self

import strawberry

from monitr.application.reading.ledger import EntryType, TransactionPage, TransactionRow
from monitr.application.reading.opaque_ids import line_id
from monitr.application.reading.reading import Reading
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.money import credit, debit
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.execution.loaders import LinesKey
from monitr.entrypoints.graphql.execution.paging import LARGEST_INT, CountedConnection, bounded, given, page_size
from monitr.entrypoints.graphql.execution.prices import LARGEST_PAGE
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.master_data import Account, DimensionValue, Relation
from monitr.entrypoints.graphql.types.node import Node


@strawberry.type(description="A line of the ledger. amount is debit minus credit, in the bookkeeping currency.")
class Transaction(Node):
    row: strawberry.Private[TransactionRow]
    administration_id: strawberry.Private[AdministrationId]
    booking_code: str
    bookyear: int
    period: int | None
    journal_key: str
    document_number: int
    line_number: int
    date: dt.date
    effective_date: dt.date
    due_date: dt.date | None
    amount: Decimal
    debit: Decimal
    credit: Decimal
    currency: str
    currency_amount: Decimal | None
    description: str | None
    reference: str | None
    vat_section: str | None
    """Octopus's code of the box or boxes of the VAT return that the line goes to; null where it goes to none."""
    entry_type: EntryType

    @strawberry.field
    async def account(self, info: Info) -> Account:
        return await Account.load(info, self.administration_id, self.row.account, self.row.booking.bookyear)

    @strawberry.field
    async def relation(self, info: Info) -> Relation | None:
        return await Relation.load(info, self.administration_id, self.row.relation)

    @strawberry.field
    async def booking(self, info: Info) -> "Booking":
        """The document that the line is of."""
        found = await Booking.of_key(info, self.administration_id, self.row.booking)
        if found is None:
            raise AssertionError("a line was read in a snapshot without its booking")
        return found

    @strawberry.field
    async def booking_relation(self, info: Info) -> Relation | None:
        """The counterparty of the booking, on every one of its lines, where the booking has exactly one; null where
        its lines name several, or none."""
        booking = await info.context.loaders.bookings.load((self.administration_id, self.row.booking))
        return await Relation.load(info, self.administration_id, booking.relation if booking else None)

    @strawberry.field
    async def dimension_values(self, info: Info) -> list[DimensionValue]:
        if self.row.cost_centre is None:
            return []
        return [await DimensionValue.load(info, self.administration_id, self.row.cost_centre)]

    @classmethod
    def of(cls, administration: AdministrationId, row: TransactionRow) -> Self:
        return shown(
            cls,
            row,
            id=line_id(administration, row.booking, row.ordinal),
            row=row,
            administration_id=administration,
            booking_code=row.booking.code,
            bookyear=row.booking.bookyear,
            journal_key=row.booking.journal_key,
            document_number=row.booking.document_number,
            line_number=row.line_sequence,
            date=row.document_date,
            debit=debit(row.amount),
            credit=credit(row.amount),
        )


@strawberry.type(description="One document with its lines. Its date and period are those of its first line.")
class Booking:
    code: str
    bookyear: int
    journal_key: str
    document_number: int
    date: dt.date
    period: int | None
    is_balanced: bool
    line_count: int
    administration_id: strawberry.Private[AdministrationId]
    key: strawberry.Private[BookingKey]

    @described("By their ordinals, which count from 1; after: so many of the first are left out.")
    async def lines(
        self, info: Info, first: int | None = LARGEST_PAGE, after: int | None = strawberry.UNSET
    ) -> list[Transaction]:
        size, skipped = page_size(first, LARGEST_PAGE), bounded(given(after), "after", 0, 0, LARGEST_INT)
        rows = await info.context.loaders.booking_lines.load(LinesKey(self.administration_id, self.key, size, skipped))
        return [Transaction.of(self.administration_id, row) for row in rows]

    @classmethod
    async def load(cls, info: Info, administration: AdministrationId, code: str) -> "Booking | None":
        """None also where ``code`` is that of no booking at all."""
        info.context.reading.expect(Reading.bookings, administration)
        key = BookingKey.parse(code)
        return await cls.of_key(info, administration, key) if key else None

    @classmethod
    async def of_key(cls, info: Info, administration: AdministrationId, key: BookingKey) -> "Booking | None":
        found = await info.context.loaders.bookings.load((administration, key))
        if found is None:
            return None
        return shown(
            cls,
            found.key,
            key=found.key,
            administration_id=administration,
            date=found.document_date,
            period=found.period,
            is_balanced=found.net == 0,
            line_count=found.line_count,
        )


@strawberry.type
class TransactionTotals:
    """Of everything that the filter finds, in the bookkeeping currency. ``net`` is debit minus credit."""

    debit: Decimal
    credit: Decimal
    net: Decimal


@strawberry.type
class TransactionConnection(CountedConnection[Transaction]):
    @strawberry.field
    def totals(self) -> TransactionTotals:
        """Of everything that the filter finds, not of the page."""
        page = self.page
        if not isinstance(page, TransactionPage) or page.totals is None:
            raise AssertionError("the totals were selected but not added up")
        return shown(TransactionTotals, page.totals, net=page.totals.debit - page.totals.credit)
