"""Who books the generated documents: dates, numbers, periods and the moment of entry."""

from datetime import date
from decimal import Decimal
from random import Random

from octopus_sandbox.books import Books
from octopus_sandbox.books.bookyears import Bookyear
from octopus_sandbox.books.entries import Document, DocumentKey, EntryKind, Line, LineKey

DAY = 86_400_000
"""Milliseconds."""
_EPOCH = date(1970, 1, 1).toordinal()
_ONE = Decimal("1.0")


class Bookkeeper:
    """Books into one bookyear at a time; `lines` counts what was booked."""

    def __init__(self, books: Books, random: Random, until: date) -> None:
        self.books = books
        self.random = random
        self.until = until
        """The last day that is booked."""
        self.lines = 0
        self.latest_entry = books.clock.milliseconds() - 3_600_000
        """Nothing is entered later than an hour ago, so that changes made by hand come after."""
        self._periods: dict[date, int] = {}
        self._year = 0

    def open(self, year: Bookyear) -> None:
        """Turn to another bookyear."""
        self._year = year.id
        self._periods = {
            date.fromordinal(day): period.number
            for period in year.periods
            for day in range(period.start.toordinal(), period.end.toordinal() + 1)
        }

    def entered(self, day: date) -> int:
        """A moment of entry up to five days after `day`, between 7 and 17 hours UTC."""
        draw = self.random.random() * 5
        moment = (day.toordinal() - _EPOCH + int(draw)) * DAY + 25_200_000 + int(draw % 1 * 36_000_000)
        return min(moment, self.latest_entry)

    def post(
        self,
        journal_type: int,
        journal_nr: int,
        day: date,
        lines: tuple[Line, ...],
        *,
        period: int | None = None,
        due: date | None = None,
        relation: int = 0,
        comment: str = "",
        reference: str = "",
        currency: str = "EUR",
        rate: Decimal = _ONE,
        kind: EntryKind = EntryKind.MOVEMENT,
    ) -> Document:
        """Book a document under the next number of its journal."""
        number = self.books.next_number(self._year, journal_type, journal_nr)
        document = Document(
            DocumentKey(self._year, journal_type, journal_nr, number),
            day,
            self._periods[day] if period is None else period,
            lines,
            self.entered(day),
            due,
            relation,
            comment,
            reference,
            currency,
            rate,
            kind,
        )
        self.books.put(document)
        self.lines += len(lines)
        return document

    def divers(self, day: date, comment: str, *lines: tuple[int, int], journal_nr: int = 2) -> Document:
        """Book a divers document of (account, cents) pairs, zero amounts left out."""
        booked = tuple(Line(account, cents, cents, comment=comment) for account, cents in lines if cents)
        return self.post(4, journal_nr, day, booked, comment=comment)

    def settle(self, line: Line, invoice: LineKey, payment: LineKey, cents: int | None = None) -> int:
        """Match a payment or credit note with an invoice at the moment the former was entered."""
        document = self.books.find(payment.document)
        moment = document.modified if document else self.latest_entry
        return self.books.matchings.match(line, invoice, payment, moment, cents)
