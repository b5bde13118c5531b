"""The books of one dossier: everything Octopus would know of it, and the ways it can change.

The sandbox serves it, the generator fills it, the truth is computed from it, tests build tiny ones by hand. Every
change is stamped with the clock, so that the `modified` calls tell it.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple, Self, TypedDict, Unpack

from octopus_sandbox.books.amounts import AmountBook, AmountKey
from octopus_sandbox.books.bookyears import Bookyear
from octopus_sandbox.books.entries import JOURNAL_TYPES, Document, DocumentKey, EntryKind, Line, LineKey
from octopus_sandbox.books.fixed_assets import Asset
from octopus_sandbox.books.matchings import Matchings, is_item
from octopus_sandbox.books.openings import opening_lines
from octopus_sandbox.books.reference_books import DossierCard, ReferenceBooks
from octopus_sandbox.clock import Clock


class Deletion(NamedTuple):
    """A removed document; `at` in milliseconds since 1970."""

    key: DocumentKey
    at: int
    opening: bool = False
    """Whether it was a carried-forward opening."""


class DocumentChanges(TypedDict, total=False):
    """What `Books.change` can replace."""

    date: datetime.date
    period: int | None
    lines: tuple[Line, ...]
    due: datetime.date | None
    comment: str
    reference: str


class Books(ReferenceBooks):
    """Mutable; take `lock` around several changes that a reader must see together."""

    def __init__(self, card: DossierCard, clock: Clock) -> None:
        super().__init__(card, clock)
        self.documents: dict[tuple[int, int], dict[DocumentKey, Document]] = {}
        """By bookyear and journal type. Balances carried forward are in `openings`."""
        self.openings: dict[int, Document] = {}
        """By bookyear. How they look on the wire is a switch."""
        self.assets: list[Asset] = []
        self.matchings = Matchings()
        self.amounts = AmountBook()
        self.deletions: list[Deletion] = []
        self.versions: dict[tuple[int, int], int] = {}
        """Counts the changes of each bookyear and journal type."""
        self._next_number: dict[tuple[int, int, int], int] = {}
        self._bank_openings: set[DocumentKey] = set()
        """What brought the banks' balances in where a bookyear was opened by way of an account."""

    @classmethod
    def empty(cls, dossier: int = 49001, name: str = "Test BV", clock: Clock | None = None) -> Self:
        """Books with nothing in them, for a test to fill."""
        return cls(DossierCard(dossier, name), clock or Clock())

    # --- bookings --------------------------------------------------------------------------------------

    def book(
        self,
        *,
        journal: str,
        date: datetime.date,
        lines: Sequence[Line],
        bookyear: int | None = None,
        period: int | None = None,
        number: int | None = None,
        due: datetime.date | None = None,
        comment: str = "",
        reference: str = "",
        currency: str = "EUR",
        rate: Decimal = Decimal("1.0"),
        kind: EntryKind = EntryKind.MOVEMENT,
        unbalanced: bool = False,
    ) -> Document:
        """Book a document; bookyear and period are looked up by the date, the number is the next one, where not given.

        Raises ValueError where the lines do not net to zero, unless `unbalanced`, or the number is taken.
        """
        with self.lock:
            year = self.bookyears[bookyear] if bookyear is not None else self.bookyear_on(date)
            counter = (year.id, JOURNAL_TYPES[journal[0]], int(journal[1:]))
            key = DocumentKey(*counter, number or self.next_number(*counter))
            if self.find(key) is not None:
                raise ValueError(f"{journal}/{key.number} of bookyear {year.id} is taken")
            document = Document(
                key=key,
                date=date,
                period=period if period is not None else year.period_on(date).number,
                lines=tuple(lines),
                modified=self.stamp(),
                due=due,
                relation=next((line.relation for line in lines if line.relation), 0),
                comment=comment,
                reference=reference,
                currency=currency,
                rate=rate,
                kind=kind,
            )
            if document.net_cents and not unbalanced:
                raise ValueError(f"the lines of {journal}/{key.number} do not net to zero")
            self.put(document)
            return document

    def put(self, document: Document) -> None:
        """Add a document as it is."""
        key = document.key
        self.documents.setdefault(key[:2], {})[key] = document
        self.matchings.add_items(document)
        self.amounts.add(document)
        self._touch(key)
        counter = key[:3]
        if key.number >= self._next_number.get(counter, 1):
            self._next_number[counter] = key.number + 1

    def change(self, key: DocumentKey, *, keeps_stamp: bool = False, **changes: Unpack[DocumentChanges]) -> Document:
        """Replace fields of a document. Its matchings are undone where its items change.

        With `keeps_stamp` nothing tells of the change: the document and the amounts keep the stamps they had.
        """
        with self.lock:
            before = self.documents[key[:2]][key]
            stamp = before.modified if keeps_stamp else self.stamp()
            after = before._replace(**changes)._replace(modified=stamp)
            self.amounts.remove(before, stamp)
            self.amounts.add(after)
            self.documents[key[:2]][key] = after
            if _items(after) != _items(before):
                self.matchings.remove_document(before, stamp)
                self.matchings.add_items(after)
            self._touch(key)
            return after

    def delete(self, key: DocumentKey, *, frees_number: bool = False) -> None:
        """Delete a document, or a carried-forward opening; deletedBookings will tell.

        With `frees_number` the last document of its journal leaves its number to the next one.
        """
        with self.lock:
            known = self.openings.get(key.bookyear)
            opening = known is not None and known.key == key
            if opening:
                del self.openings[key.bookyear]
                self._touch(key)
            else:
                self._take_out(self.documents[key[:2]][key])
            self.deletions.append(Deletion(key, self.stamp(), opening))
            if frees_number and self.next_number(*key[:3]) == key.number + 1:
                self._next_number[key[:3]] = key.number

    def forget(self, key: DocumentKey) -> None:
        """Take a document out without a trace in deletedBookings."""
        self._take_out(self.documents[key[:2]][key])

    def replace_number(
        self, key: DocumentKey, *, date: datetime.date, lines: Sequence[Line], comment: str = ""
    ) -> Document:
        """Delete a document and book another one under the same number."""
        with self.lock:
            self.delete(key)
            return self.book(
                journal=key.journal_key,
                date=date,
                lines=lines,
                bookyear=key.bookyear,
                number=key.number,
                comment=comment,
            )

    def match(self, one: LineKey, other: LineKey, cents: int | None = None) -> int:
        """Match two open items of one relation, as far as both go or for `cents`; answers the cents matched."""
        with self.lock:
            return self.matchings.match(self.line(one), one, other, self.stamp(), cents)

    def unmatch(self, one: LineKey, other: LineKey) -> int:
        """Undo what matched two items; answers the cents that are open again of each."""
        with self.lock:
            return self.matchings.unmatch(one, other, self.stamp())

    def pay(self, item: LineKey, *, date: datetime.date, cents: int | None = None, journal: str = "F1") -> Document:
        """Pay an open item, wholly or for `cents`, through a financial journal, and match the payment with it."""
        with self.lock:
            line, open_cents = self.line(item), self.matchings.open[item]
            paid = open_cents if cents is None else (cents if open_cents > 0 else -cents)
            year = self.bookyear_on(date)
            bank = self.journals[year.id, journal].account or 550000
            lines = (Line(line.account, -paid, -paid, line.relation), Line(bank, paid, paid))
            document = self.book(journal=journal, date=date, lines=lines, comment="Betaling")
            self.match(item, LineKey(document.key, 0))
            return document

    def carry_forward(
        self,
        bookyear: int,
        *,
        result_account: int = 140000,
        journal: str = "D1",
        by_way_of: int | None = None,
        modified: int | None = None,
    ) -> Document | None:
        """Open a bookyear with the balances of the one before it, again if it was opened before.

        The result that classes 6 to 9 still hold goes to `result_account`. Where a person opens the year by hand, it
        may stand in any divers `journal`, and the balances of the banks come `by_way_of` an account (580000, 588888):
        the opening holds them there, and a document of each financial journal takes them to the bank. Answers None
        where all balances are zero.
        """
        stamp = self.stamp() if modified is None else modified
        with self.stamped(stamp):
            year, journal_nr = self.bookyears[bookyear], int(journal[1:])
            known = self.openings.get(bookyear)
            if known is not None and known.key.journal_nr != journal_nr:
                self.delete(known.key)
            for key in sorted(self._bank_openings):
                if key.bookyear == bookyear:
                    self.delete(key)
            lines = opening_lines(self, bookyear, result_account)
            if not lines:
                return None
            if by_way_of is not None:
                lines = self._through(by_way_of, year, lines)
            document = Document(
                key=self._opening_key(bookyear, journal_nr),
                date=year.start,
                period=year.periods[0].number,
                lines=lines,
                modified=stamp,
                comment="Overboeking boekjaar",
                kind=EntryKind.CARRIED_FORWARD,
            )
            self.openings[bookyear] = document
            self._touch(document.key)
            counter = document.key[:3]
            self._next_number[counter] = max(self.next_number(*counter), document.key.number + 1)
            return document

    def _through(self, account: int, year: Bookyear, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        """The lines of an opening with the banks' balances on `account`, and the documents that fetch them there."""
        banks = {held.account: held.key for held in self.journals_of(year.id) if held.key[0] == "F" and held.account}
        for line in lines:
            if line.account in banks:
                fetched = (Line(account, -line.cents, -line.cents), line)
                document = self.book(
                    journal=banks[line.account], date=year.start, lines=fetched, bookyear=year.id, comment="Beginsaldo"
                )
                self._bank_openings.add(document.key)
        return tuple(line._replace(account=account) if line.account in banks else line for line in lines)

    def _opening_key(self, bookyear: int, journal_nr: int) -> DocumentKey:
        known = self.openings.get(bookyear)
        if known is not None:
            return known.key
        first = DocumentKey(bookyear, 4, journal_nr, 1)
        if self.find(first) is None:
            return first
        return first._replace(number=self.next_number(bookyear, 4, journal_nr))

    def misstate_total(self, key: AmountKey, cents: int) -> None:
        """Put Octopus's own total of an account and period out by so much: the books and their totals disagree.

        Raises KeyError where nothing was booked there.
        """
        with self.lock:
            self.amounts.misstate(key, cents, self.stamp())

    def mend_totals(self) -> int:
        """Every total is again what the books say; answers how many were not."""
        with self.lock:
            return self.amounts.mend(self.stamp())

    # --- looking things up -----------------------------------------------------------------------------

    def find(self, key: DocumentKey) -> Document | None:
        opening = self.openings.get(key.bookyear)
        if opening is not None and opening.key == key:
            return opening
        return self.documents.get(key[:2], {}).get(key)

    def line(self, key: LineKey) -> Line:
        return self.documents[key.document[:2]][key.document].lines[key.position]

    def movements(self) -> Iterator[Document]:
        """Every document but the balances carried forward."""
        for chunk in self.documents.values():
            yield from chunk.values()

    def items(self, document: Document) -> Iterable[LineKey]:
        """The keys of a document's lines that can be open items."""
        return [LineKey(document.key, at) for at, line in enumerate(document.lines) if is_item(line)]

    def next_number(self, bookyear: int, journal_type: int, journal_nr: int) -> int:
        return self._next_number.get((bookyear, journal_type, journal_nr), 1)

    def last_number(self, bookyear: int, journal_type: int, journal_nr: int) -> int:
        """The highest number that was given out; 0 is none."""
        return self.next_number(bookyear, journal_type, journal_nr) - 1

    def _take_out(self, document: Document) -> None:
        del self.documents[document.key[:2]][document.key]
        self._bank_openings.discard(document.key)
        self.matchings.remove_document(document, self.stamp())
        self.amounts.remove(document, self.stamp())
        self._touch(document.key)

    def _touch(self, key: DocumentKey) -> None:
        chunk = key[:2]
        self.versions[chunk] = self.versions.get(chunk, 0) + 1


def _items(document: Document) -> list[tuple[int, int, int, int]]:
    """What can be matched of a document: place, account, relation and cents of its items."""
    return [(at, line.account, line.relation, line.cents) for at, line in enumerate(document.lines) if is_item(line)]
