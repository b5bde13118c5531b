"""Builders of open items, and books of them by the contract's own words: the documents dated up to a day, less the
matchings dated up to it."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.open_items_at import Settlement
from monitr.domain.accounting.outstanding_items import ItemKey, OutstandingItem, OutstandingItemType

TODAY = date(2026, 11, 22)


def an_item(number: int = 1, **changes: object) -> OutstandingItem:
    """An invoice of 1 January, of which nothing is settled."""
    values = {
        "type": OutstandingItemType.RECEIVABLE,
        "bookyear": 1,
        "journal_key": "V1",
        "document_number": number,
        "line_sequence": -1,
        "relation": 5,
        "document_date": date(2026, 1, 1),
        "due_date": None,
        "amount": Decimal("100.00"),
        "amount_outstanding": Decimal("100.00"),
        "currency": "EUR",
        "currency_amount": None,
        "currency_amount_outstanding": None,
        "description": None,
        "reference": None,
        **changes,
    }
    return OutstandingItem(**values)  # type: ignore[arg-type]  # a builder's defaults and changes are of any type


@dataclass(frozen=True)
class Matching:
    """Of a positive item with a negative one, by their places."""

    invoice: int
    payment: int
    amount: Decimal


@dataclass(frozen=True)
class Books:
    """Items as they were booked, and what settles them."""

    items: list[OutstandingItem]
    matchings: list[Matching]

    def matched_on(self, matching: Matching) -> date:
        return max(self.items[place].document_date for place in (matching.invoice, matching.payment))

    def standing(self, day: date) -> list[OutstandingItem]:
        left = {place: item.amount for place, item in enumerate(self.items) if item.document_date <= day}
        for matching in self.matchings:
            if self.matched_on(matching) <= day:
                left[matching.invoice] -= matching.amount
                left[matching.payment] += matching.amount
        return [replace(self.items[place], amount_outstanding=amount) for place, amount in left.items() if amount]

    def report(self) -> list[OutstandingItem]:
        """When everything is booked."""
        return self.standing(date.max)

    def settlements(self) -> list[Settlement]:
        """Of both documents of each matching: which of them stood open for it, the rule finds out."""
        sides = [
            (self.items[place], sign * matching.amount, self.matched_on(matching))
            for matching in self.matchings
            for place, sign in ((matching.invoice, 1), (matching.payment, -1))
        ]
        return [Settlement(replace(item, amount_outstanding=amount), on) for item, amount, on in sides]


def amounts(items: list[OutstandingItem]) -> dict[ItemKey, Decimal]:
    """What stands open of each; an item is there once."""
    found = {item.key: item.amount_outstanding for item in items}
    assert len(found) == len(items)
    assert ZERO not in found.values()
    return found
