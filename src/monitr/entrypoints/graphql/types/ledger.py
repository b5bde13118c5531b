"""Ledger lines and bookings."""

import datetime as dt
from decimal import Decimal
from typing import Self

import strawberry

from monitr.application.reading.ledger import EntryType, TransactionRow
from monitr.application.reading.opaque_ids import line_id
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.money import credit, debit
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.execution.paging import LARGEST_INT, bounded, given, page_size
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
    entry_type: EntryType

    @strawberry.field
    async def account(self, info: Info) -> Account:
        return await Account.load(info, self.administration_id, self.row.account, self.row.booking.bookyear)

    @strawberry.field
    async def relation(self, info: Info) -> Relation | None:
        return await Relation.load(info, self.administration_id, self.row.relation)

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
        rows = await info.context.reading.booking_lines(self.administration_id, self.key, size, skipped)
        return [Transaction.of(self.administration_id, row) for row in rows]

    @classmethod
    async def load(cls, info: Info, administration: AdministrationId, code: str) -> "Booking | None":
        found = await info.context.reading.booking(administration, code)
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
