"""The generator: years of true double-entry Belgian books, the same for the same seed, settings and day."""

import gc
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from random import Random

from octopus_sandbox.books import Books, Deletion
from octopus_sandbox.books.bookyears import Bookyear, PeriodLength, months_later
from octopus_sandbox.books.master_data import CostCentre, Journal, Names
from octopus_sandbox.books.reference_books import DossierCard
from octopus_sandbox.clock import Clock
from octopus_sandbox.generated.bookkeeper import Bookkeeper
from octopus_sandbox.generated.chart_of_accounts import chart_of_accounts
from octopus_sandbox.generated.investments import Investments
from octopus_sandbox.generated.monthly_entries import MonthlyEntries
from octopus_sandbox.generated.payments import BANK, CASH, DOLLARS, Agenda
from octopus_sandbox.generated.relations_catalogue import relations
from octopus_sandbox.generated.showcase import Company
from octopus_sandbox.generated.trading import Trading
from octopus_sandbox.generated.year_ends import appropriate_result, book_first_opening, book_take_over
from octopus_sandbox.settings import SandboxSettings
from octopus_sandbox.switches import CarriedForward, OpeningMark, ResultTransfer, Switches, TakeOver


class DossierKind(Enum):
    """How a dossier's bookyears are cut: months of a period, first month of the year."""

    MONTHLY = (PeriodLength.MONTH, 1)
    QUARTERLY = (PeriodLength.QUARTER, 1)
    BROKEN_YEAR = (PeriodLength.MONTH, 7)


_COST_CENTRES = (
    CostCentre(1, Names("Productie", "Production")),
    CostCentre(2, Names("Verkoop", "Ventes")),
    CostCentre(3, Names("Administratie", "Administration")),
    CostCentre(4, Names("Werf Gent", "Chantier Gand")),
    CostCentre(5, Names("", "Chantier Namur")),
    CostCentre(7, Names("Onderzoek", "")),
    CostCentre(9, Names("Magazijn", "Magasin")),
    CostCentre(12, Names("Oude werf", "Ancien chantier"), closed=True),
)


def generate(
    card: DossierCard, kind: DossierKind, settings: SandboxSettings, clock: Clock, company: Company | None = None
) -> Books:
    """The books of one dossier, up to yesterday. Without a `company` all months are equally busy.

    The garbage collector rests meanwhile: millions of small tuples without cycles would be walked again and again.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _Generation(card, kind, settings, clock, company).run()
    finally:
        if collecting:
            gc.enable()


class _Generation:
    def __init__(
        self, card: DossierCard, kind: DossierKind, settings: SandboxSettings, clock: Clock, company: Company | None
    ) -> None:
        self.kind, self.settings, self.company = kind, settings, company
        self.books = Books(card, clock)
        self.random = Random(f"{settings.seed}/{card.id}")
        self.bookkeeper = Bookkeeper(self.books, self.random, clock.today() - timedelta(days=1))
        self.agenda = Agenda(self.bookkeeper)
        self.rate = Decimal("1.0834")
        self.scale = 1 + settings.lines // 200_000

    def run(self) -> Books:
        self._master_data()
        trading = Trading(self.bookkeeper, self.agenda, [c.id for c in _COST_CENTRES if not c.closed])
        monthly = self.kind is DossierKind.MONTHLY
        entries = MonthlyEntries(self.bookkeeper, max(250_000, 40 * self.settings.lines), 1 if monthly else 3)
        investments = Investments(self.bookkeeper, self.agenda)
        years = list(self.books.bookyears.values())
        months = sum(self._months_until_today(year) for year in years) or 1
        for year in years:
            self.bookkeeper.open(year)
            if year.start > self.bookkeeper.until:
                self._carry_forward(year)
                break
            if self._is_taken_over(year):
                self._take_over(year)
                continue
            self._begin_year(year)
            for first in (months_later(year.start, offset) for offset in range(12)):
                if first <= self.bookkeeper.until:
                    budget = self.settings.lines / months * self._busyness(first)
                    self._month(year, first, budget, trading, entries, investments)
            self._end_year(year)
        return self.books

    def _master_data(self) -> None:
        books, settings, switches = self.books, self.settings, self.settings.switches
        length, first_month = self.kind.value
        today = self.books.clock.today()
        newest = today.year if today.month >= first_month else today.year - 1
        in_advance = switches.carried_forward is CarriedForward.IN_ADVANCE
        first_year = newest - settings.bookyears + 1
        for calendar_year in range(first_year, newest + (2 if in_advance else 1)):
            start = date(calendar_year, first_month, 1)
            created = self.bookkeeper.entered(start - timedelta(days=20))
            year = books.add_bookyear(
                start,
                period_length=length,
                numbering=switches.broken_year_periods,
                closed=calendar_year < newest - 1,
                modified=created,
            )
            for account in chart_of_accounts(year.id, created, untidy=switches.untidy_master_data):
                books.accounts[year.id, account.number] = account
            for journal in _journals(year, switches):
                books.journals[year.id, journal.key] = replace(journal, modified=created)
        count = min(3_000, 40 + settings.lines // 400)
        created = self.bookkeeper.entered(date(first_year, first_month, 1) - timedelta(days=15))
        for relation in relations(self.random, count, count * 2 // 3, created, untidy=switches.untidy_master_data):
            books.relations[relation.id] = relation
        books.cost_centres = {centre.id: centre for centre in _COST_CENTRES}

    def _begin_year(self, year: Bookyear) -> None:
        if self.books.bookyear_before(year.id) is None:
            switches = self.settings.switches
            with_items = switches.first_opening_has_open_items
            client = next(r.id for r in self.books.relations.values() if r.client)
            supplier = next(r.id for r in self.books.relations.values() if r.supplier)
            book_first_opening(
                self.bookkeeper, year, self.scale, switches, self.agenda if with_items else None, (client, supplier)
            )
        else:
            self._carry_forward(year)

    def _carry_forward(self, year: Bookyear) -> None:
        switches = self.settings.switches
        self.books.carry_forward(
            year.id,
            journal=f"D{switches.opening_journal}",
            by_way_of=switches.opening_account if switches.opened_by_hand else None,
            modified=self.bookkeeper.entered(year.start + timedelta(days=25)),
        )

    def _is_taken_over(self, year: Bookyear) -> bool:
        return self.settings.switches.take_over is not TakeOver.NONE and self.books.bookyear_before(year.id) is None

    def _take_over(self, year: Bookyear) -> None:
        first_day = self.settings.switches.take_over is TakeOver.FIRST_DAY
        book_take_over(self.bookkeeper, year.start if first_day else year.end, self.scale, self.settings.switches)

    def _month(
        self,
        year: Bookyear,
        first: date,
        budget: float,
        trading: Trading,
        entries: MonthlyEntries,
        investments: Investments,
    ) -> None:
        """One month day by day, so that document numbers rise with their dates."""
        last = months_later(first, 1) - timedelta(days=1)
        end = min(last, self.bookkeeper.until)
        self.rate = (Decimal("1.02") + Decimal(round(self.random.random() * 1300)) / 10_000).normalize()
        done = self.bookkeeper.lines
        later = next((p.number for p in year.periods if last < p.start <= self.bookkeeper.until), None)
        days = last.day
        for day in (first + timedelta(days=offset) for offset in range((end - first).days + 1)):
            if day.day == 1:
                entries.begin(first)
            self.agenda.pay(day, self.rate)
            target = done + budget * day.day / days
            while self.bookkeeper.lines < target:
                trading.trade(day, self.rate, later)
            if day.day == 12:
                self._occasions(year, day, trading, entries, investments)
        if end == last:
            self._close_month(year, last, entries, investments)

    def _occasions(
        self, year: Bookyear, day: date, trading: Trading, entries: MonthlyEntries, investments: Investments
    ) -> None:
        """What happens once in a while: investments, prepayments, and the odd documents that octopus.md records."""
        month = (day.year - year.start.year) * 12 + day.month - year.start.month
        clients = [relation for relation in self.books.relations.values() if relation.client]
        trading.sell(day, self.rate)
        trading.buy(day, self.rate)
        if month % 3 == 1:
            investments.buy(day, year.id * 4 + month // 3, self.scale)
            entries.convert_dollars(day)
            self.agenda.prepay(day, clients[month % len(clients)])
        if month == 2 and year.id == 2:
            investments.revalue(day, 2_500_000 * self.scale)
            self.bookkeeper.divers(day, "Borgstelling", (10000, 5_000_000), (11000, -5_000_000))
        if month == 5 and year.id == 2:
            investments.dispose(day, clients[0].id)
        if month == 6:
            self._empty_document(day)
            self._gap_in_the_numbers(year)
        if month == 10:
            trading.buy(day, self.rate, year.periods[0].number)

    def _close_month(self, year: Bookyear, last: date, entries: MonthlyEntries, investments: Investments) -> None:
        entries.end(last)
        length = {DossierKind.MONTHLY: 1, DossierKind.QUARTERLY: 3, DossierKind.BROKEN_YEAR: 12}[self.kind]
        month = (last.year - year.start.year) * 12 + last.month - year.start.month + 1
        if month % length == 0:
            investments.depreciate(last, length)

    def _busyness(self, month: date) -> float:
        return self.company.busyness(month, self.books.clock.today()) if self.company else 1

    def _end_year(self, year: Bookyear) -> None:
        finished = year.end <= self.bookkeeper.until
        if finished and self.settings.switches.result_transfer is ResultTransfer.APPROPRIATED:
            appropriate_result(self.bookkeeper, year)

    def _empty_document(self, day: date) -> None:
        """A sales document with no lines: seen in buysellbookings only (octopus.md 2.11)."""
        client = next(r.id for r in self.books.relations.values() if r.client)
        self.bookkeeper.post(2, 1, day, (), due=day, relation=client, comment="Geannuleerd")

    def _gap_in_the_numbers(self, year: Bookyear) -> None:
        """One document that was deleted for good, and one whose number was used again."""
        sales = self.books.documents[year.id, 2]
        gone, reused = list(sales)[-3], list(sales)[-4]
        self.books.deletions.append(Deletion(reused, sales[reused].modified - 60_000))
        at = sales[gone].modified + 60_000
        self.books.forget(gone)
        self.books.deletions.append(Deletion(gone, min(at, self.bookkeeper.latest_entry)))

    def _months_until_today(self, year: Bookyear) -> int:
        return sum(1 for offset in range(12) if months_later(year.start, offset) <= self.bookkeeper.until)


def _journals(year: Bookyear, switches: Switches) -> tuple[Journal, ...]:
    divers = {1: Names("Diversen 1", "Divers 1"), 2: Names("Diverse verrichtingen", "Opérations diverses")}
    opening = switches.opening_journal
    if switches.opening_name:
        divers[opening] = Names(switches.opening_name, switches.opening_name)
    elif switches.opening_mark is OpeningMark.NAMED_JOURNAL:
        divers[opening] = Names("Opening", "Ouverture")
    else:
        divers.setdefault(opening, Names(f"Diversen {opening}", f"Divers {opening}"))
    return (
        Journal(year.id, "A1", Names("Aankopen", "Achats"), 0, year.closed),
        Journal(year.id, "A2", Names("Creditnota's aankopen", "Notes de crédit achats"), 0, year.closed),
        Journal(year.id, "V1", Names("Verkopen", "Ventes"), 0, year.closed, insertion_type=2),
        Journal(year.id, "F1", Names("Bank ING", "Banque ING"), 0, year.closed, "EUR", BANK, "BE68539007547034"),
        Journal(year.id, "F2", Names("Kas", "Caisse"), 0, year.closed, "EUR", CASH),
        Journal(year.id, "F3", Names("Bank USD", "Banque USD"), 0, year.closed, "USD", DOLLARS, "BE43068999999501"),
        *(Journal(year.id, f"D{number}", names, 0, year.closed) for number, names in sorted(divers.items())),
    )
