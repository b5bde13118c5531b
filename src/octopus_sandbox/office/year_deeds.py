"""Bookyears that are opened, closed, and given their balances."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from octopus_sandbox.books.bookyears import Bookyear, months_later
from octopus_sandbox.books.second_transfer import SecondTransfer, transfer_again
from octopus_sandbox.office.booking_deeds import OPENING_NAMES
from octopus_sandbox.office.desk import Desk, named


def open_year(desk: Desk) -> str | None:
    """The bookyear after the newest, once that has begun its last quarter."""
    newest = max(desk.books.bookyears.values(), key=lambda year: year.start)
    if desk.today() < newest.end - timedelta(days=92):
        return None
    start = months_later(newest.start, 12)
    return str(desk.books.add_bookyear(start, period_length=newest.period_length).id)


def close_year(desk: Desk) -> str | None:
    ended = [y for y in desk.books.bookyears.values() if y.end < desk.today() and not y.closed]
    year = min(ended, key=lambda year: year.start, default=None)
    if year is None:
        return None
    desk.books.close_bookyear(year.id)
    return str(year.id)


def reopen_year(desk: Desk) -> str | None:
    closed = [year for year in desk.books.bookyears.values() if year.closed]
    year = max(closed, key=lambda year: year.start, default=None)
    if year is None:
        return None
    desk.books.close_bookyear(year.id, closed=False)
    return str(year.id)


def transfer(desk: Desk) -> str | None:
    """Balances into the newest bookyear that has one before it, whether that is closed or not."""
    year = _transferable(desk)
    document = desk.books.carry_forward(year.id) if year else None
    return named(document) if document else None


def transfer_by_hand(desk: Desk) -> str | None:
    year = _transferable(desk)
    if year is None:
        return None
    if (year.id, "D7") not in desk.books.journals:
        desk.books.add_journal("D7", desk.random.choice(OPENING_NAMES), bookyear=year.id)
    document = desk.books.carry_forward(year.id, journal="D7", by_way_of=580000)
    return named(document) if document else None


def transfer_a_second_time(desk: Desk) -> str | None:
    year = desk.picked(sorted(desk.books.openings))
    if year is None:
        return None
    how = desk.random.choice(list(SecondTransfer))
    document = transfer_again(desk.books, year, how)
    return f"{how}: {named(document)}" if document else None


def _transferable(desk: Desk) -> Bookyear | None:
    years = [year for year in desk.books.bookyears.values() if desk.books.bookyear_before(year.id)]
    return max(years, key=lambda year: year.start, default=None)


DEEDS: Mapping[str, Callable[[Desk], str | None]] = MappingProxyType(
    {
        "open-year": open_year,
        "close-year": close_year,
        "reopen-year": reopen_year,
        "transfer": transfer,
        "transfer-by-hand": transfer_by_hand,
        "transfer-again": transfer_a_second_time,
    }
)
