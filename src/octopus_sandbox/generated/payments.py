"""Bank and cash: what settles the invoices, wholly, in part, several at once, or not at all."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from octopus_sandbox.books.entries import CLIENTS, Line, LineKey
from octopus_sandbox.books.master_data import Relation
from octopus_sandbox.generated.bookkeeper import Bookkeeper

BANK, DOLLARS, CASH, INTERNAL = 550000, 552000, 570000, 580000
_STATEMENT_LINES = 25
_ONE = Decimal("1.0")


class Debt(NamedTuple):
    """An open item to be paid; amounts as booked, debit positive."""

    item: LineKey
    relation: int
    account: int
    cents: int
    currency_cents: int
    currency: str
    reference: str


class Settlement(NamedTuple):
    """One relation line of a statement, with what it settles."""

    line: Line
    items: tuple[LineKey, ...]
    bank_cents: int
    difference: Line | None


class Agenda:
    """When each debt will be paid."""

    def __init__(self, bookkeeper: Bookkeeper) -> None:
        self._bookkeeper = bookkeeper
        self._random = bookkeeper.random
        self._days: dict[int, list[Debt]] = {}
        self._done_until = 0

    def plan(self, debt: Debt, due: date) -> None:
        """Most pay around the due date, some late; one in thirty never does."""
        draw = self._random.random()
        if draw > 0.967:
            return
        delay = int(draw * 12) - 3 if draw < 0.85 else int(draw * 60)
        day = max(due.toordinal() + delay, self._done_until + 1)
        self._days.setdefault(day, []).append(debt)

    def pay(self, day: date, rate: Decimal) -> None:
        """Book the statements of all that falls due up to `day`."""
        due = [
            debt
            for ordinal in range(self._done_until or day.toordinal(), day.toordinal() + 1)
            for debt in self._days.pop(ordinal, ())
        ]
        self._done_until = day.toordinal()
        if not due:
            return
        euro = [debt for debt in due if debt.currency == "EUR"]
        dollars = [debt for debt in due if debt.currency != "EUR"]
        settlements = [s for debts in self._grouped(euro) if (s := self._settlement(debts, day))]
        for start in range(0, len(settlements), _STATEMENT_LINES):
            self._statement(1, BANK, day, settlements[start : start + _STATEMENT_LINES], "EUR", _ONE)
        foreign = [s for debt in dollars if (s := self._foreign_settlement(debt, rate))]
        if foreign:
            self._statement(3, DOLLARS, day, foreign, "USD", rate)

    def prepay(self, day: date, client: Relation) -> None:
        """A client pays before there is an invoice: an open credit of its own."""
        cents = 5_000 + int(self._random.random() * 95_000)
        line = Line(CLIENTS, -cents, -cents, client.id, comment="Voorschot")
        lines = (line, Line(BANK, cents, cents))
        self._bookkeeper.post(3, 1, day, lines, relation=client.id, comment="Uittreksel")

    def _grouped(self, debts: Sequence[Debt]) -> Iterable[list[Debt]]:
        """Debts of one relation on one day are paid together."""
        groups: dict[tuple[int, int], list[Debt]] = {}
        for debt in debts:
            groups.setdefault((debt.relation, debt.account), []).append(debt)
        return groups.values()

    def _settlement(self, debts: list[Debt], day: date) -> Settlement | None:
        matchings = self._bookkeeper.books.matchings
        still_open = [(debt, cents) for debt in debts if (cents := matchings.open.get(debt.item))]
        total = sum(cents for _, cents in still_open)
        first = debts[0]
        if not total or (total > 0) != (first.cents > 0):
            return None
        draw = self._random.random()
        if draw < 0.06 and len(still_open) == 1 and abs(total) > 10_000:
            paid = total * 3 // 5
            if draw < 0.04:
                self._days.setdefault(day.toordinal() + 25, []).append(first)
            line = Line(first.account, -paid, -paid, first.relation, comment=first.reference)
            return Settlement(line, (first.item,), paid, None)
        line = Line(first.account, -total, -total, first.relation, comment=first.reference)
        difference = None
        if draw > 0.985:
            short = 1 + int(self._random.random() * 150) if total > 500 else 0
            difference = Line(657500, short, short, comment="Betalingsverschil") if short else None
        bank = total - (difference.cents if difference else 0)
        return Settlement(line, tuple(debt.item for debt, _ in still_open), bank, difference)

    def _foreign_settlement(self, debt: Debt, rate: Decimal) -> Settlement | None:
        """Paid at another rate than it was booked: the difference is an exchange result."""
        cents = self._bookkeeper.books.matchings.open.get(debt.item)
        if cents is None or cents != debt.cents:
            return None
        bank = round(debt.currency_cents / rate)
        result = cents - bank
        line = Line(debt.account, -cents, -debt.currency_cents, debt.relation, comment=debt.reference)
        account = 654000 if result > 0 else 754000
        return Settlement(
            line, (debt.item,), bank, Line(account, result, 0, comment="Koersverschil") if result else None
        )

    def _statement(
        self, journal: int, bank: int, day: date, settlements: Sequence[Settlement], currency: str, rate: Decimal
    ) -> None:
        lines: list[Line] = []
        matched: list[tuple[int, Settlement]] = []
        for settlement in settlements:
            matched.append((len(lines), settlement))
            lines.append(settlement.line)
            if settlement.difference:
                lines.append(settlement.difference)
        received = sum(settlement.bank_cents for settlement in settlements)
        in_currency = -sum(line.currency_cents for line in lines) if currency != "EUR" else received
        lines.append(Line(bank, received, in_currency))
        document = self._bookkeeper.post(
            3, journal, day, tuple(lines), comment="Uittreksel", currency=currency, rate=rate
        )
        for position, settlement in matched:
            payment = LineKey(document.key, position)
            for item in settlement.items:
                self._bookkeeper.settle(settlement.line, item, payment)
