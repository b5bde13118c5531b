"""A seeded company: some years of true double entry, small enough to read, odd enough to trip an importer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from random import Random

from tests.acceptance.books import (
    BANK,
    CLIENTS,
    DIVERS,
    PURCHASES,
    SALES,
    SUPPLIERS,
    Account,
    Books,
    CostCentre,
    Document,
    Key,
    Line,
    LineAt,
    Period,
    Relation,
    Year,
    balances,
)

BANK_ACCOUNT, CLEARING = 550010, 588888
RESULT, TRANSFER_OF_PROFIT = 140000, 693000

CHART = {
    10000: "Zekerheden van derden", 11000: "Crediteuren van zekerheden", 100000: "Geplaatst kapitaal",
    140000: "Overgedragen winst", 210000: "Software", 210009: "Software, afschrijvingen", 230000: "Machines",
    230008: "Machines, meerwaarden", 230009: "Machines, afschrijvingen", 241000: "Wagens",
    241009: "Wagens, afschrijvingen", 280000: "Deelnemingen", 280009: "Deelnemingen, waardeverminderingen",
    121000: "Herwaarderingsmeerwaarden", 400000: "Handelsdebiteuren", 411000: "Terug te vorderen btw",
    440000: "Leveranciers", 451000: "Te betalen btw", 455000: "Bezoldigingen", 550010: "Bank Één",
    588888: "Overgang opening", 600000: "Aankopen handelsgoederen", 612000: "Kantoor", 613200: "Erelonen",
    620200: "Bezoldigingen bedienden", 630100: "Afschrijvingen immaterieel", 630200: "Afschrijvingen materieel",
    661000: "Waardeverminderingen financieel vast", 654000: "Wisselverschillen", 693000: "Over te dragen winst",
    700000: "Verkopen België", 700100: "Verkopen buitenland", 705000: "Diensten",
}  # fmt: skip


class Opening(Enum):
    """How the balances of the year before arrive in the next one (octopus.md 4)."""

    UNMARKED = "an ordinary booking in an ordinary journal"
    NAMED = "a D journal that is called so"
    TYPE_5 = "a journal type that only -1 shows"
    TYPE_6 = "another such type, in the first period"
    PERIOD_00 = "a D booking in period 00"
    NO_PERIOD = "a D booking without period"
    NONE = "nothing is booked at all"


class Result(Enum):
    APPROPRIATED = "booked by 69 to 14 on the last day of the year"
    MOVED = "added to 14 by the opening of the next year"


@dataclass
class Company:
    """Writes ``books``, year by year."""

    books: Books
    seed: int
    opening: Opening = Opening.UNMARKED
    result: Result = Result.MOVED
    documents_per_period: int = 6
    until: date = date(2026, 10, 20)
    open_sales: list[tuple[LineAt, int]] = field(default_factory=list)
    open_purchases: list[tuple[LineAt, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        for id in (3, 8):
            names = {"NL": "", "FR": f"Centre n° {id}"} if id == 3 else {"NL": f"Afdeling {id}", "FR": ""}
            self.books.cost_centres[id] = CostCentre(id, names, closed=id == 8)
        for n in range(1, 7):
            self.books.relations[100 + n] = Relation(
                100 + n, f"Klant «{n}»", client=True, supplier=n == 1, vat=f"BE0{400 + n}.100.20{n}", country="BE"
            )
            self.books.relations[200 + n] = Relation(200 + n, f"Leverancier {n}", client=False, supplier=True)
        self.books.relations[206].country = "  "
        self.books.relations[106].active = False

    def live(self, years: Iterable[Year]) -> Books:
        for year in years:
            self._begin(year)
            for period in year.periods:
                if period.start <= self.until:
                    self._period(year, period)
            if year.end <= self.until:
                self._end(year)
        return self.books

    # --- a year --------------------------------------------------------------------------------------------------

    def _begin(self, year: Year) -> None:
        before = self.books.in_order()
        self.books.years[year.id] = year
        for number, name in CHART.items():
            names = {"NL": name, "FR": f"{name} (fr)", "EN": ""}
            if number == 613200:
                names = {"NL": "", "FR": "Honoraires", "EN": "Fees"} if before else {"NL": "Erelonen"}
            if number == 654000:
                names = {"NL": "", "FR": ""}
            self.books.accounts[(year.id, number)] = Account(number, names)
        journals = {"A1": "Aankopen", "A2": "Aankopen bis", "V1": "Verkopen", "V2": "Creditnota's", "F1": "Bank Één",
                    "D1": "Diverse", "D3": "Heropening" if self.opening is Opening.NAMED else "Varia"}  # fmt: skip
        self.books.journals |= {(year.id, key): name for key, name in journals.items()}
        if before:
            self._carry_forward(before[-1], year)
        else:
            self._found(year)

    def _found(self, year: Year) -> None:
        """The first year: a D entry of its first day, the bank by way of 588888 (octopus.md 4)."""
        first = year.periods[0]
        lines = [Line(230000, 800000), Line(230009, -150000), Line(CLEARING, 2500075), Line(100000, -3150075)]
        self._book(year, DIVERS, 1, first.start, first, lines, opening=True)
        bank = [Line(BANK_ACCOUNT, 2500075), Line(CLEARING, -2500075)]
        self._book(year, BANK, 1, first.start, first, bank, opening=True)
        self._book(year, DIVERS, 1, first.end, first, [Line(10000, 700000), Line(11000, -700000)])

    def _carry_forward(self, before: Year, year: Year) -> None:
        if self.opening is Opening.NONE:
            return
        closing = closing_balances(self.books, before)
        if self.result is Result.MOVED:
            closing[RESULT] = closing.get(RESULT, 0) - sum(closing.values())
        lines = [Line(account, cents) for account, cents in sorted(closing.items()) if cents]
        first = year.periods[0]
        type, period = {
            Opening.UNMARKED: (DIVERS, first.number),
            Opening.NAMED: (DIVERS, first.number),
            Opening.TYPE_5: (5, first.start.year * 100),
            Opening.TYPE_6: (6, first.number),
            Opening.PERIOD_00: (DIVERS, first.start.year * 100),
            Opening.NO_PERIOD: (DIVERS, None),
        }[self.opening]
        number = self.books.next_number(year.id, type, 3)
        self.books.put(Document(year.id, type, 3, number, year.start, period, tuple(lines), opening=True))

    def _period(self, year: Year, period: Period) -> None:
        deeds: list[Callable[[Year, Period, date], None]] = [self._sale, self._purchase, self._sale, self._receipt]
        deeds += [self._purchase, self._payment, self._credit_note, self._asset, self._prepayment, self._odd]
        for n in range(self.documents_per_period):
            day = period.start + timedelta(days=self.random.randint(0, (period.end - period.start).days))
            deeds[n if n < 2 else self.random.randrange(len(deeds))](year, period, day)
        wages = self._amount(200000, 300000)
        self._book(year, DIVERS, 1, period.end, period, [Line(620200, wages, None, 3), Line(455000, -wages)])

    def _end(self, year: Year) -> None:
        last = year.periods[-1]
        lines = [Line(630200, 12345), Line(230009, -10000), Line(241009, -2345)]
        lines += [Line(630100, 1111), Line(210009, -1111), Line(661000, 500), Line(280009, -500)]
        self._book(year, DIVERS, 1, year.end, last, lines)
        if self.result is Result.APPROPRIATED:
            result = sum(cents for account, cents in net_of(self.books, year).items() if account >= 600000)
            self._book(year, DIVERS, 1, year.end, last, [Line(TRANSFER_OF_PROFIT, -result), Line(RESULT, result)])

    # --- what happens in a period --------------------------------------------------------------------------------

    def _sale(self, year: Year, period: Period, day: date) -> None:
        base, client = self._amount(5000, 900000), self.random.randint(101, 106)
        if self.random.random() < 0.2:
            head = Line(CLIENTS, base, client, currency="USD", foreign_cents=base * 11 // 10, comment="Export ‘7’")
            sale = Line(700100, -base, None, None, "Export", currency="USD", foreign_cents=-(base * 11 // 10))
            lines = [head, sale]
        else:
            vat = base * 21 // 100
            revenue = [Line(700000, -base, None, self._cost_centre(), 'Levering "extra" \\ {stuk}')]
            if self.random.random() < 0.3:
                revenue = [
                    Line(700000, -(base // 3)),
                    Line(700000, -(base // 3)),
                    Line(705000, -(base - base // 3 * 2)),
                ]
            lines = [Line(CLIENTS, base + vat, client, None, "Factuur", f"R{base}"), *revenue, Line(451000, -vat)]
        key = self._book(year, SALES, 1, day, period, lines, due=day + timedelta(days=30))
        self.open_sales.append(((key, 0), client))

    def _purchase(self, year: Year, period: Period, day: date) -> None:
        base, supplier = self._amount(3000, 400000), self.random.choice([101, 201, 202, 203, 204, 205, 206])
        vat, cost = base * 21 // 100, self.random.choice([600000, 612000, 613200])
        lines = [Line(SUPPLIERS, -base - vat, supplier, None, "Ünïcode – aankoop"), Line(411000, vat)]
        lines.append(Line(cost, base, None, self._cost_centre()))
        due = day + timedelta(days=14) if self.random.random() < 0.8 else None
        key = self._book(year, PURCHASES, self.random.choice([1, 2]), day, period, lines, due=due)
        self.open_purchases.append(((key, 0), supplier))

    def _asset(self, year: Year, period: Period, day: date) -> None:
        base, account = self._amount(100000, 900000), self.random.choice([210000, 230000, 241000, 280000])
        lines = [Line(SUPPLIERS, -base, 202), Line(account, base, None, None, f"Investering {account}")]
        key = self._book(year, PURCHASES, 1, day, period, lines, due=day)
        self.open_purchases.append(((key, 0), 202))
        if account == 230000:
            self._book(year, DIVERS, 1, day, period, [Line(230008, base // 7), Line(121000, -(base // 7))])

    def _credit_note(self, year: Year, period: Period, day: date) -> None:
        base = self._amount(1000, 20000)
        lines = [Line(CLIENTS, -base, 103, None, "Creditnota"), Line(700000, base)]
        key = self._book(year, SALES, 2, day, period, lines, due=day)
        invoice = next((place for place, client in self.open_sales if client == 103), None)
        if invoice and self._remaining(invoice) > base and self.random.random() < 0.5:
            self.books.match(invoice, (key, 0), base)

    def _receipt(self, year: Year, period: Period, day: date) -> None:
        self._settle(year, period, day, self.open_sales, received=True)

    def _payment(self, year: Year, period: Period, day: date) -> None:
        self._settle(year, period, day, self.open_purchases, received=False)

    def _settle(self, year: Year, period: Period, day: date, open: list[tuple[LineAt, int]], *, received: bool) -> None:
        chosen, account = open[: self.random.randint(1, 3)], CLIENTS if received else SUPPLIERS
        del open[: len(chosen)]
        lines, matches = [], []
        for place, relation in chosen:
            remaining = self._remaining(place)
            paid = remaining * 3 // 5 if self.random.random() < 0.3 else remaining
            lines.append(Line(account, -paid, relation, None, "Betaling", f"{place[0][3]}"))
            matches.append((place, abs(paid)))
        if lines:
            lines.append(Line(BANK_ACCOUNT, -sum(line.cents for line in lines)))
            key = self._book(year, BANK, 1, day, period, lines)
            for n, (place, cents) in enumerate(matches):
                self.books.match(place, (key, n), cents)

    def _prepayment(self, year: Year, period: Period, day: date) -> None:
        cents = self._amount(10000, 50000)
        self._book(year, BANK, 1, day, period, [Line(BANK_ACCOUNT, cents), Line(CLIENTS, -cents, 104)])

    def _odd(self, year: Year, period: Period, day: date) -> None:
        """Dated outside its period (octopus.md 2.11), on both sides, with two lines that are alike."""
        cents, dated = self._amount(100, 9000), period.start - timedelta(days=40)
        lines = [Line(612000, cents), Line(612000, cents), Line(BANK_ACCOUNT, -2 * cents)]
        self._book(year, DIVERS, 1 if self.opening is Opening.NAMED else 3, dated, period, lines)

    def _remaining(self, place: LineAt) -> int:
        matched = sum(match.cents for match in self.books.matches if place in (match.debit, match.credit))
        cents = self.books.line(place).cents
        return cents - matched if cents > 0 else cents + matched

    def _book(
        self,
        year: Year,
        type: int,
        journal: int,
        day: date,
        period: Period,
        lines: Iterable[Line],
        *,
        due: date | None = None,
        opening: bool = False,
    ) -> Key:
        number = self.books.next_number(year.id, type, journal)
        document = Document(year.id, type, journal, number, day, period.number, tuple(lines), due, opening)
        return self.books.put(document).key

    def _amount(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    def _cost_centre(self) -> int | None:
        return self.random.choice([None, 3, 8])


def net_of(books: Books, year: Year) -> dict[int, int]:
    """Cents by account of one bookyear alone, its opening included."""
    return balances(document for document in books.documents.values() if document.year == year.id)


def closing_balances(books: Books, year: Year) -> dict[int, int]:
    """Cents by account of classes 0 to 5 at the end of ``year``, from whatever opening the years up to it have."""
    closing: dict[int, int] = {}
    for each in books.in_order():
        if any(document.opening and document.year == each.id for document in books.documents.values()):
            closing = {}
        for account, cents in net_of(books, each).items():
            if account < 600000:
                closing[account] = closing.get(account, 0) + cents
        if each.id == year.id:
            break
    return {account: cents for account, cents in closing.items() if cents}
