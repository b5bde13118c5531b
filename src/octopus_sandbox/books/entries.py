"""Documents and their lines: what the ledger is made of. Immutable; the books replace a document whole."""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

JOURNAL_LETTERS = {1: "A", 2: "V", 3: "F", 4: "D"}
"""Letter of each documented journal type (octopus.md 4): purchases, sales, financial, divers."""
JOURNAL_TYPES = {letter: journal_type for journal_type, letter in JOURNAL_LETTERS.items()}

CLIENTS = 400000
SUPPLIERS = 440000
CONTROL_ACCOUNTS = frozenset({CLIENTS, SUPPLIERS})


class EntryKind(IntEnum):
    MOVEMENT = 0
    FIRST_OPENING = 1
    """Balances brought in from another program, by hand, on the first day of the first bookyear."""
    CARRIED_FORWARD = 2
    """Balances that Octopus transferred from the bookyear before."""


class DocumentKey(NamedTuple):
    """Numbers restart every bookyear: only the four together are unique."""

    bookyear: int
    journal_type: int
    journal_nr: int
    number: int

    @property
    def journal_key(self) -> str:
        """Letter and number. A type without a letter has none of its own, so it is shown as D."""
        return f"{JOURNAL_LETTERS.get(self.journal_type, 'D')}{self.journal_nr}"


class Line(NamedTuple):
    """One ledger line. Amounts are integer cents, debit positive, credit negative."""

    account: int
    cents: int
    currency_cents: int
    """The amount in the document's currency."""
    relation: int = 0
    """0 is none."""
    cost_centre: int = 0
    comment: str = ""
    """Empty: the document's."""
    vat_code: str = ""
    vat_cents: int = 0
    """VAT of a base line, recoverable or not, with the sign of `cents`."""
    vat_recoverable: int = 100
    """Percent."""
    vat_section: str = ""
    """Grid of the VAT return."""

    @property
    def base_cents(self) -> int:
        """The amount excluding VAT: a line whose VAT is not wholly recoverable carries the rest of it."""
        return self.cents - self.vat_cents + round(self.vat_cents * self.vat_recoverable / 100)


class Document(NamedTuple):
    """One booking: bookyear, journal and number, with all its lines."""

    key: DocumentKey
    date: datetime.date
    period: int | None
    lines: tuple[Line, ...]
    modified: int
    """When it was last written: milliseconds since 1970, UTC."""
    due: datetime.date | None = None
    relation: int = 0
    comment: str = ""
    reference: str = ""
    currency: str = "EUR"
    rate: Decimal = Decimal("1.0")
    """Units of the currency for one euro."""
    kind: EntryKind = EntryKind.MOVEMENT

    @property
    def net_cents(self) -> int:
        """0 in sound books."""
        return sum(line.cents for line in self.lines)


class LineKey(NamedTuple):
    """A line by its document and its place in it, counted from 0."""

    document: DocumentKey
    position: int


def cents(amount: str | int | Decimal) -> int:
    """Cents of an amount in euro, given as text, whole euros or Decimal."""
    scaled = Decimal(amount) * 100
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} has more than two decimals")
    return int(scaled)


def debit(account: int, amount: str | int | Decimal, *, relation: int = 0, cost_centre: int = 0) -> Line:
    """A debit line in euro."""
    value = cents(amount)
    return Line(account, value, value, relation, cost_centre)


def credit(account: int, amount: str | int | Decimal, *, relation: int = 0, cost_centre: int = 0) -> Line:
    """A credit line in euro."""
    value = -cents(amount)
    return Line(account, value, value, relation, cost_centre)


def net_by_account(lines: Iterable[Line]) -> dict[int, int]:
    """Cents by account, accounts that net to zero left out."""
    sums: dict[int, int] = {}
    for line in lines:
        sums[line.account] = sums.get(line.account, 0) + line.cents
    return {account: total for account, total in sums.items() if total}
