"""Open receivables and payables, now and on any day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from monitr.application.reading.pages import Page
from monitr.domain.accounting.open_items_at import OutstandingBasis
from monitr.domain.accounting.outstanding_items import Ageing, Bucket, OutstandingItemType, OutstandingTotals
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Permission
from monitr.domain.words.sentence import Sentence

PERMISSIONS = {
    OutstandingItemType.RECEIVABLE: Permission.READ_RECEIVABLES,
    OutstandingItemType.PAYABLE: Permission.READ_REPORTS,
}

MOST_ITEMS = 250_000
"""Rows of the report, and settlements, that one question about days that are rebuilt takes; and sums of relations."""


@dataclass(eq=False)  # not frozen: whoever lets it pass notes where it came from
class PastDateNotAvailable(ValueError):
    """Open items of a past day need the matchings since then, and no import has read them yet (octopus.md 2.17)."""

    as_of: date
    earliest: date
    """The first day that can be asked for: today, in Brussels."""

    @property
    def sentence(self) -> Sentence:
        return Sentence.of("input.NO_PAST_DAY", day=self.as_of, earliest=self.earliest)

    def __str__(self) -> str:
        return str(self.sentence)


@dataclass(frozen=True, slots=True)
class OutstandingItemRow:
    """``id`` is opaque, and unique in its administration and type. Amounts as in
    ``domain.outstanding_items.OutstandingItem``; what is outstanding in the document's currency is None where matchings
    do not tell it."""

    id: str
    booking_code: str
    relation: int | None
    document_date: date
    due_date: date | None
    days_overdue: int
    amount: Decimal
    amount_outstanding: Decimal
    currency: str
    currency_amount_outstanding: Decimal | None
    description: str | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class OutstandingFilter:
    """Both conditions hold together."""

    relation_number: int | None = None
    overdue_only: bool = False


@dataclass(frozen=True, slots=True)
class OutstandingReport:
    basis: OutstandingBasis
    totals: OutstandingTotals


class OutstandingReader(Protocol):
    """Of the administrations of one organisation. Each raises PastDateNotAvailable for a day before today, in Brussels,
    on which no import was made, as long as none has read the matchings, and TooManySums for more than MOST_ITEMS."""

    async def outstanding_reports(
        self, id: AdministrationId, type: OutstandingItemType, buckets: Sequence[Bucket], days: Sequence[date]
    ) -> Mapping[date, OutstandingReport]:
        """One for each of the days, all of them from one reading."""
        ...

    async def outstanding_by_relation(
        self,
        id: AdministrationId,
        type: OutstandingItemType,
        buckets: Sequence[Bucket],
        first: int,
        days: Sequence[date],
    ) -> Mapping[date, Sequence[tuple[int | None, Ageing]]]:
        """As ``domain.outstanding_items.largest_relations``, for each of the days."""
        ...

    async def days_outstanding(
        self, id: AdministrationId, type: OutstandingItemType, days: Sequence[date]
    ) -> Mapping[date, Decimal | None]:
        """As ``domain.days_outstanding``, for each of the days. Raises TooManyLines."""
        ...

    async def outstanding_items(
        self,
        id: AdministrationId,
        type: OutstandingItemType,
        as_of: date,
        filter: OutstandingFilter,
        first: int,
        after: str | None,
    ) -> Page[OutstandingItemRow]:
        """Oldest due date first, with the total of what the filter takes."""
        ...

    async def outstanding_item(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, item: str
    ) -> OutstandingItemRow | None:
        """The item with that id; None where there is none (any more)."""
        ...
