"""What stood open on a past day, from Octopus's report of today and the matchings (octopus.md 2.13, 2.17).

A matching settles two documents on the later one's date (``tests/contract/frontend.graphql``): until then the earlier
one stood open for what was matched, and the later one was not there. So the items of a day are those that the report
lists and that were there, with what has been settled since standing open again. Today's report is the judge: on its own
day what is rebuilt equals it, by construction.
"""

from collections.abc import Iterable, Set
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from monitr.domain.accounting.outstanding_items import OutstandingItem


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
