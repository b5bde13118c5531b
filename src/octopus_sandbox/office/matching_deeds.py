"""What is matched, unmatched and matched again."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from octopus_sandbox.books.entries import LineKey
from octopus_sandbox.office.desk import Desk


def unmatch(desk: Desk) -> str | None:
    balancing = desk.picked(desk.books.matchings.all())
    if balancing is None:
        return None
    desk.books.unmatch(balancing.debit, balancing.credit)
    return f"{balancing.debit.document} and {balancing.credit.document}"


def match(desk: Desk) -> str | None:
    """Two open items of one relation that fit."""
    pairs = _fitting_items(desk)
    pair = desk.picked(pairs)
    if pair is None:
        return None
    desk.books.match(*pair)
    return f"{pair[0].document} and {pair[1].document}"


def rematch(desk: Desk) -> str | None:
    """A matching is removed and made again."""
    balancing = desk.picked(desk.books.matchings.all())
    if balancing is None:
        return None
    cents = desk.books.unmatch(balancing.debit, balancing.credit)
    desk.books.match(balancing.debit, balancing.credit, cents)
    return f"{balancing.debit.document} and {balancing.credit.document}"


def _fitting_items(desk: Desk) -> list[tuple[LineKey, LineKey]]:
    items = desk.books.matchings.open
    sides: dict[tuple[int, int], tuple[list[LineKey], list[LineKey]]] = {}
    for item, cents in items.items():
        line = desk.books.line(item)
        sides.setdefault((line.account, line.relation), ([], []))[0 if cents > 0 else 1].append(item)
    return [(debits[0], credits[0]) for debits, credits in sides.values() if debits and credits]


DEEDS: Mapping[str, Callable[[Desk], str | None]] = MappingProxyType(
    {
        "unmatch": unmatch,
        "match": match,
        "rematch": rematch,
    }
)
