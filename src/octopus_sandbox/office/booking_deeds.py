"""What is booked: at once, late, in a session, where it is unusual."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from octopus_sandbox.books.entries import Line
from octopus_sandbox.office.desk import Desk, named

_HOUR = 3_600_000
"""Milliseconds."""
OPENING_NAMES = ("Opening balance", "Hernemingen", "Ouvertures", "Diversen")


def sell(desk: Desk) -> str | None:
    return named(desk.invoice(desk.day()))


def buy(desk: Desk) -> str | None:
    return named(desk.invoice(desk.day(), purchase=True))


def pay(desk: Desk) -> str | None:
    """Wholly, or a part."""
    item = desk.picked(list(desk.books.matchings.open))
    day = desk.day()
    year = desk.year_of(day)
    if item is None or year is None or (year.id, "F1") not in desk.books.journals:
        return None
    part = desk.random.randint(1, abs(desk.books.matchings.open[item])) if desk.random.random() < 0.4 else None
    return named(desk.books.pay(item, date=day, cents=part))


def settle_in_divers(desk: Desk) -> str | None:
    """Write an open item off against 657000, without matching the two."""
    item = desk.picked(list(desk.books.matchings.open))
    if item is None:
        return None
    line, cents = desk.books.line(item), desk.books.matchings.open[item]
    lines = (Line(line.account, -cents, -cents, line.relation), Line(657000, cents, cents))
    return named(desk.booked("D2", desk.day(), lines, "Afboeking"))


def book_late(desk: Desk) -> str | None:
    """A booking that another program made up to nine days ago appears now, with its stamp of then."""
    ago = desk.random.randint(1, 9 * 24) * _HOUR
    with desk.books.stamped(desk.books.clock.milliseconds() - ago):
        document = desk.invoice(desk.day(), purchase=desk.random.random() < 0.5)
    return f"{named(document)} stamped {ago // _HOUR} hours ago" if document else None


def book_in_session(desk: Desk) -> str | None:
    """The desktop program holds a booking; nobody sees it until `synchronise`."""
    day, purchase = desk.day(), desk.random.random() < 0.5
    lines = desk.invoice_lines(purchase=purchase)
    if desk.year_of(day) is None or lines is None:
        return None
    journal = "A1" if purchase else "V1"
    desk.session.do(lambda books: books.book(journal=journal, date=day, lines=lines, comment="Desktop"))
    return "held"


def delete_in_session(desk: Desk) -> str | None:
    document = desk.picked_document()
    if document is None:
        return None
    desk.session.do(lambda books: books.delete(document.key))
    return f"held: delete {named(document)}"


def synchronise(desk: Desk) -> str | None:
    held = desk.session.held
    desk.session.synchronise()
    return f"{held} changes" if held else None


def book_in_old_year(desk: Desk) -> str | None:
    """A cost of a bookyear that has ended, booked on its last day."""
    years = [year for year in desk.books.bookyears.values() if year.end < desk.today() and not year.closed]
    year = max(years, key=lambda year: year.start, default=None)
    return named(desk.invoice(year.end, purchase=True)) if year else None


def decoy_opening(desk: Desk) -> str | None:
    """A divers journal called after openings, with an ordinary small booking in the first days of a bookyear."""
    year = desk.year_of(desk.today())
    if year is None:
        return None
    if (year.id, "D8") not in desk.books.journals:
        desk.books.add_journal("D8", desk.random.choice(OPENING_NAMES))
    cents = desk.random.randint(100, 90_000)
    lines = (Line(550000, cents, cents), Line(489000, -cents, -cents))
    return named(desk.booked("D8", year.start + timedelta(days=desk.random.randint(0, 12)), lines, "Correctie"))


def book_in_unlisted_journal(desk: Desk) -> str | None:
    """A line of a journal that no list shows yet."""
    cents = desk.random.randint(100, 90_000)
    lines = (Line(613000, cents, cents), Line(489000, -cents, -cents))
    return named(desk.booked("D9", desk.day(), lines, "Nieuw dagboek"))


def list_journals(desk: Desk) -> str | None:
    """Journals that have bookings and were not listed are listed."""
    books = desk.books
    missing = sorted(
        {
            (document.key.bookyear, document.key.journal_key)
            for document in books.movements()
            if (document.key.bookyear, document.key.journal_key) not in books.journals
        }
    )
    for year, key in missing:
        books.add_journal(key, f"Dagboek {key}", bookyear=year)
    return ", ".join(f"{key} of {year}" for year, key in missing) or None


def drop_journal(desk: Desk) -> str | None:
    """A journal is missing in one bookyear, its bookings are not, and nothing told of it."""
    year, key = desk.picked([held for held in desk.books.journals if held[1][0] != "F"]) or (None, "")
    if year is None:
        return None
    desk.books.remove_journal(key, year, told=False)
    return f"{key} of {year}"


DEEDS: Mapping[str, Callable[[Desk], str | None]] = MappingProxyType(
    {
        "sell": sell,
        "buy": buy,
        "pay": pay,
        "settle-in-divers": settle_in_divers,
        "book-late": book_late,
        "book-in-session": book_in_session,
        "delete-in-session": delete_in_session,
        "synchronise": synchronise,
        "book-in-old-year": book_in_old_year,
        "decoy-opening": decoy_opening,
        "book-in-unlisted-journal": book_in_unlisted_journal,
        "list-journals": list_journals,
        "drop-journal": drop_journal,
    }
)
