"""Ledger lines and bookings, and how they are narrowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from monitr.application.reading.pages import Page
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.organisation import AdministrationId


class EntryType(StrEnum):
    """Whether a ledger line is a movement or an opening."""

    REGULAR = "REGULAR"
    """A movement: it counts on its effective date."""
    YEAR_OPENING = "YEAR_OPENING"
    """Part of the opening of a bookyear, as it was recognised: reports never count it twice."""


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
    whatever the case. ``journal_keys``: letter and number.
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
    entry_type: EntryType


@dataclass(frozen=True, slots=True)
class BookingSummary:
    """A booking without its lines. ``document_date`` and ``period`` are those of its first line, ``net`` is the sum of
    their amounts."""

    key: BookingKey
    document_date: date
    period: int | None
    line_count: int
    net: Decimal


class TooManyLines(Exception):
    """What is asked would have more lines looked at than MOST_EFFORT allows."""


MOST_EFFORT = 6_000_000
"""Of one reader, in the unit of a line that is passed over in the index: some tenth of a microsecond. 230,000 lines may
be searched for a text, and what is found be counted; for an amount or a relation, 430,000."""
PASSED_OVER, LOOKED_AT, SEARCHED, CLASSED = 1, 7, 6, 2
"""A line in the index; a line itself; its texts; the class of its account, as which no line is stored."""


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
        self, id: AdministrationId, filter: TransactionFilter, first: int, after: str | None, *, count: bool
    ) -> Page[TransactionRow]:
        """Newest effective date first. ``count``: with the total, from the monthly balances where they suffice. Raises
        TooManyLines."""
        ...

    async def booking(self, id: AdministrationId, key: BookingKey) -> BookingSummary | None:
        """None where there is no such booking."""
        ...

    async def booking_lines(
        self, id: AdministrationId, key: BookingKey, first: int, after: int
    ) -> Sequence[TransactionRow]:
        """``first`` of its lines by ordinal, the first ``after`` ones left out; empty where there is no such booking.
        Ordinals begin at 1 and have no gaps."""
        ...
