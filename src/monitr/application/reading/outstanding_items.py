"""Open receivables and payables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from monitr.application.reading.pages import Page
from monitr.domain.accounting.outstanding_items import Bucket, OutstandingItemType
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Permission

PERMISSIONS = {
    OutstandingItemType.RECEIVABLE: Permission.READ_RECEIVABLES,
    OutstandingItemType.PAYABLE: Permission.READ_REPORTS,
}


@dataclass(eq=False)  # not frozen: whoever lets it pass notes where it came from
class PastDateNotAvailable(ValueError):
    """Open items of a past day need the matchings since then, and those are not imported (octopus.md 2.17)."""

    as_of: date
    earliest: date
    """The first day that can be asked for: today, in Brussels."""

    def __str__(self) -> str:
        return f"Outstanding items are known as they stand now: asOf cannot be before {self.earliest}."


@dataclass(frozen=True, slots=True)
class OutstandingItemRow:
    """``id`` is opaque, and unique in its administration and type. Amounts as in
    ``domain.outstanding_items.OutstandingItem``."""

    id: str
    booking_code: str
    relation: int | None
    document_date: date
    due_date: date | None
    days_overdue: int
    amount: Decimal
    amount_outstanding: Decimal
    currency: str
    description: str | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class BucketTotal:
    bucket: Bucket
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RelationTotal:
    relation: int | None
    amount: Decimal
    overdue: Decimal
    oldest_due_date: date | None


@dataclass(frozen=True, slots=True)
class OutstandingSummary:
    total: Decimal
    overdue: Decimal
    buckets: Sequence[BucketTotal]


class OutstandingReader(Protocol):
    """Of the administrations of one organisation, as things stand today in Brussels."""

    async def outstanding_summary(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, buckets: Sequence[Bucket]
    ) -> OutstandingSummary: ...

    async def outstanding_by_relation(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, first: int
    ) -> Sequence[RelationTotal]:
        """Largest amount first."""
        ...

    async def outstanding_items(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, first: int, after: str | None
    ) -> Page[OutstandingItemRow]:
        """Oldest due date first, with the total. Like the two before it raises PastDateNotAvailable."""
        ...

    async def outstanding_item(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, item: str
    ) -> OutstandingItemRow | None:
        """The item with that id; None where there is none (any more)."""
        ...
