"""What stood open on a past day, from Octopus's report of today and the matchings (octopus.md 2.13, 2.17).

A matching settles two documents on the later one's date (``tests/contract/frontend.graphql``): until then the earlier
one stood open for what was matched, and the later one was not there. So the items of a day are those that the report
lists and that were there, with what has been settled since standing open again. Today's report is the judge: on its own
day what is rebuilt equals it, by construction.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple

from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingSum


class OutstandingBasis(StrEnum):
    CURRENT = "CURRENT"
    """Octopus's own report, as the last import found it."""
    SNAPSHOT = "SNAPSHOT"
    """Octopus's own report, as an import found it on that day."""
    REBUILT = "REBUILT"
    """Worked out from documents and matchings."""


class Settlement(NamedTuple):
    """What was taken off an item on a day: ``item`` is what stood open for it until then. Its ``amount`` is the
    document's, or what was taken off where no document is known; in its currency as ``in_currency``."""

    item: OutstandingItem
    on: date


def basis_of(day: date, today: date, snapshots: Set[date]) -> OutstandingBasis:
    """``snapshots``: the days on which an import found the items."""
    if day >= today:
        return OutstandingBasis.CURRENT
    return OutstandingBasis.SNAPSHOT if day in snapshots else OutstandingBasis.REBUILT


def open_items_at(
    day: date, listed: Iterable[OutstandingItem], settlements: Iterable[Settlement]
) -> list[OutstandingItem]:
    """Those that stood open at the end of the day. ``listed``: by Octopus's report, as it is now."""
    found = {item.key: item for item in listed if item.document_date <= day}
    for item, on in settlements:
        if item.document_date <= day < on:
            rest = found.get(item.key)
            found[item.key] = item if rest is None else _together(rest, item.amount_outstanding)
    return [item for item in found.values() if item.amount_outstanding]


class OpenPart(NamedTuple):
    """A part of what stood open of an item: from the day of its document to the day before ``settled_on``; to this day,
    where that is None."""

    key: tuple[int, str, int, int, int]
    """As ItemKey."""
    relation: int | None
    due: date
    document_date: date
    settled_on: date | None
    amount: Decimal


def open_sums_at(
    days: Sequence[date], parts: Iterable[OpenPart], *, by_relation: bool
) -> dict[date, list[OutstandingSum]]:
    """What ``open_items_at`` gives for each of the rising days, summed: by relation and due date; else, as for totals,
    by the first letter of the journal, sign and due date. ``parts``: those that are listed come first.

    One pass over the parts, whatever the number of days: what changes from one day to the next is added up.
    """
    of_item: dict[tuple[int, str, int, int, int], list[tuple[int, int, OpenPart]]] = defaultdict(list)
    for part in parts:
        first = bisect_left(days, part.document_date)
        end = len(days) if part.settled_on is None else bisect_left(days, part.settled_on)
        if first < end:
            of_item[part.key].append((first, end, part))
    changes: list[dict[_Group, list[Any]]] = [defaultdict(lambda: [ZERO, 0]) for _ in range(len(days) + 1)]
    for stretches in of_item.values():
        for first, end, part, amount in _standing(stretches):
            group = _group(part, amount, by_relation=by_relation)
            for at, sign in ((first, 1), (end, -1)):
                change = changes[at][group]
                change[0] += sign * amount
                change[1] += sign
    return _added_up(days, changes)


_Group = tuple[int | None, str, bool, date]


def _group(part: OpenPart, amount: Decimal, *, by_relation: bool) -> _Group:
    return (part.relation, "", False, part.due) if by_relation else (None, part.key[1][:1], amount < 0, part.due)


def _standing(stretches: Sequence[tuple[int, int, OpenPart]]) -> Iterator[tuple[int, int, OpenPart, Decimal]]:
    """Of one item: from which day to before which one what stood open, with the part that says whose it was."""
    if len(stretches) == 1:
        ((first, end, part),) = stretches
        if part.amount:
            yield first, end, part, part.amount
        return
    for start, end in pairwise(sorted({bound for first, last, _ in stretches for bound in (first, last)})):
        held = [part for first, last, part in stretches if first <= start < last]
        amount = sum((part.amount for part in held), ZERO)
        if amount:
            yield start, end, held[0], amount


def _added_up(
    days: Sequence[date], changes: Sequence[Mapping[_Group, Sequence[Any]]]
) -> dict[date, list[OutstandingSum]]:
    running: dict[_Group, tuple[Decimal, int]] = {}
    sums: dict[date, list[OutstandingSum]] = {}
    for day, changed in zip(days, changes, strict=False):
        for group, (amount, count) in changed.items():
            held = running.get(group, (ZERO, 0))
            running[group] = (held[0] + amount, held[1] + count)
        sums[day] = [
            OutstandingSum(relation, journal, due, amount, count)
            for (relation, journal, _, due), (amount, count) in running.items()
            if count
        ]
    return sums


def _together(rest: OutstandingItem, settled: Decimal) -> OutstandingItem:
    """What was settled stands open beside the rest of the item."""
    outstanding = rest.amount_outstanding + settled
    return replace(
        rest,
        amount=max(rest.amount, outstanding, key=abs),
        amount_outstanding=outstanding,
        currency_amount_outstanding=in_currency(outstanding, rest.amount, rest.currency_amount),
    )


def in_currency(outstanding: Decimal, amount: Decimal, currency_amount: Decimal | None) -> Decimal | None:
    """What stands open of a document in its own currency. None where that is a part, and the currency is another one
    than the books': matchings tell only theirs."""
    if currency_amount == amount:
        return outstanding
    return currency_amount if outstanding == amount else None
