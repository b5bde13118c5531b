"""Small books, so that a day is quick: two bookyears of a dozen bookings each, and whatever the deeds need."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from random import Random

from octopus_sandbox.books import Books
from octopus_sandbox.books.bookyears import PeriodLength
from octopus_sandbox.books.entries import Line
from octopus_sandbox.clock import BRUSSELS, Clock

_ACCOUNTS = {
    100000: "Kapitaal",
    140000: "Resultaat",
    130000: "Reserve",
    173000: "Lening",
    221000: "Gebouwen",
    230000: "Machines",
    400000: "Klanten",
    411000: "Btw",
    416000: "Voorschotten",
    440000: "Leveranciers",
    451000: "Btw",
    455000: "Lonen",
    489000: "Diverse",
    550000: "Bank",
    570000: "Kas",
    580000: "Overboekingen",
    588888: "Begin",
    604000: "Aankopen",
    613000: "Diensten",
    657000: "Kosten",
    700000: "Verkopen",
}
_FIRST = {100000: -62_000, 130000: -9_050, 173000: -40_000, 221000: 90_000, 230000: 18_500, 416000: 700, 455000: -1_150}
"""In euro, with which the dossier begins; the bank has the rest."""
_FEW, _FEW_EVERY = {100000: -62_000}, 5
"""With which one seed of so many begins: a late booking in the old year changes most of what such a company has."""
_BOOKINGS = 12
"""Of each year."""
_LENGTHS = (PeriodLength.MONTH, PeriodLength.QUARTER)
_FIRST_MONTHS = (1, 7, 1)


def small_books(dossier: int, seed: int, clock: Clock) -> Books:
    """Up to today; equal for an equal seed and day."""
    chance, today = Random(f"books of {dossier} {seed}"), clock.today()
    books = Books.empty(dossier, f"Dossier {dossier}", clock)
    month = _FIRST_MONTHS[dossier % len(_FIRST_MONTHS)]
    newest = date(today.year if today.month >= month else today.year - 1, month, 1)
    for start in (newest.replace(year=newest.year - 1), newest):
        with books.stamped(_midnight(start)):
            books.add_bookyear(start, period_length=_LENGTHS[dossier % len(_LENGTHS)])
            _master_data(books)
    for year in list(books.bookyears.values()):
        if year.id == 1:
            with books.stamped(_midnight(year.start)):
                _begin(books, year.start, _FIRST if seed % _FEW_EVERY else _FEW)
        else:
            with books.stamped(_midnight(year.start)):
                books.carry_forward(year.id)
        days = (min(year.end, today - timedelta(days=1)) - year.start).days
        for day in sorted(chance.randint(0, max(days, 0)) for _ in range(_BOOKINGS)):
            with books.stamped(_midnight(year.start + timedelta(days=day))):
                _invoice(books, year.start + timedelta(days=day), chance)
    return books


def _master_data(books: Books) -> None:
    for number, name in _ACCOUNTS.items():
        books.add_account(number, name, f"{name} FR")
    for key in ("A1", "V1", "D1"):
        books.add_journal(key, key)
    books.add_journal("F1", "Bank", account=550000)
    for id in (1, 2):
        books.add_relation(id, f"Klant {id}", client=True)
        books.add_relation(id + 2, f"Leverancier {id}", supplier=True)
        books.put_cost_centre(id, f"Kostenplaats {id}")


def _begin(books: Books, day: date, first: Mapping[int, int]) -> None:
    cents = {account: euro * 100 for account, euro in first.items()}
    cents[550000] = -sum(cents.values())
    books.book(journal="D1", date=day, lines=tuple(Line(account, each, each) for account, each in cents.items()))


def _invoice(books: Books, day: date, chance: Random) -> None:
    cents, relation = chance.randint(1_000, 900_000), chance.randint(1, 2)
    if chance.random() < 0.5:
        lines = (Line(400000, cents, cents, relation), Line(700000, -cents, -cents, 0, chance.randint(0, 2)))
        books.book(journal="V1", date=day, lines=lines, due=day + timedelta(days=30))
    else:
        lines = (Line(440000, -cents, -cents, relation + 2), Line(604000, cents, cents, 0, chance.randint(0, 2)))
        books.book(journal="A1", date=day, lines=lines, due=day + timedelta(days=30))


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(9), BRUSSELS).timestamp() * 1000)
