"""Outstanding items: open receivables and payables, as Octopus reports them (octopus.md 2.13), and their ageing, of
items one by one or of their sums."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from monitr.domain.accounting.money import ZERO
from monitr.domain.words.sentence import Sentence

_OF_INVOICES = ("A", "V")
"""Journals of purchases and of sales."""


class OutstandingItemType(StrEnum):
    """Which half of the outstanding items."""

    RECEIVABLE = "RECEIVABLE"
    """What clients owe us."""
    PAYABLE = "PAYABLE"
    """What we owe suppliers."""


class ItemKey(NamedTuple):
    """Which line of which document, as Octopus's reports and matchings count lines (octopus.md 2.17); ``ordinal``: of
    the rows of that line, from 1."""

    bookyear: int
    journal_key: str
    document_number: int
    line_sequence: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class OutstandingItem:
    """One open row of Octopus's report. Amounts are positive where the relation owes us (RECEIVABLE) or we owe it
    (PAYABLE), in the bookkeeping currency; ``currency`` is the document's. ``ordinal`` as in ItemKey.
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
    ordinal: int = 1

    @property
    def count(self) -> int:
        return 1

    @property
    def key(self) -> ItemKey:
        return ItemKey(self.bookyear, self.journal_key, self.document_number, self.line_sequence, self.ordinal)

    @property
    def due(self) -> date:
        """Without a due date it is due on its date."""
        return self.due_date or self.document_date

    def days_overdue(self, as_of: date) -> int:
        return days_overdue(self.due, as_of)


@dataclass(frozen=True, slots=True)
class OutstandingSum:
    """Items as one, all due in one bucket (``bucket_starts``), the earliest at ``due``. For totals they are of one
    journal, and all positive or all negative; for totals by relation, of one relation."""

    relation: int | None
    journal_key: str
    due: date
    amount_outstanding: Decimal
    count: int


def days_overdue(due: date, as_of: date) -> int:
    """0 where it is not due before ``as_of``."""
    return max((as_of - due).days, 0)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Items between ``from_days`` and ``to_days`` overdue, both inclusive; None is open-ended."""

    from_days: int | None
    to_days: int | None

    @property
    def label(self) -> Sentence:
        match self.from_days, self.to_days:
            case None, _:
                return Sentence.of("bucket.NOT_DUE")
            case 1, None:
                return Sentence.of("bucket.OVERDUE")
            case first, None:
                return Sentence.of("bucket.MORE_DAYS", days=first - 1)
            case first, last if first == last:
                return Sentence.of("bucket.DAY", days=first)
            case first, last:
                return Sentence.of("bucket.DAYS", from_days=first, to_days=last)


def ageing_buckets(bucket_days: list[int]) -> list[Bucket]:
    """Not yet due, 1 to the first bound, …, over the last. Bounds are positive and rising, else ValueError."""
    if any(day < 1 for day in bucket_days) or any(a >= b for a, b in pairwise(bucket_days)):
        raise ValueError(f"bucket days must be positive and rising, not {bucket_days}")
    starts = [1, *(day + 1 for day in bucket_days)]
    bounded = [Bucket(start, end) for start, end in zip(starts, bucket_days, strict=False)]
    return [Bucket(None, 0), *bounded, Bucket(starts[-1], None)]


@dataclass(frozen=True, slots=True)
class BucketTotal:
    bucket: Bucket
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Ageing:
    """``buckets`` part the items, so that they add up to ``amount``; ``oldest_due_date``: None without items."""

    amount: Decimal
    overdue: Decimal
    oldest_due_date: date | None
    buckets: Sequence[BucketTotal]


@dataclass(frozen=True, slots=True)
class OutstandingTotals:
    """Of the items of one type. Invoices, credit notes and unmatched payments part them too
    (``tests/contract/rules.md``, 17)."""

    ageing: Ageing
    invoices: Decimal
    credit_notes: Decimal
    unmatched_payments: Decimal


def bucket_starts(buckets: Sequence[Bucket]) -> list[int]:
    """From how many days overdue on each bucket counts, rising. What lies between the same two of them is in the same
    bucket."""
    return [bucket.from_days or 0 for bucket in buckets]


def outstanding_totals(
    items: Iterable[OutstandingItem | OutstandingSum], as_of: date, buckets: Sequence[Bucket]
) -> OutstandingTotals:
    """``buckets`` as of ``ageing_buckets``."""
    by_kind: dict[bool | None, list[Decimal]] = defaultdict(list)
    all_items = list(items)
    for item in all_items:
        owed = item.amount_outstanding >= 0
        by_kind[None if owed else item.journal_key.startswith(_OF_INVOICES)].append(item.amount_outstanding)
    return OutstandingTotals(
        _ageing(all_items, as_of, buckets),
        invoices=sum(by_kind[None], ZERO),
        credit_notes=sum(by_kind[True], ZERO),
        unmatched_payments=sum(by_kind[False], ZERO),
    )


def largest_relations(
    items: Iterable[OutstandingItem | OutstandingSum], as_of: date, buckets: Sequence[Bucket], first: int
) -> list[tuple[int | None, Ageing]]:
    """Those with the largest amount, each with its relation's number, no relation behind its equals. ``buckets`` as of
    ``ageing_buckets``."""
    of_relation: dict[int | None, list[OutstandingItem | OutstandingSum]] = defaultdict(list)
    for item in items:
        of_relation[item.relation].append(item)
    amounts = {relation: outstanding_amount(its) for relation, its in of_relation.items()}
    largest = sorted(amounts, key=lambda relation: (-amounts[relation], relation is None, relation))[:first]
    return [(relation, _ageing(of_relation[relation], as_of, buckets)) for relation in largest]


def outstanding_amount(items: Iterable[OutstandingItem | OutstandingSum]) -> Decimal:
    return sum((item.amount_outstanding for item in items), ZERO)


def _ageing(items: Sequence[OutstandingItem | OutstandingSum], as_of: date, buckets: Sequence[Bucket]) -> Ageing:
    starts = bucket_starts(buckets)
    aged: list[list[OutstandingItem | OutstandingSum]] = [[] for _ in buckets]
    for item in items:
        aged[bisect_right(starts, days_overdue(item.due, as_of)) - 1].append(item)
    not_due, *overdue = [
        BucketTotal(bucket, sum(item.count for item in held), outstanding_amount(held))
        for bucket, held in zip(buckets, aged, strict=True)
    ]
    late = sum((one.amount for one in overdue), ZERO)
    oldest = min((item.due for item in items), default=None)
    return Ageing(not_due.amount + late, late, oldest, [not_due, *overdue])
