"""What bookkeepers do in Octopus between two imports, drawn by Hypothesis and done in the sandbox's books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from octopus_sandbox.books import Books
from octopus_sandbox.books.bookyears import Bookyear
from octopus_sandbox.books.entries import Document, Line, LineKey, credit, debit

CLIENT, SUPPLIER = 400000, 440000


@dataclass(frozen=True)
class Edit:
    """``which`` and ``day`` choose among what there is, so that a shorter history stays one."""

    which: int
    day: int
    cents: int

    def in_(self, books: Books) -> None:
        raise NotImplementedError

    def year(self, books: Books) -> Bookyear:
        years = sorted(books.bookyears.values(), key=lambda year: year.start)
        return years[self.which % len(years)]

    def date_in(self, year: Bookyear) -> date:
        return year.start + timedelta(days=self.day % (year.end - year.start).days)

    def document(self, books: Books) -> Document:
        documents = sorted((d for d in books.movements() if d.lines), key=lambda document: document.key)
        return documents[self.which % len(documents)]

    @property
    def amount(self) -> Decimal:
        return Decimal(self.cents).scaleb(-2)

    def relation(self, books: Books, *, client: bool) -> int:
        ids = sorted(
            id for id, relation in books.relations.items() if (relation.client if client else relation.supplier)
        )
        return ids[self.which % len(ids)]


class Sell(Edit):
    """In any bookyear, old ones too."""

    def in_(self, books: Books) -> None:
        lines = (debit(CLIENT, self.amount, relation=self.relation(books, client=True)), credit(700000, self.amount))
        books.book(journal="V1", date=self.date_in(self.year(books)), lines=lines)


class Buy(Edit):
    """An investment on a cost centre, now and then booked in a period that its date is not in."""

    def in_(self, books: Books) -> None:
        year = self.year(books)
        lines = (
            debit(230000, self.amount, cost_centre=1 + self.which % 3),
            credit(SUPPLIER, self.amount, relation=self.relation(books, client=False)),
        )
        period = year.periods[self.cents % len(year.periods)].number if self.which % 3 == 0 else None
        books.book(journal="A1", date=self.date_in(year), lines=lines, period=period)


class Transfer(Edit):
    def in_(self, books: Books) -> None:
        lines = (debit(610000, self.amount), credit(499000, self.amount), debit(610000, 1), credit(499000, 1))
        books.book(journal="D2", date=self.date_in(self.year(books)), lines=lines, comment="Regularisatie")


class ChangeAmounts(Edit):
    """Another amount, and one line more or less."""

    def in_(self, books: Books) -> None:
        document = self.document(books)
        first, *others = document.lines
        more = first._replace(cents=first.cents + self.cents, currency_cents=first.currency_cents + self.cents)
        balance = Line(499000, -self.cents, -self.cents)
        books.change(document.key, lines=(more, *others, balance))


class ChangeText(Edit):
    def in_(self, books: Books) -> None:
        books.change(self.document(books).key, comment=f"Gewijzigd {self.cents}", reference=f"R{self.which}")


class ChangeDate(Edit):
    def in_(self, books: Books) -> None:
        document = self.document(books)
        year = books.bookyears[document.key.bookyear]
        day = self.date_in(year)
        books.change(document.key, date=day, period=year.period_on(day).number)


class Delete(Edit):
    def in_(self, books: Books) -> None:
        books.delete(self.document(books).key)


class ReplaceNumber(Edit):
    def in_(self, books: Books) -> None:
        document = self.document(books)
        day = self.date_in(books.bookyears[document.key.bookyear])
        books.replace_number(document.key, date=day, lines=(debit(610000, self.amount), credit(550000, self.amount)))


class Pay(Edit):
    """Wholly, or by half."""

    def in_(self, books: Books) -> None:
        open_items = sorted(books.matchings.open)
        if open_items:
            item = open_items[self.which % len(open_items)]
            half = abs(books.matchings.open[item]) // 2 if self.day % 2 else None
            year = max(books.bookyears.values(), key=lambda year: year.start)
            if half != 0:
                books.pay(LineKey(*item), date=self.date_in(year), cents=half)


class RenameAccount(Edit):
    def in_(self, books: Books) -> None:
        numbers = sorted({number for _, number in books.accounts})
        bookyear = self.year(books).id if self.day % 2 else None
        books.rename_account(numbers[self.which % len(numbers)], f"Hernoemd {self.cents}", bookyear=bookyear)


class PutRelation(Edit):
    def in_(self, books: Books) -> None:
        books.add_relation(9_000 + self.which, f"Nieuw {self.cents}", client=True)


class AddBookyear(Edit):
    """At most two more, opened or not."""

    def in_(self, books: Books) -> None:
        newest = max(books.bookyears.values(), key=lambda year: year.end)
        if len(books.bookyears) < 5:
            year = books.add_bookyear(newest.end + timedelta(days=1))
            if self.day % 2:
                books.carry_forward(year.id)


class OpenAgain(Edit):
    def in_(self, books: Books) -> None:
        years = sorted(books.bookyears.values(), key=lambda year: year.start)[1:]
        if years:
            books.carry_forward(years[self.which % len(years)].id)


KINDS: Sequence[type[Edit]] = (
    Sell,
    Buy,
    Transfer,
    ChangeAmounts,
    ChangeText,
    ChangeDate,
    Delete,
    ReplaceNumber,
    Pay,
    RenameAccount,
    PutRelation,
    AddBookyear,
    OpenAgain,
)

edits: st.SearchStrategy[Edit] = st.builds(
    lambda kind, which, day, cents: kind(which, day, cents),
    st.sampled_from(KINDS),
    st.integers(0, 10_000),
    st.integers(0, 364),
    st.integers(1, 1_000_000),
)
