"""Ledger lines and bookings."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Self

import strawberry

from monitr.application.reading import opaque_ids
from monitr.application.reading.ledger import EntryType, TransactionRow
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.money import credit, debit
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.paging import LARGEST_INT, bounded, given, page_size
from monitr.entrypoints.graphql.execution.prices import LARGEST_PAGE
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.master_data import Account, DimensionValue, Relation


def opaque_id(administration: AdministrationId, kind: str, key: str) -> strawberry.ID:
    """As ``opaque_ids``."""
    return strawberry.ID(opaque_ids.opaque_id(administration, kind, key))


@strawberry.type
class Transaction:
    """A line of the ledger: an amount on an account, within a booking."""

    row: strawberry.Private[TransactionRow]
    administration_id: strawberry.Private[AdministrationId]
    booking_code: str
    """Of the document that it is a line of, for `Administration.booking`."""
    bookyear: int
    """The `number` of its `Bookyear`."""
    period: int | None
    """Within the bookyear; null: Octopus gives none."""
    journal_key: str
    """The `key` of its `Journal`: `V1`."""
    document_number: int
    """Of the booking, within journal and bookyear."""
    line_number: int
    """Octopus's `lineSequenceNr`; need not be unique in a document."""
    date: dt.date
    """The document date, as booked."""
    effective_date: dt.date
    """The day on which it counts in every report: the document date, moved to the nearest day of its period where it
    lies outside."""
    due_date: dt.date | None
    """When the document is to be paid; null: it says nothing."""
    amount: Decimal
    """Debit minus credit, in the bookkeeping currency."""
    debit: Decimal
    """The amount where it is a debit, else 0.00."""
    credit: Decimal
    """The amount where it is a credit, positive; else 0.00."""
    currency: str
    """The document's, ISO 4217: `EUR`."""
    currency_amount: Decimal | None
    """Debit minus credit in `currency`; null: Octopus gives none."""
    description: str | None
    """What the bookkeeper wrote; null: nothing."""
    reference: str | None
    """Of the document: a supplier's invoice number; null: none."""
    entry_type: EntryType
    """A movement, or part of a year opening."""

    @strawberry.field
    def id(self) -> strawberry.ID:
        """Opaque; stays while its booking does not change."""
        return opaque_id(self.administration_id, "line", f"{self.booking_code}/{self.row.ordinal}")

    @strawberry.field
    async def account(self, info: Info) -> Account:
        """Named as in the line's bookyear."""
        return await Account.load(info, self.administration_id, self.row.account, self.row.booking.bookyear)

    @strawberry.field
    async def relation(self, info: Info) -> Relation | None:
        """The client or supplier; null: none."""
        return await Relation.load(info, self.administration_id, self.row.relation)

    @strawberry.field
    async def dimension_values(self, info: Info) -> list[DimensionValue]:
        """The cost centre it carries; empty: none."""
        if self.row.cost_centre is None:
            return []
        return [await DimensionValue.load(info, self.administration_id, self.row.cost_centre)]

    @classmethod
    def of(cls, administration: AdministrationId, row: TransactionRow) -> Self:
        return shown(
            cls,
            row,
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


@strawberry.type
class Booking:
    """One document with its lines: what was booked together."""

    code: str
    """Opaque; names the booking within its administration."""
    bookyear: int
    """The `number` of its `Bookyear`."""
    journal_key: str
    """The `key` of its `Journal`: `V1`."""
    document_number: int
    """Within journal and bookyear."""
    date: dt.date
    """The document date of its first line."""
    period: int | None
    """The period of its first line; null: Octopus gives none."""
    is_balanced: bool
    """Whether its lines net to zero."""
    line_count: int
    """How many lines it has."""
    administration_id: strawberry.Private[AdministrationId]
    key: strawberry.Private[BookingKey]

    @strawberry.field
    async def lines(
        self,
        info: Info,
        first: Annotated[
            int | None, strawberry.argument(description="How many at most, 1 to 500; null: 500.")
        ] = LARGEST_PAGE,
        after: Annotated[
            int | None, strawberry.argument(description="How many of the first are left out; null: none.")
        ] = strawberry.UNSET,
    ) -> list[Transaction]:
        """In the order of their ordinals, which count from 1."""
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
