"""Ledger lines and bookings."""

import datetime as dt
from decimal import Decimal
from operator import attrgetter
from typing import Annotated, Any, Self

import strawberry

from monitr.application.reading.ledger import EntryType, TransactionPage, TransactionRow
from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.opaque_ids import line_id
from monitr.application.reading.reading import Reading
from monitr.domain.accounting.account import CostCentre
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.money import credit, debit
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.loaders import LinesKey
from monitr.entrypoints.graphql.execution.lookups import Lookup, looks_up
from monitr.entrypoints.graphql.execution.paging import LARGEST_INT, CountedConnection, bounded, given, page_size
from monitr.entrypoints.graphql.execution.prices import LARGEST_PAGE
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.master_data import Account, DimensionValue, Key, Relation, numbered, relation_by
from monitr.entrypoints.graphql.types.node import Node

_ACCOUNT: Lookup[Any, Key, NamedAccount | None, Account] = numbered(
    attrgetter("accounts"),
    "row.account",
    lambda line, key, row, _: Account.in_year(key[1], line.bookyear, row),
    "bookyear",
)
_RELATION = relation_by("row.relation")
_COST_CENTRES: Lookup[Any, Key, CostCentre | None, list[DimensionValue]] = numbered(
    attrgetter("cost_centres"),
    "row.cost_centre",
    lambda _, key, row, operation: [DimensionValue.listed(key[1], row, operation.language)],
    without=(),
)


@strawberry.type
class Transaction(Node):
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
    vat_section: str | None
    """Octopus's code of the box or boxes of the VAT return that the line goes to; null where it goes to none."""
    entry_type: EntryType
    """A movement, or part of a year opening."""

    @strawberry.field
    @looks_up(_ACCOUNT)
    async def account(self, info: Info) -> Account:
        """Named as in the line's bookyear."""
        return await _ACCOUNT.load(self, info)

    @strawberry.field
    @looks_up(_RELATION)
    async def relation(self, info: Info) -> Relation | None:
        """The client or supplier; null: none."""
        return await _RELATION.load(self, info)

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
    @looks_up(_COST_CENTRES)
    async def dimension_values(self, info: Info) -> list[DimensionValue]:
        """The cost centre it carries; empty: none."""
        return await _COST_CENTRES.load(self, info)

    @classmethod
    def of(cls, administration: AdministrationId, row: TransactionRow) -> Self:
        booking, amount = row.booking, row.amount
        code = booking.code
        return cls(
            id=strawberry.ID(line_id(administration, booking, row.ordinal)),
            row=row,
            administration_id=administration,
            booking_code=code,
            bookyear=booking.bookyear,
            period=row.period,
            journal_key=booking.journal_key,
            document_number=booking.document_number,
            line_number=row.line_sequence,
            date=row.document_date,
            effective_date=row.effective_date,
            due_date=row.due_date,
            amount=amount,
            debit=debit(amount),
            credit=credit(amount),
            currency=row.currency,
            currency_amount=row.currency_amount,
            description=row.description,
            reference=row.reference,
            vat_section=row.vat_section,
            entry_type=row.entry_type,
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
    """The sum of what is debited; never negative."""
    credit: Decimal
    """The sum of what is credited; never negative."""
    net: Decimal
    """Debit minus credit."""


@strawberry.type
class TransactionConnection(CountedConnection[Transaction]):
    """A page of ledger lines."""

    @strawberry.field
    def totals(self) -> TransactionTotals:
        """Of everything that the filter finds, not of the page."""
        page = self.page
        if not isinstance(page, TransactionPage) or page.totals is None:
            raise AssertionError("the totals were selected but not added up")
        return shown(TransactionTotals, page.totals, net=page.totals.debit - page.totals.credit)

    @strawberry.field
    def text_indexed(self) -> bool | None:
        """Whether the texts of the ledger lines are indexed, which is done behind the first import: until then to look
        for one takes longer, and is refused where there are many lines. Null where none was looked for."""
        page = self.page
        return page.text_indexed if isinstance(page, TransactionPage) else None
