"""Sales, purchases and credit notes."""

from collections import deque
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from octopus_sandbox.books.entries import CLIENTS, SUPPLIERS, Line, LineKey
from octopus_sandbox.books.master_data import Relation
from octopus_sandbox.generated.bookkeeper import Bookkeeper
from octopus_sandbox.generated.payments import Agenda, Debt


class Revenue(NamedTuple):
    account: int
    vat_code: str
    percentage: int
    grid: str


class Cost(NamedTuple):
    account: int
    grid: str
    recoverable: int


_REVENUES = (
    Revenue(700000, "21", 21, "03"),
    Revenue(700000, "21", 21, "03"),
    Revenue(700300, "21", 21, "03"),
    Revenue(700100, "06", 6, "01"),
    Revenue(700200, "00", 0, "00"),
)
_INTRA_EU = Revenue(701000, "EU", 0, "46")
_EXPORT = Revenue(702000, "00", 0, "47")
_COSTS = (
    *(Cost(account, "81", 100) for account in (600000, 604000, 604000, 604000, 601000)),
    *(Cost(account, "82", 100) for account in (602000, 603000, 610000, 611000, 612000, 612100, 612300, 613000, 614000)),
    *(Cost(account, "82", 100) for account in (610300, 613100, 613500, 615400, 616000, 617000, 618100)),
    *(Cost(account, "82", 50) for account in (615000, 615100, 615300)),
)
_TEXTS = ("Levering", "Werken", "Prestaties", "Fourniture", "Travaux", "Prestations", "Stroomgenerator", "Onderhoud")


class Trading:
    """Draws documents one at a time and puts what they leave to pay on the agenda."""

    def __init__(self, bookkeeper: Bookkeeper, agenda: Agenda, cost_centres: Sequence[int]) -> None:
        self._bookkeeper = bookkeeper
        self._random = bookkeeper.random
        self._agenda = agenda
        self._cost_centres = (*cost_centres, 0, 0)
        relations = bookkeeper.books.relations.values()
        self._clients = [relation for relation in relations if relation.client]
        self._suppliers = [relation for relation in relations if relation.supplier]
        self._sold: deque[Debt] = deque(maxlen=200)
        self._bought: deque[Debt] = deque(maxlen=200)

    def trade(self, day: date, rate: Decimal, later_period: int | None) -> None:
        """Book one document of `day`. `later_period` is one that a late purchase may be booked in."""
        draw = self._random.random()
        if draw < 0.52:
            self.sell(day, rate)
        elif draw < 0.56:
            self._credit_sale(day)
        elif draw < 0.97:
            self.buy(day, rate, later_period if draw < 0.575 else None)
        else:
            self._credit_purchase(day)

    def sell(self, day: date, rate: Decimal) -> None:
        """A sales invoice in V1."""
        client = self._pick(self._clients)
        abroad = _INTRA_EU if client.vat_type == 4 else _EXPORT if client.vat_type == 6 else None
        foreign = client.currency != "EUR"
        lines: list[Line] = []
        total = currency_total = 0
        for _ in range(self._draw_count()):
            revenue = abroad or _REVENUES[int(self._random.random() * len(_REVENUES))]
            currency_base = self._draw_cents()
            base = round(currency_base / rate) if foreign else currency_base
            vat = (base * revenue.percentage + 50) // 100
            lines.append(self._base_line(revenue.account, -base, -currency_base, revenue.vat_code, -vat, revenue.grid))
            if vat:
                lines.append(Line(451000, -vat, -vat, vat_section="54"))
            total += base + vat
            currency_total += currency_base + (0 if foreign else vat)
        head = Line(CLIENTS, total, currency_total, client.id)
        self._invoice(2, 1, day, (head, *lines), client, self._sold, rate if foreign else None)

    def buy(self, day: date, rate: Decimal, period: int | None = None) -> None:
        """A purchase invoice in A1."""
        supplier = self._pick(self._suppliers)
        foreign, intra_eu = supplier.currency != "EUR", supplier.vat_type == 4
        lines: list[Line] = []
        total = currency_total = 0
        for _ in range(self._draw_count()):
            currency_base = self._draw_cents() * 3 // 4
            base = round(currency_base / rate) if foreign else currency_base
            if foreign:
                lines.append(self._base_line(604000, base, currency_base, "D00", 0, "87"))
                total, currency_total = total + base, currency_total + currency_base
                continue
            vat = (base * 21 + 50) // 100
            if intra_eu:
                lines.append(self._base_line(604003, base, base, "DEU", vat, "86"))
                lines.append(Line(411000, vat, vat, vat_section="59"))
                lines.append(Line(451500, -vat, -vat, vat_section="55"))
                total, currency_total = total + base, currency_total + base
                continue
            cost = _COSTS[int(self._random.random() * len(_COSTS))]
            recovered = round(vat * cost.recoverable / 100)
            borne = base + vat - recovered
            code = "H21" if cost.account < 610000 else "D21"
            line = self._base_line(cost.account, borne, borne, code, vat, cost.grid)
            lines.append(line if cost.recoverable == 100 else line._replace(vat_recoverable=cost.recoverable))
            lines.append(Line(411000, recovered, recovered, vat_section="59"))
            total += base + vat
            currency_total += base + vat
        head = Line(SUPPLIERS, -total, -currency_total, supplier.id)
        self._invoice(1, 1, day, (head, *lines), supplier, self._bought, rate if foreign else None, period)

    def _credit_sale(self, day: date) -> None:
        if self._sold:
            self._credit_note(day, self._sold[int(self._random.random() * len(self._sold))], (2, 1), 700000, "49")

    def _credit_purchase(self, day: date) -> None:
        if self._bought:
            self._credit_note(day, self._bought[int(self._random.random() * len(self._bought))], (1, 2), 604000, "85")

    def _credit_note(self, day: date, debt: Debt, journal: tuple[int, int], account: int, grid: str) -> None:
        """A credit note for a part of an earlier invoice, matched with it as far as the invoice is still open."""
        if debt.currency != "EUR":
            return
        sign = 1 if debt.cents > 0 else -1
        base = max(abs(debt.cents) // 4, 100)
        vat = (base * 21 + 50) // 100
        sale = sign > 0
        head = Line(debt.account, -sign * (base + vat), -sign * (base + vat), debt.relation)
        line = self._base_line(account, sign * base, sign * base, "C21" if sale else "DC21", sign * vat, grid)
        tax = Line(451000 if sale else 411000, sign * vat, sign * vat, vat_section="64" if sale else "63")
        document = self._bookkeeper.post(
            *journal,
            day,
            (head, line, tax),
            due=day,
            relation=debt.relation,
            comment="Creditnota",
            reference=debt.reference,
        )
        self._bookkeeper.settle(head, debt.item, LineKey(document.key, 0))

    def _invoice(
        self,
        journal_type: int,
        journal_nr: int,
        day: date,
        lines: tuple[Line, ...],
        relation: Relation,
        recent: deque[Debt],
        rate: Decimal | None,
        period: int | None = None,
    ) -> None:
        document = self._bookkeeper.post(
            journal_type,
            journal_nr,
            day,
            lines,
            period=period,
            due=day + timedelta(days=relation.expiration_days),
            relation=relation.id,
            comment=_TEXTS[int(self._random.random() * len(_TEXTS))],
            reference=f"{day.year}/{int(self._random.random() * 1_000_000):06d}",
            currency=relation.currency if rate else "EUR",
            rate=rate or Decimal("1.0"),
        )
        head = lines[0]
        debt = Debt(
            LineKey(document.key, 0),
            head.relation,
            head.account,
            head.cents,
            head.currency_cents,
            document.currency,
            document.reference,
        )
        recent.append(debt)
        self._agenda.plan(debt, document.due or day)

    def _base_line(self, account: int, cents: int, currency_cents: int, code: str, vat: int, grid: str) -> Line:
        centres = self._cost_centres
        centre = centres[int(self._random.random() * len(centres))]
        return Line(account, cents, currency_cents, 0, centre, "", code, vat, 100, grid)

    def _draw_cents(self) -> int:
        """20 to 6,000 euro, small amounts oftener."""
        return int(2_000 * 300 ** self._random.random())

    def _draw_count(self) -> int:
        draw = self._random.random()
        return 1 if draw < 0.55 else 2 if draw < 0.85 else 3

    def _pick(self, relations: list[Relation]) -> Relation:
        """Some relations come up far oftener than others."""
        return relations[int(self._random.random() ** 2 * len(relations))]
