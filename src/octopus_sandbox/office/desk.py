"""What a bookkeeper works with: the books, a draw, and what can be picked from them."""

from datetime import date, timedelta
from random import Random
from typing import TypeVar

from octopus_sandbox.books import Books
from octopus_sandbox.books.bookyears import Bookyear
from octopus_sandbox.books.desktop_session import DesktopSession
from octopus_sandbox.books.entries import CLIENTS, SUPPLIERS, Document, Line
from octopus_sandbox.books.matchings import is_item
from octopus_sandbox.sandbox import Sandbox

T = TypeVar("T")


class Desk:
    """The books of one dossier. `random` is another one for each deed."""

    def __init__(self, sandbox: Sandbox, dossier: int) -> None:
        self.sandbox = sandbox
        self.dossier = dossier
        self.session = DesktopSession(self.books)
        self.random = Random(0)

    @property
    def books(self) -> Books:
        return self.sandbox.books(self.dossier)

    def today(self) -> date:
        return self.sandbox.clock.today()

    def day(self) -> date:
        """A day of the last weeks, mostly a recent one."""
        return self.today() - timedelta(days=int(self.random.random() ** 3 * 40))

    def year_of(self, day: date) -> Bookyear | None:
        """The bookyear of a day, if it is open."""
        return next((year for year in self.books.bookyears.values() if day in year and not year.closed), None)

    def picked(self, choices: list[T]) -> T | None:
        return self.random.choice(choices) if choices else None

    def picked_document(self) -> Document | None:
        """A document of an open bookyear, mostly one of the last that were booked in some journal."""
        open_years = {year.id for year in self.books.bookyears.values() if not year.closed}
        documents = [d for d in self.books.movements() if d.lines and d.key.bookyear in open_years]
        recent = documents[-200:] if self.random.random() < 0.8 else documents
        return self.picked(recent)

    def invoice(self, day: date, *, purchase: bool = False) -> Document | None:
        lines = self.invoice_lines(purchase=purchase)
        return self.booked("A1" if purchase else "V1", day, lines, "Factuur") if lines else None

    def invoice_lines(self, *, purchase: bool) -> tuple[Line, ...] | None:
        relations = [r.id for r in self.books.relations.values() if (r.supplier if purchase else r.client)]
        relation = self.picked(relations)
        if relation is None:
            return None
        base = self.random.randint(500, 900_000)
        vat = (base * 21 + 50) // 100
        centre = self.picked([0, *sorted(self.books.cost_centres)]) or 0
        if purchase:
            split = self.random.randint(1, base - 1)
            return (
                Line(SUPPLIERS, -base - vat, -base - vat, relation),
                Line(604000, split, split, 0, centre, vat_code="H21", vat_cents=vat, vat_section="81"),
                Line(604000, base - split, base - split),
                Line(411000, vat, vat, vat_section="59"),
            )
        return (
            Line(CLIENTS, base + vat, base + vat, relation),
            Line(700000, -base, -base, 0, centre, vat_code="21", vat_cents=-vat, vat_section="03"),
            Line(451000, -vat, -vat, vat_section="54"),
        )

    def booked(self, journal: str, day: date, lines: tuple[Line, ...], comment: str) -> Document | None:
        if self.year_of(day) is None:
            return None
        due = day + timedelta(days=30) if any(is_item(line) for line in lines) else None
        return self.books.book(journal=journal, date=day, lines=lines, due=due, comment=comment)


def named(document: Document | None) -> str | None:
    """How a deed speaks of a document."""
    if document is None:
        return None
    key = document.key
    return f"{key.journal_key}/{key.number} of {key.bookyear}"
