"""The shapes of what `Truth` answers."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from octopus_sandbox.books.bookyears import Bookyear
from octopus_sandbox.books.master_data import Names


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """Amounts in euro, debit positive; closing = opening + debit - credit."""

    account: int
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal


@dataclass(frozen=True, slots=True)
class TrialBalance:
    rows: tuple[TrialBalanceRow, ...]
    """By account number; accounts with nothing to show are left out."""
    totals: TrialBalanceRow
    """With account 0."""
    result_brought_forward: Decimal | None
    """None with a cost centre."""
    result_transferred: Decimal | None


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Amounts are positive where the relation owes us (receivable) or we owe it (payable)."""

    bookyear: int
    journal_key: str
    document_number: int
    line_number: int
    """As the open reports number it."""
    account: int
    relation: int
    date: datetime.date
    due: datetime.date | None
    amount: Decimal
    outstanding: Decimal
    currency: str
    comment: str
    reference: str


@dataclass(frozen=True, slots=True)
class AssetCategory:
    """Accumulated depreciation is positive; net = acquisition - accumulated."""

    key: str
    """The first three digits of the accounts; 28 for financial fixed assets together."""
    acquisition_value: Decimal
    accumulated_depreciation: Decimal
    net_book_value: Decimal


@dataclass(frozen=True, slots=True)
class FixedAssets:
    as_of: datetime.date
    acquisition_value: Decimal
    accumulated_depreciation: Decimal
    net_book_value: Decimal
    categories: tuple[AssetCategory, ...]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    bookyear: int
    journal_type: int
    journal_nr: int
    document_number: int
    position: int
    """Counted from 1."""
    account: int
    amount: Decimal
    date: datetime.date
    period: int | None
    effective_date: datetime.date
    relation: int
    cost_centre: int
    opening: bool
    comment: str
    """The line's own, or the document's."""
    reference: str
    due: datetime.date | None
    currency: str
    currency_amount: Decimal


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is in the books of a dossier at one moment, for an observer to hold against what was imported."""

    dossier: int
    name: str
    vat_number: str
    bookyears: tuple[Bookyear, ...]
    unlisted: frozenset[int]
    """Bookyears that are no more in Octopus's list, their lines included below."""
    lines: tuple[LedgerLine, ...]
    """In no order that means anything."""
    balances: Mapping[tuple[int, int, int], Decimal]
    """What the lines sum up to, by bookyear, account and period; 0 is no period."""
    receivables: tuple[OpenItem, ...]
    payables: tuple[OpenItem, ...]
    accounts: Mapping[tuple[int, int], Names]
    """By bookyear and number."""
    journals: Mapping[tuple[int, str], Names]
    cost_centres: Mapping[int, Names]
    relations: Mapping[int, str]
