"""What a person changes in a document that was booked."""

from itertools import combinations
from random import Random

from octopus_sandbox.books import Books
from octopus_sandbox.books.entries import CLIENTS, Document, DocumentKey, Line
from octopus_sandbox.books.matchings import is_item


def corrected_cost_centre(document: Document, books: Books, random: Random) -> Document:
    """Another cost centre, or none, on one line that is no item."""
    free = [at for at, line in enumerate(document.lines) if not is_item(line)]
    if not free:
        return corrected_text(document, books, random)
    centre = random.choice([0, *sorted(books.cost_centres)])
    return _with(document, random.choice(free), cost_centre=centre)


def corrected_relation(document: Document, books: Books, random: Random) -> Document:
    """Another relation on an item; what matched it is undone."""
    items = [at for at, line in enumerate(document.lines) if is_item(line)]
    if not items:
        return corrected_text(document, books, random)
    at = random.choice(items)
    client = document.lines[at].account == CLIENTS
    others = [r.id for r in books.relations.values() if (r.client if client else r.supplier)]
    return _with(document, at, relation=random.choice(others)) if others else document


def corrected_text(document: Document, books: Books, random: Random) -> Document:
    """Another comment on the whole document."""
    return document._replace(comment=f"Correctie {random.randint(1, 9_999)}")


def moved_amount(document: Document, random: Random) -> tuple[Line, ...] | None:
    """The lines with some cents more on one and less on another; None where there are not two."""
    if len(document.lines) < 2:
        return None
    one, other = random.sample(range(len(document.lines)), 2)
    return _moved(document.lines, one, other, random.randint(1, 5_000))


def shift_amounts(books: Books, random: Random) -> tuple[DocumentKey, DocumentKey] | None:
    """Move cents between two accounts in one document and back in another of the same period, and keep all stamps.

    Every document nets to zero and every total stays: only the lines tell. None where no two documents allow it.
    """
    by_accounts: dict[tuple[int, int | None, int, int], list[tuple[DocumentKey, int, int]]] = {}
    open_years = {year.id for year in books.bookyears.values() if not year.closed}
    for document in [held for held in books.movements() if held.key.bookyear in open_years][-300:]:
        free = [at for at, line in enumerate(document.lines) if not is_item(line)]
        for one, other in combinations(free[:4], 2):
            accounts = (document.lines[one].account, document.lines[other].account)
            if accounts[0] != accounts[1]:
                pair = (document.key.bookyear, document.period, *accounts)
                by_accounts.setdefault(pair, []).append((document.key, one, other))
    pairs = [held for held in by_accounts.values() if len({key for key, _, _ in held}) > 1]
    if not pairs:
        return None
    held = random.choice(pairs)
    first = random.choice(held)
    second = random.choice([other for other in held if other[0] != first[0]])
    cents = random.randint(1, 5_000)
    for (key, one, other), by in ((first, cents), (second, -cents)):
        lines = books.documents[key[:2]][key].lines
        books.change(key, keeps_stamp=True, lines=_moved(lines, one, other, by))
    return first[0], second[0]


def _moved(lines: tuple[Line, ...], one: int, other: int, cents: int) -> tuple[Line, ...]:
    moved = list(lines)
    for at, by in ((one, cents), (other, -cents)):
        moved[at] = moved[at]._replace(cents=moved[at].cents + by, currency_cents=moved[at].currency_cents + by)
    return tuple(moved)


def _with(document: Document, at: int, *, cost_centre: int | None = None, relation: int | None = None) -> Document:
    line = document.lines[at]
    if cost_centre is not None:
        line = line._replace(cost_centre=cost_centre)
    if relation is not None:
        line = line._replace(relation=relation)
    return document._replace(lines=(*document.lines[:at], line, *document.lines[at + 1 :]))
