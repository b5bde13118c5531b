"""What recurs every month or quarter: wages, VAT settlement, bank costs, cash takings, internal transfers."""

from datetime import date, timedelta

from octopus_sandbox.books.bookyears import months_later
from octopus_sandbox.books.entries import Line
from octopus_sandbox.generated.bookkeeper import Bookkeeper
from octopus_sandbox.generated.payments import BANK, CASH, DOLLARS, INTERNAL

_VAT_ACCOUNTS = (411000, 451000, 451500)


class MonthlyEntries:
    """`gross_cents`: the gross wages of a month; `vat_months`: 1 for a monthly VAT return, 3 for a quarterly one."""

    def __init__(self, bookkeeper: Bookkeeper, gross_cents: int, vat_months: int) -> None:
        self._bookkeeper = bookkeeper
        self._random = bookkeeper.random
        self._gross = gross_cents
        self._vat_months = vat_months
        self._wages_due: tuple[int, int, int] | None = None
        self._vat_due = 0

    def begin(self, first: date) -> None:
        """The first days of a month: wages and taxes of the month before are paid, money is moved."""
        if self._wages_due:
            net, tax, security = self._wages_due
            self._bank(first, "Lonen", (455000, net), (453000, tax), (454000, security))
            self._wages_due = None
        if self._vat_due:
            self._bank(first + timedelta(days=19), "Btw", (451200, self._vat_due))
            self._vat_due = 0
        costs = 1_000 + int(self._random.random() * 4_000)
        self._bank(first + timedelta(days=1), "Bankkosten", (656000, costs))
        self._bank(first + timedelta(days=2), "Interne overboeking", (INTERNAL, 100_000))
        self._receive(2, CASH, first + timedelta(days=2), 100_000, "EUR")
        takings = 8_000 + int(self._random.random() * 60_000)
        vat = (takings * 21 + 50) // 100
        sale = Line(700000, -takings, -takings, vat_code="21", vat_cents=-vat, vat_section="03")
        lines = (sale, Line(451000, -vat, -vat, vat_section="54"), Line(CASH, takings + vat, takings + vat))
        self._bookkeeper.post(3, 2, first + timedelta(days=9), lines, comment="Kasverkopen")

    def end(self, last: date) -> None:
        """The last day of a month: wages, and the VAT return where it is due."""
        gross = self._gross + int(self._random.random() * self._gross / 20)
        tax, security = gross * 22 // 100, gross * 13 // 100
        employer = gross * 25 // 100
        self._bookkeeper.divers(
            last,
            "Wedden",
            (620200, gross),
            (621000, employer),
            (453000, -tax),
            (454000, -(security + employer)),
            (455000, -(gross - tax - security)),
        )
        self._wages_due = (gross - tax - security, tax, security + employer)
        if last.month % self._vat_months == 0:
            self._vat_return(last)

    def convert_dollars(self, day: date) -> None:
        """Move euro to the dollar account, at par in the ledger."""
        self._bank(day, "Interne overboeking", (INTERNAL, 200_000))
        self._receive(3, DOLLARS, day, 200_000, "EUR")

    def _vat_return(self, last: date) -> None:
        """Clears the VAT accounts of the months concerned into the current account with the tax office."""
        begin = months_later(last, 1 - self._vat_months)
        sums = self._vat_sums(begin)
        self._bookkeeper.divers(
            last,
            "Btw-aangifte",
            *((account, -cents) for account, cents in sums.items()),
            (451200, sum(sums.values())),
        )
        owed = -sum(sums.values())
        self._vat_due = max(0, owed)

    def _vat_sums(self, begin: date) -> dict[int, int]:
        """Cents on the VAT accounts booked in the periods since `begin`, from the amounts that the books keep."""
        books = self._bookkeeper.books
        year = books.bookyear_on(begin)
        numbers = {period.number for period in year.periods if period.end >= begin}
        sums: dict[int, int] = dict.fromkeys(_VAT_ACCOUNTS, 0)
        for account in _VAT_ACCOUNTS:
            for number in numbers:
                amount = books.amounts.get(year.id, account, number)
                sums[account] += amount.cents if amount else 0
        return sums

    def _bank(self, day: date, comment: str, *payments: tuple[int, int]) -> None:
        """Pay (account, cents) pairs from the bank."""
        if day > self._bookkeeper.until:
            return
        lines = [Line(account, cents, cents) for account, cents in payments]
        total = sum(cents for _, cents in payments)
        self._bookkeeper.post(3, 1, day, (*lines, Line(BANK, -total, -total)), comment=comment)

    def _receive(self, journal: int, account: int, day: date, cents: int, currency: str) -> None:
        if day > self._bookkeeper.until:
            return
        lines = (Line(INTERNAL, -cents, -cents), Line(account, cents, cents))
        self._bookkeeper.post(3, journal, day, lines, comment="Interne overboeking", currency=currency)
