"""A person who keeps the books of one dossier, as drawn from a seed: one deed at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from types import MappingProxyType
from typing import TypeVar

from octopus_sandbox.books import Books
from octopus_sandbox.books.bookyears import Bookyear, months_later
from octopus_sandbox.books.desktop_session import DesktopSession
from octopus_sandbox.books.entries import CLIENTS, SUPPLIERS, Document, Line, LineKey
from octopus_sandbox.books.matchings import is_item
from octopus_sandbox.books.second_transfer import SecondTransfer, transfer_again
from octopus_sandbox.office.corrections import (
    corrected_cost_centre,
    corrected_relation,
    corrected_text,
    moved_amount,
    shift_amounts,
)
from octopus_sandbox.sandbox import Sandbox

T = TypeVar("T")
_HOUR = 3_600_000
"""Milliseconds."""
_OPENING_NAMES = ("Opening balance", "Hernemingen", "Ouvertures", "Diversen")


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done."""

    name: str
    dossier: int
    what: str
    """For a person who reads the story of a seed."""


class Accountant:
    """Does one deed by name and draw: equal books, clock and draw give the equal deed.

    Each deed has a generator of its own, so that a deed left out of a story changes the later ones only as far as the
    books differ.
    """

    def __init__(self, sandbox: Sandbox, dossier: int) -> None:
        self._sandbox = sandbox
        self._dossier = dossier
        self._session = DesktopSession(self._books)
        self._random = Random(0)
        self._deeds: Mapping[str, Callable[[], str | None]] = {
            "sell": self._sell,
            "buy": self._buy,
            "pay": self._pay,
            "settle-in-divers": self._settle_in_divers,
            "correct": self._correct,
            "correct-amount": self._correct_amount,
            "correct-unstamped": self._correct_unstamped,
            "shift-unstamped": self._shift_unstamped,
            "delete": self._delete,
            "delete-last-and-reuse": self._delete_last_and_reuse,
            "reuse-number": self._reuse_number,
            "book-late": self._book_late,
            "book-in-session": self._book_in_session,
            "delete-in-session": self._delete_in_session,
            "synchronise": self._synchronise,
            "unmatch": self._unmatch,
            "match": self._match,
            "rematch": self._rematch,
            "open-year": self._open_year,
            "close-year": self._close_year,
            "reopen-year": self._reopen_year,
            "transfer": self._transfer,
            "transfer-by-hand": self._transfer_by_hand,
            "transfer-again": self._transfer_again,
            "book-in-old-year": self._book_in_old_year,
            "decoy-opening": self._decoy_opening,
            "book-in-unlisted-journal": self._book_in_unlisted_journal,
            "list-journals": self._list_journals,
            "drop-journal": self._drop_journal,
            "rename-account": self._rename_account,
            "rename-cost-centre": self._rename_cost_centre,
            "rename-relation": self._rename_relation,
            "rename-dossier": self._rename_dossier,
        }

    @property
    def deeds(self) -> tuple[str, ...]:
        """The names of what can be done."""
        return tuple(self._deeds)

    @property
    def holds(self) -> int:
        """How many changes the desktop session has not sent."""
        return self._session.held

    def act(self, draw: int, deed: str | None = None) -> Deed | None:
        """Do a deed, drawn by its weight where it is not named; None where the books do not allow it."""
        self._random = Random(f"{draw}/{deed}")
        name = deed or self._random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        with self._books.lock:
            what = self._deeds[name]()
        return Deed(name, self._dossier, what) if what is not None else None

    # --- bookings --------------------------------------------------------------------------------------

    def _sell(self) -> str | None:
        return _named(self._invoice(self._day()))

    def _buy(self) -> str | None:
        return _named(self._invoice(self._day(), purchase=True))

    def _pay(self) -> str | None:
        """Wholly, or a part."""
        item = self._picked(list(self._books.matchings.open))
        year = self._year_of(self._day())
        if item is None or year is None or (year.id, "F1") not in self._books.journals:
            return None
        part = self._random.randint(1, abs(self._books.matchings.open[item])) if self._random.random() < 0.4 else None
        return _named(self._books.pay(item, date=self._day(), cents=part))

    def _settle_in_divers(self) -> str | None:
        """Write an open item off against 657000, without matching the two."""
        item = self._picked(list(self._books.matchings.open))
        if item is None:
            return None
        line, cents = self._books.line(item), self._books.matchings.open[item]
        lines = (Line(line.account, -cents, -cents, line.relation), Line(657000, cents, cents))
        return _named(self._booked("D2", self._day(), lines, "Afboeking"))

    def _book_late(self) -> str | None:
        """A booking that another program made up to nine days ago appears now, with its stamp of then."""
        ago = self._random.randint(1, 9 * 24) * _HOUR
        with self._books.stamped(self._books.clock.milliseconds() - ago):
            document = self._invoice(self._day(), purchase=self._random.random() < 0.5)
        return f"{_named(document)} stamped {ago // _HOUR} hours ago" if document else None

    def _book_in_session(self) -> str | None:
        """The desktop program holds a booking; nobody sees it until `synchronise`."""
        day, purchase = self._day(), self._random.random() < 0.5
        lines = self._invoice_lines(purchase=purchase)
        if self._year_of(day) is None or lines is None:
            return None
        journal = "A1" if purchase else "V1"
        self._session.do(lambda books: books.book(journal=journal, date=day, lines=lines, comment="Desktop"))
        return "held"

    def _delete_in_session(self) -> str | None:
        document = self._picked_document()
        if document is None:
            return None
        self._session.do(lambda books: books.delete(document.key))
        return f"held: delete {_named(document)}"

    def _synchronise(self) -> str | None:
        held = self._session.held
        self._session.synchronise()
        return f"{held} changes" if held else None

    def _book_in_old_year(self) -> str | None:
        """A cost of a bookyear that has ended, booked on its last day."""
        years = [year for year in self._books.bookyears.values() if year.end < self._today() and not year.closed]
        year = max(years, key=lambda year: year.start, default=None)
        return _named(self._invoice(year.end, purchase=True)) if year else None

    def _decoy_opening(self) -> str | None:
        """A divers journal called after openings, with an ordinary small booking in the first days of a bookyear."""
        year = self._year_of(self._today())
        if year is None:
            return None
        if (year.id, "D8") not in self._books.journals:
            self._books.add_journal("D8", self._random.choice(_OPENING_NAMES))
        cents = self._random.randint(100, 90_000)
        lines = (Line(550000, cents, cents), Line(489000, -cents, -cents))
        return _named(self._booked("D8", year.start + timedelta(days=self._random.randint(0, 12)), lines, "Correctie"))

    def _book_in_unlisted_journal(self) -> str | None:
        """A line of a journal that no list shows yet."""
        cents = self._random.randint(100, 90_000)
        lines = (Line(613000, cents, cents), Line(489000, -cents, -cents))
        return _named(self._booked("D9", self._day(), lines, "Nieuw dagboek"))

    def _list_journals(self) -> str | None:
        """Journals that have bookings and were not listed are listed."""
        books = self._books
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

    def _drop_journal(self) -> str | None:
        """A journal is missing in one bookyear, its bookings are not, and nothing told of it."""
        year, key = self._picked([held for held in self._books.journals if held[1][0] != "F"]) or (None, "")
        if year is None:
            return None
        self._books.remove_journal(key, year, told=False)
        return f"{key} of {year}"

    # --- corrections and deletions ---------------------------------------------------------------------

    def _correct(self, *, keeps_stamp: bool = False) -> str | None:
        """Cost centre, relation or text alone."""
        document = self._picked_document()
        if document is None:
            return None
        kinds = [corrected_cost_centre, corrected_relation, corrected_text]
        corrected = self._random.choice(kinds)(document, self._books, self._random)
        self._books.change(document.key, keeps_stamp=keeps_stamp, lines=corrected.lines, comment=corrected.comment)
        return _named(document)

    def _correct_unstamped(self) -> str | None:
        return self._correct(keeps_stamp=True)

    def _correct_amount(self) -> str | None:
        document = self._picked_document()
        lines = moved_amount(document, self._random) if document else None
        if document is None or lines is None:
            return None
        self._books.change(document.key, lines=lines)
        return _named(document)

    def _shift_unstamped(self) -> str | None:
        """Amounts of two documents that leave every total as it was, and no stamp."""
        keys = shift_amounts(self._books, self._random)
        return f"{keys[0]} and {keys[1]}" if keys else None

    def _delete(self) -> str | None:
        document = self._picked_document()
        if document is None:
            return None
        self._books.delete(document.key)
        return _named(document)

    def _delete_last_and_reuse(self) -> str | None:
        """The last document of a journal is deleted, and the next one gets its number."""
        chosen = self._picked_document()
        if chosen is None:
            return None
        journal = chosen.key[:3]
        last = max((d for d in self._books.movements() if d.key[:3] == journal), key=lambda d: d.key.number)
        self._books.delete(last.key, frees_number=True)
        self._books.book(
            journal=last.key.journal_key,
            date=last.date,
            lines=moved_amount(last, self._random) or last.lines,
            bookyear=last.key.bookyear,
            period=last.period,
            comment="Nummer opnieuw gebruikt",
        )
        return _named(last)

    def _reuse_number(self) -> str | None:
        document = self._picked_document()
        if document is None:
            return None
        lines = moved_amount(document, self._random) or document.lines
        self._books.replace_number(document.key, date=document.date, lines=lines, comment="Opnieuw")
        return _named(document)

    # --- matchings -------------------------------------------------------------------------------------

    def _unmatch(self) -> str | None:
        balancing = self._picked(self._books.matchings.all())
        if balancing is None:
            return None
        self._books.unmatch(balancing.debit, balancing.credit)
        return f"{balancing.debit.document} and {balancing.credit.document}"

    def _match(self) -> str | None:
        """Two open items of one relation that fit."""
        pairs = self._fitting_items()
        pair = self._picked(pairs)
        if pair is None:
            return None
        self._books.match(*pair)
        return f"{pair[0].document} and {pair[1].document}"

    def _rematch(self) -> str | None:
        """A matching is removed and made again."""
        balancing = self._picked(self._books.matchings.all())
        if balancing is None:
            return None
        cents = self._books.unmatch(balancing.debit, balancing.credit)
        self._books.match(balancing.debit, balancing.credit, cents)
        return f"{balancing.debit.document} and {balancing.credit.document}"

    def _fitting_items(self) -> list[tuple[LineKey, LineKey]]:
        items = self._books.matchings.open
        sides: dict[tuple[int, int], tuple[list[LineKey], list[LineKey]]] = {}
        for item, cents in items.items():
            line = self._books.line(item)
            sides.setdefault((line.account, line.relation), ([], []))[0 if cents > 0 else 1].append(item)
        return [(debits[0], credits[0]) for debits, credits in sides.values() if debits and credits]

    # --- bookyears -------------------------------------------------------------------------------------

    def _open_year(self) -> str | None:
        """The bookyear after the newest, once that has begun its last quarter."""
        newest = max(self._books.bookyears.values(), key=lambda year: year.start)
        if self._today() < newest.end - timedelta(days=92):
            return None
        start = months_later(newest.start, 12)
        return str(self._books.add_bookyear(start, period_length=newest.period_length).id)

    def _close_year(self) -> str | None:
        ended = [y for y in self._books.bookyears.values() if y.end < self._today() and not y.closed]
        year = min(ended, key=lambda year: year.start, default=None)
        if year is None:
            return None
        self._books.close_bookyear(year.id)
        return str(year.id)

    def _reopen_year(self) -> str | None:
        closed = [year for year in self._books.bookyears.values() if year.closed]
        year = max(closed, key=lambda year: year.start, default=None)
        if year is None:
            return None
        self._books.close_bookyear(year.id, closed=False)
        return str(year.id)

    def _transfer(self) -> str | None:
        """Balances into the newest bookyear that has one before it, whether that is closed or not."""
        year = self._transferable()
        document = self._books.carry_forward(year.id) if year else None
        return _named(document) if document else None

    def _transfer_by_hand(self) -> str | None:
        year = self._transferable()
        if year is None:
            return None
        if (year.id, "D7") not in self._books.journals:
            self._books.add_journal("D7", self._random.choice(_OPENING_NAMES), bookyear=year.id)
        document = self._books.carry_forward(year.id, journal="D7", by_way_of=580000)
        return _named(document) if document else None

    def _transfer_again(self) -> str | None:
        year = self._picked(sorted(self._books.openings))
        if year is None:
            return None
        how = self._random.choice(list(SecondTransfer))
        document = transfer_again(self._books, year, how)
        return f"{how}: {_named(document)}" if document else None

    # --- names -----------------------------------------------------------------------------------------

    def _rename_account(self) -> str | None:
        number = self._picked(sorted({number for _, number in self._books.accounts}))
        if number is None:
            return None
        self._books.rename_account(number, f"Rekening {self._random.randint(1, 999)}")
        return str(number)

    def _rename_cost_centre(self) -> str | None:
        id = self._picked(sorted(self._books.cost_centres))
        if id is None:
            return None
        self._books.put_cost_centre(id, f"Kostenplaats {self._random.randint(1, 999)}")
        return str(id)

    def _rename_relation(self) -> str | None:
        id = self._picked(sorted(self._books.relations))
        if id is None:
            return None
        self._books.rename_relation(id, f"Relatie {self._random.randint(1, 999)}")
        return str(id)

    def _rename_dossier(self) -> str | None:
        number = self._random.randint(1, 9_999)
        vat_number = f"BE0{number:03d}.{number:03d}.{self._random.randint(1, 99):03d}"
        name, vat = (f"Dossier {number} NV", None) if self._random.random() < 0.7 else (None, vat_number)
        return self._sandbox.rename(self._dossier, name, vat).name

    # --- what it has before it -------------------------------------------------------------------------

    @property
    def _books(self) -> Books:
        return self._sandbox.books(self._dossier)

    def _today(self) -> date:
        return self._sandbox.clock.today()

    def _day(self) -> date:
        """A day of the last weeks, mostly a recent one."""
        return self._today() - timedelta(days=int(self._random.random() ** 3 * 40))

    def _year_of(self, day: date) -> Bookyear | None:
        """The bookyear of a day, if it is open."""
        return next((year for year in self._books.bookyears.values() if day in year and not year.closed), None)

    def _picked(self, choices: list[T]) -> T | None:
        return self._random.choice(choices) if choices else None

    def _picked_document(self) -> Document | None:
        """A document of an open bookyear, mostly one of the last that were booked in some journal."""
        open_years = {year.id for year in self._books.bookyears.values() if not year.closed}
        documents = [d for d in self._books.movements() if d.lines and d.key.bookyear in open_years]
        recent = documents[-200:] if self._random.random() < 0.8 else documents
        return self._picked(recent)

    def _invoice(self, day: date, *, purchase: bool = False) -> Document | None:
        lines = self._invoice_lines(purchase=purchase)
        return self._booked("A1" if purchase else "V1", day, lines, "Factuur") if lines else None

    def _invoice_lines(self, *, purchase: bool) -> tuple[Line, ...] | None:
        relations = [r.id for r in self._books.relations.values() if (r.supplier if purchase else r.client)]
        relation = self._picked(relations)
        if relation is None:
            return None
        base = self._random.randint(500, 900_000)
        vat = (base * 21 + 50) // 100
        centre = self._picked([0, *sorted(self._books.cost_centres)]) or 0
        if purchase:
            split = self._random.randint(1, base - 1)
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

    def _booked(self, journal: str, day: date, lines: tuple[Line, ...], comment: str) -> Document | None:
        if self._year_of(day) is None:
            return None
        due = day + timedelta(days=30) if any(is_item(line) for line in lines) else None
        return self._books.book(journal=journal, date=day, lines=lines, due=due, comment=comment)

    def _transferable(self) -> Bookyear | None:
        years = [year for year in self._books.bookyears.values() if self._books.bookyear_before(year.id)]
        return max(years, key=lambda year: year.start, default=None)


WEIGHTS: Mapping[str, int] = MappingProxyType(
    {
        "sell": 30,
        "buy": 30,
        "pay": 25,
        "settle-in-divers": 2,
        "correct": 8,
        "correct-amount": 5,
        "correct-unstamped": 2,
        "shift-unstamped": 1,
        "delete": 4,
        "delete-last-and-reuse": 2,
        "reuse-number": 2,
        "book-late": 3,
        "book-in-session": 4,
        "delete-in-session": 1,
        "synchronise": 3,
        "unmatch": 2,
        "match": 3,
        "rematch": 2,
        "open-year": 2,
        "close-year": 1,
        "reopen-year": 1,
        "transfer": 1,
        "transfer-by-hand": 1,
        "transfer-again": 1,
        "book-in-old-year": 1,
        "decoy-opening": 1,
        "book-in-unlisted-journal": 1,
        "list-journals": 1,
        "drop-journal": 1,
        "rename-account": 1,
        "rename-cost-centre": 1,
        "rename-relation": 1,
        "rename-dossier": 1,
    }
)
"""How often each deed is drawn. A caller that draws for itself may have weights of its own."""


def _named(document: Document | None) -> str | None:
    if document is None:
        return None
    key = document.key
    return f"{key.journal_key}/{key.number} of {key.bookyear}"
