"""Outstanding items: open receivables and payables, as Octopus reports them (octopus.md 2.13), and their ageing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise


class OutstandingItemType(StrEnum):
    """Which half of the outstanding items."""

    RECEIVABLE = "RECEIVABLE"
    """What clients owe us."""
    PAYABLE = "PAYABLE"
    """What we owe suppliers."""


@dataclass(frozen=True, slots=True)
class OutstandingItem:
    """One open row of Octopus's report. Amounts are positive where the relation owes us (RECEIVABLE) or we owe it
    (PAYABLE), in the bookkeeping currency; ``currency`` is the document's.
    """

    type: OutstandingItemType
    bookyear: int
    journal_key: str
    document_number: int
    line_sequence: int
    relation: int | None
    document_date: date
    due_date: date | None
    amount: Decimal
    amount_outstanding: Decimal
    currency: str
    currency_amount: Decimal | None
    currency_amount_outstanding: Decimal | None
    description: str | None
    reference: str | None

    def days_overdue(self, as_of: date) -> int:
        """0 where it is not due before ``as_of``; without a due date it is due on its date."""
        return max((as_of - (self.due_date or self.document_date)).days, 0)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Items between ``from_days`` and ``to_days`` overdue, both inclusive; None is open-ended."""

    label: str
    from_days: int | None
    to_days: int | None

    def holds(self, days_overdue: int) -> bool:
        return (self.from_days is None or self.from_days <= days_overdue) and (
            self.to_days is None or days_overdue <= self.to_days
        )


def ageing_buckets(bucket_days: list[int]) -> list[Bucket]:
    """Not yet due, 1 to the first bound, …, over the last. Bounds are positive and rising, else ValueError."""
    if any(day < 1 for day in bucket_days) or any(a >= b for a, b in pairwise(bucket_days)):
        raise ValueError(f"bucket days must be positive and rising, not {bucket_days}")
    starts = [1, *(day + 1 for day in bucket_days)]
    bounded = [
        Bucket(f"{start}-{end}" if start < end else f"{start}", start, end)
        for start, end in zip(starts, bucket_days, strict=False)
    ]
    last = Bucket(f">{bucket_days[-1]}" if bucket_days else "overdue", starts[-1], None)
    return [Bucket("not due", None, 0), *bounded, last]
