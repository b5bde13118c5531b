"""Ledger lines and bookings, and how they are narrowed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from monitr.application.reading.pages import Cut, Page
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.organisation import AdministrationId


class EntryType(StrEnum):
    """Whether a ledger line is a movement or an opening."""

    REGULAR = "REGULAR"
    """A movement: it counts on its effective date."""
    YEAR_OPENING = "YEAR_OPENING"
    """Part of the opening of a bookyear, as it was recognised: reports never count it twice."""


class TransactionOrder(StrEnum):
    """By effective date. The one is the other read backwards."""

    NEWEST_FIRST = "NEWEST_FIRST"
    """The latest effective date first."""
    OLDEST_FIRST = "OLDEST_FIRST"
    """The earliest effective date first."""


@dataclass(frozen=True, slots=True)
class DimensionFilter:
    """``code`` None: any value of the dimension; ``without``: what carries none, openings and their effects in it."""

    dimension: str
    code: str | None = None
    without: bool = False


@dataclass(frozen=True, slots=True)
class TransactionFilter:
    """All given conditions hold together. Dates are effective dates, inclusive; amounts are signed, inclusive.

    ``accounts``, ``account_from``, ``account_to``: account numbers. ``text``: somewhere in description or reference,
    whatever the case. ``journal_keys``: letter and number. ``booking_relation_number``: the one counterparty of the
    line's booking (``BookingSummary``).
    """

    from_: date | None = None
    to: date | None = None
    bookyear: int | None = None
    periods: tuple[int, ...] | None = None
    accounts: tuple[int, ...] | None = None
    account_from: int | None = None
    account_to: int | None = None
    account_classes: tuple[int, ...] | None = None
    journal_keys: tuple[str, ...] | None = None
    relation_number: int | None = None
    booking_relation_number: int | None = None
    dimension: DimensionFilter | None = None
    entry_types: tuple[EntryType, ...] | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """A line of the ledger as it is read. Names of its account, relation and cost centre come by DataLoader."""

    booking: BookingKey
    ordinal: int
    line_sequence: int
    period: int | None
    document_date: date
    effective_date: date
    due_date: date | None
    account: int
    amount: Decimal
    currency: str
    currency_amount: Decimal | None
    relation: int | None
    cost_centre: int | None
    description: str | None
    reference: str | None
    vat_section: str | None
    entry_type: EntryType


@dataclass(frozen=True, slots=True)
class TransactionTotals:
    """Neither is negative."""

    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class TransactionPage(Page[TransactionRow]):
    """``totals``: of everything that the filter holds; None where they were not asked for. ``text_indexed``: whether
    there is an index of the texts; None where none was looked for."""

    totals: TransactionTotals | None = None
    text_indexed: bool | None = None


@dataclass(frozen=True, slots=True)
class BookingSummary:
    """A booking without its lines. ``document_date`` and ``period`` are those of its first line, ``net`` is the sum of
    their amounts, ``relation`` the one that they name: None where they name several, or none."""

    key: BookingKey
    document_date: date
    period: int | None
    line_count: int
    net: Decimal
    relation: int | None


class TooManyLines(Exception):
    """What is asked would have more lines looked at than MOST_EFFORT allows."""


MOST_EFFORT = 6_000_000
"""Of one reader, in the unit of a line that is passed over in the index: some tenth of a microsecond. 230,000 lines may
be searched for a text, and what is found be counted; for an amount, 430,000."""
PASSED_OVER, LOOKED_AT, SEARCHED, CLASSED, SUMMED = 1, 7, 6, 2, 20
"""A line in the index; a line itself; its texts; the class of its account, as which no line is stored; a line that is
added to the balance of its account."""
BOOKED, NAMED = 70, 200
"""Looking up the other lines of a line's booking, which are few as a rule; going from a line that names a relation to
them all."""


@dataclass(slots=True)
class Effort:
    """How many lines one reader has looked at, at worst, by the counts that are kept. Where it is not limited, only
    the deadline is."""

    is_limited: bool = True
    so_far: int = 0

    def spend(self, lines: int, each: int) -> None:
        """Raises TooManyLines, before anything is looked at."""
        self.so_far += lines * each
        if self.is_limited and self.so_far > MOST_EFFORT:
            raise TooManyLines


class LedgerReader(Protocol):
    """Of the administrations of one organisation."""

    async def transactions(
        self,
        id: AdministrationId,
        filter: TransactionFilter,
        order: TransactionOrder,
        cut: Cut,
        *,
        count: bool,
        add_up: bool,
    ) -> TransactionPage:
        """``count``: with the total, ``add_up``: with the totals, from the monthly balances where they suffice. A
        cursor is of use in either order and with any filter. Raises TooManyLines and InvalidCursor."""
        ...

    async def bookings(self, id: AdministrationId, keys: Sequence[BookingKey]) -> Mapping[BookingKey, BookingSummary]:
        """Those of them that there are."""
        ...

    async def booking_lines(
        self, id: AdministrationId, keys: Sequence[BookingKey], first: int, after: int
    ) -> Mapping[BookingKey, Sequence[TransactionRow]]:
        """Of each ``first`` of its lines by ordinal, the first ``after`` ones left out; nothing of those that have
        none. Ordinals begin at 1 and have no gaps."""
        ...
