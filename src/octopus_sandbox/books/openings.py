"""Year openings: what is carried forward, and how the stand-in shows it (octopus.md 4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from octopus_sandbox.books.entries import Document, DocumentKey, Line, net_by_account
from octopus_sandbox.switches import CarriedForward, OpeningMark, OpeningVariant, Switches

if TYPE_CHECKING:
    from octopus_sandbox.books import Books

BALANCE_SHEET = 600000
"""Accounts below are of classes 0 to 5 and are carried forward; those above start every bookyear at zero."""


def opening_lines(books: Books, bookyear: int, result_account: int) -> tuple[Line, ...]:
    """The lines that open a bookyear: the closing balances of classes 0 to 5, the open result on one account."""
    balances = closing_balances(books, bookyear)
    result = sum(cents for account, cents in balances.items() if account >= BALANCE_SHEET)
    carried = {account: cents for account, cents in balances.items() if account < BALANCE_SHEET}
    carried[result_account] = carried.get(result_account, 0) + result
    return tuple(Line(account, cents, cents) for account, cents in sorted(carried.items()) if cents)


def closing_balances(books: Books, bookyear: int) -> dict[int, int]:
    """Cents by account at the end of the bookyear before this one, classes 6 to 9 of that bookyear alone.

    A bookyear without opening stands on the closing of the one before it.
    """
    previous = books.bookyear_before(bookyear)
    if previous is None:
        return {}
    opening = books.openings.get(previous.id)
    balances: dict[int, int] = {}
    if opening is not None:
        balances = net_by_account(opening.lines)
    elif books.bookyear_before(previous.id) is not None:
        earlier = closing_balances(books, previous.id)
        balances = {account: cents for account, cents in earlier.items() if account < BALANCE_SHEET}
        balances[140000] = balances.get(140000, 0) + sum(c for a, c in earlier.items() if a >= BALANCE_SHEET)
    for (year, _), documents in books.documents.items():
        if year == previous.id:
            for document in documents.values():
                for line in document.lines:
                    balances[line.account] = balances.get(line.account, 0) + line.cents
    return balances


def shown_openings(books: Books, switches: Switches) -> Iterator[Document]:
    """The carried-forward openings as the switches let them appear in the ledger, keys and periods included."""
    if switches.opening_of(books.card.id) is OpeningVariant.NONE:
        return
    newest = max(books.bookyears.values(), key=lambda year: year.start, default=None)
    for bookyear, document in sorted(books.openings.items()):
        hidden = switches.carried_forward is CarriedForward.NEWEST_NOT_YET
        if hidden and newest is not None and bookyear == newest.id:
            continue
        yield presented(document, books, switches)


def presented(document: Document, books: Books, switches: Switches) -> Document:
    """One opening with the journal type, number and period that the switches give it."""
    key = presented_key(document.key, books, switches)
    period = document.period
    if switches.opening_mark is OpeningMark.NO_PERIOD:
        period = None
    elif switches.opening_mark is OpeningMark.PERIOD_00 and period is not None:
        period = period // 100 * 100
    return document._replace(key=key, period=period)


def presented_key(key: DocumentKey, books: Books, switches: Switches) -> DocumentKey:
    """The key under which an opening is seen."""
    if switches.opening_of(books.card.id) is OpeningVariant.SPECIAL_TYPE:
        return key._replace(journal_type=switches.special_opening_type)
    return key
