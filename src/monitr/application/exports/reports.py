"""What can be exported: the rows of the contract's operations (``tests/contract/frontend.graphql``) as tables.

Columns are named as the fields of the operation. One row is an edge or a row of it; there are no totals.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import partial
from typing import ClassVar, TypeVar

from monitr.application.exports.names import Names
from monitr.application.exports.table import Column, Kind, Row
from monitr.application.reading.fixed_assets import FixedAssetRow
from monitr.application.reading.ledger import DimensionFilter, TransactionFilter, TransactionOrder, TransactionRow
from monitr.application.reading.master_data import COST_CENTRE
from monitr.application.reading.opaque_ids import asset_id, item_id, line_id
from monitr.application.reading.outstanding_items import PERMISSIONS, OutstandingFilter, OutstandingItemRow
from monitr.application.reading.pages import Cut, Page
from monitr.application.reading.reading import Reading
from monitr.domain.accounting.account import account_class, account_text
from monitr.domain.accounting.money import credit, debit
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Permission

T = TypeVar("T")

PAGE = 500
"""Rows read at a time."""


class Report(StrEnum):
    TRANSACTIONS = "transactions"
    TRIAL_BALANCE = "trial-balance"
    OUTSTANDING_ITEMS = "outstanding-items"
    FIXED_ASSETS = "fixed-assets"


EASIEST = {
    Report.TRANSACTIONS: Permission.READ_TRANSACTIONS,
    Report.TRIAL_BALANCE: Permission.READ_REPORTS,
    Report.OUTSTANDING_ITEMS: Permission.READ_RECEIVABLES,
    Report.FIXED_ASSETS: Permission.READ_REPORTS,
}
"""What it takes to export anything of it."""


_WORDS = {
    "account_from": "first account",
    "account_to": "last account",
    "account_classes": "account classes",
    "journal_keys": "journals",
    "relation_number": "relation",
    "booking_relation_number": "relation of the booking",
    "entry_types": "entry types",
    "amount_from": "least amount",
    "amount_to": "largest amount",
}


@dataclass(frozen=True, slots=True)
class TransactionLines:
    """Ledger lines."""

    report: ClassVar[Report] = Report.TRANSACTIONS
    columns: ClassVar[tuple[Column, ...]] = (
        *(Column("id"), Column("bookingCode"), Column("bookyear", Kind.NUMBER), Column("period", Kind.NUMBER)),
        *(Column("journalKey"), Column("documentNumber", Kind.NUMBER), Column("lineNumber", Kind.NUMBER)),
        *(Column("date", Kind.DAY), Column("effectiveDate", Kind.DAY), Column("dueDate", Kind.DAY)),
        *(Column("account.number"), Column("account.name")),
        *(Column("amount", Kind.AMOUNT), Column("debit", Kind.AMOUNT), Column("credit", Kind.AMOUNT)),
        *(Column("currency"), Column("currencyAmount", Kind.AMOUNT), Column("description"), Column("reference")),
        *(Column("relation.number", Kind.NUMBER), Column("relation.name")),
        *(Column("dimensionValues.dimension"), Column("dimensionValues.code"), Column("dimensionValues.name")),
        Column("entryType"),
    )
    required: ClassVar[Permission] = Permission.READ_TRANSACTIONS

    filter: TransactionFilter
    order: TransactionOrder = TransactionOrder.NEWEST_FIRST

    @property
    def span(self) -> str:
        first, last = self.filter.from_, self.filter.to
        if first or last:
            return _span(first, last)
        return "all" if self.filter.bookyear is None else f"bookyear {self.filter.bookyear}"

    @property
    def told(self) -> str:
        narrowed = [
            _WORDS.get(one.name, one.name)
            for one in fields(self.filter)
            if one.name not in ("from_", "to", "bookyear") and getattr(self.filter, one.name) is not None
        ]
        return f"Transactions, {self.span}{', narrowed by ' if narrowed else ''}{', '.join(narrowed)}"

    async def pages(self, reading: Reading, id: AdministrationId) -> AsyncGenerator[Sequence[Row], None]:
        names = Names(reading, id)

        async def page(first: int, after: str | None) -> Page[TransactionRow]:
            cut = Cut(first, after)
            return await reading.transactions(id, self.filter, self.order, cut, count=False, add_up=False)

        async for lines in _pages(page):
            await names.learn(
                accounts=(line.account for line in lines),
                cost_centres=(line.cost_centre for line in lines),
                relations=(line.relation for line in lines),
            )
            yield [_line(id, line, names) for line in lines]


def _line(id: AdministrationId, line: TransactionRow, names: Names) -> Row:
    booking, code, centre = line.booking, line.booking.code, line.cost_centre
    return (
        *(line_id(id, booking, line.ordinal), code, booking.bookyear, line.period),
        *(booking.journal_key, booking.document_number, line.line_sequence),
        *(line.document_date, line.effective_date, line.due_date),
        *(account_text(line.account), names.account(line.account, booking.bookyear)),
        *(line.amount, debit(line.amount), credit(line.amount)),
        *(line.currency, line.currency_amount, line.description, line.reference),
        *(line.relation, names.relation(line.relation)),
        *((None, None, None) if centre is None else (COST_CENTRE, str(centre), names.cost_centre(centre))),
        line.entry_type.value,
    )


@dataclass(frozen=True, slots=True)
class TrialBalanceRows:
    """By account number."""

    report: ClassVar[Report] = Report.TRIAL_BALANCE
    columns: ClassVar[tuple[Column, ...]] = (
        *(Column("account.number"), Column("account.name"), Column("account.accountClass", Kind.NUMBER)),
        *(Column("opening", Kind.AMOUNT), Column("debit", Kind.AMOUNT)),
        *(Column("credit", Kind.AMOUNT), Column("closing", Kind.AMOUNT)),
    )
    required: ClassVar[Permission] = Permission.READ_REPORTS

    from_: date
    to: date
    dimension: DimensionFilter | None = None

    @property
    def span(self) -> str:
        return _span(self.from_, self.to)

    @property
    def told(self) -> str:
        return f"Trial balance, {self.span}{', narrowed by dimension' if self.dimension else ''}"

    async def pages(self, reading: Reading, id: AdministrationId) -> AsyncGenerator[Sequence[Row], None]:
        balance = await reading.trial_balance(id, self.from_, self.to, self.dimension)
        yield [
            (
                *(account_text(row.account), row.name, account_class(row.account)),
                *(row.opening, row.debit, row.credit, row.closing),
            )
            for row in balance.rows
        ]


@dataclass(frozen=True, slots=True)
class OpenItems:
    """Oldest due date first."""

    report: ClassVar[Report] = Report.OUTSTANDING_ITEMS
    columns: ClassVar[tuple[Column, ...]] = (
        *(Column("id"), Column("bookingCode"), Column("relation.number", Kind.NUMBER), Column("relation.name")),
        *(Column("date", Kind.DAY), Column("dueDate", Kind.DAY), Column("daysOverdue", Kind.NUMBER)),
        *(Column("amount", Kind.AMOUNT), Column("amountOutstanding", Kind.AMOUNT), Column("currency")),
        *(Column("description"), Column("reference")),
    )

    type: OutstandingItemType
    as_of: date
    filter: OutstandingFilter

    @property
    def required(self) -> Permission:
        return PERMISSIONS[self.type]

    @property
    def span(self) -> str:
        return f"{self.type.value.lower()} {self.as_of}"

    @property
    def told(self) -> str:
        narrowed = [
            *(["relation"] if self.filter.relation_number is not None else []),
            *(["what is overdue"] if self.filter.overdue_only else []),
        ]
        by = f", narrowed by {', '.join(narrowed)}" if narrowed else ""
        return f"Outstanding items, {self.type.value.lower()}, as of {self.as_of}{by}"

    async def pages(self, reading: Reading, id: AdministrationId) -> AsyncGenerator[Sequence[Row], None]:
        names = Names(reading, id)
        async for items in _pages(partial(reading.outstanding_items, id, self.type, self.as_of, self.filter)):
            await names.learn(relations=(item.relation for item in items))
            yield [self._item(id, item, names) for item in items]

    def _item(self, id: AdministrationId, item: OutstandingItemRow, names: Names) -> Row:
        return (
            *(item_id(id, self.type, item.id), item.booking_code),
            *(item.relation, names.relation(item.relation)),
            *(item.document_date, item.due_date, item.days_overdue),
            *(item.amount, item.amount_outstanding, item.currency, item.description, item.reference),
        )


@dataclass(frozen=True, slots=True)
class AssetRegister:
    """Oldest acquisition first."""

    report: ClassVar[Report] = Report.FIXED_ASSETS
    columns: ClassVar[tuple[Column, ...]] = (
        *(Column("id"), Column("description"), Column("category"), Column("acquiredOn", Kind.DAY)),
        *(Column("acquisitionValue", Kind.AMOUNT), Column("accumulatedDepreciation", Kind.AMOUNT)),
        *(Column("netBookValue", Kind.AMOUNT), Column("supplier.number", Kind.NUMBER), Column("supplier.name")),
        Column("bookingCode"),
    )
    required: ClassVar[Permission] = Permission.READ_REPORTS

    as_of: date

    @property
    def span(self) -> str:
        return str(self.as_of)

    @property
    def told(self) -> str:
        return f"Fixed assets, as of {self.as_of}"

    async def pages(self, reading: Reading, id: AdministrationId) -> AsyncGenerator[Sequence[Row], None]:
        names = Names(reading, id)
        async for assets in _pages(partial(reading.fixed_assets, id, self.as_of)):
            await names.learn(relations=(asset.relation for asset in assets))
            yield [_asset(id, asset, names) for asset in assets]


def _asset(id: AdministrationId, asset: FixedAssetRow, names: Names) -> Row:
    return (
        *(asset_id(id, asset.id), asset.description, asset.category, asset.acquired_on),
        *(asset.acquisition_value, asset.accumulated_depreciation, asset.net_book_value),
        *(asset.relation, names.relation(asset.relation), asset.booking_code),
    )


Exportable = TransactionLines | TrialBalanceRows | OpenItems | AssetRegister
"""A report with its arguments. ``required``: the permission to have it. ``span``: the days that it is about, for a
file's name; ``told``: what was asked for, in plain words, for the trail. ``pages``: all rows, in the order of the
query, some at a time: one page at least, which may be empty; it raises what the question raises."""


async def _pages(question: Callable[[int, str | None], Awaitable[Page[T]]]) -> AsyncGenerator[Sequence[T], None]:
    """The first page, and all that follow, each from where the one before has ended."""
    page = await question(PAGE, None)
    yield page.rows
    while page.has_next:
        page = await question(PAGE, page.cursors[-1])
        yield page.rows


def _span(first: date | None, last: date | None) -> str:
    if first and last:
        return f"{first} to {last}"
    return f"from {first}" if first else f"up to {last}"
