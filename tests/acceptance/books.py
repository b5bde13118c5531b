"""A company's books as its bookkeeper knows them: documents with lines in whole cents, debit positive."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum

CLIENTS, SUPPLIERS = 400000, 440000
PURCHASES, SALES, BANK, DIVERS = 1, 2, 3, 4
LETTERS = {PURCHASES: "A", SALES: "V", BANK: "F", DIVERS: "D"}
LONG_AGO = datetime(2026, 10, 1, 8, tzinfo=UTC)

Day = date
Key = tuple[int, int, int, int]
"""Bookyear, journal type, journal number, document number."""


class Numbering(Enum):
    """What Octopus's lineSequenceNr may turn out to be (octopus.md 6.6)."""

    FROM_ONE = "1, 2, 3"
    HEAD_IS_MINUS_ONE = "-1, 1, 2"
    ALWAYS_ONE = "1, 1, 1"


@dataclass(frozen=True, slots=True)
class Period:
    number: int
    start: date
    end: date


@dataclass(slots=True)
class Year:
    id: int
    start: date
    end: date
    periods: tuple[Period, ...]
    closed: bool = False

    @property
    def name(self) -> str:
        return f"{self.start:%Y}" if self.start.year == self.end.year else f"{self.start:%Y}/{self.end:%y}"


@dataclass(frozen=True, slots=True)
class Line:
    account: int
    cents: int
    relation: int | None = None
    cost_centre: int | None = None
    comment: str = ""
    reference: str = ""
    currency: str = "EUR"
    foreign_cents: int | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    year: int
    type: int
    journal: int
    number: int
    date: Day
    period: int | None
    lines: tuple[Line, ...]
    due: Day | None = None
    opening: bool = False
    """The truth, which Octopus does not tell: this document carries the year before forward."""

    @property
    def key(self) -> Key:
        return (self.year, self.type, self.journal, self.number)

    @property
    def journal_key(self) -> str:
        return f"{LETTERS.get(self.type, 'X')}{self.journal}"


@dataclass(slots=True)
class Relation:
    id: int
    name: str
    client: bool
    supplier: bool
    vat: str | None = None
    country: str | None = None
    active: bool = True
    changed: datetime = LONG_AGO


@dataclass(slots=True)
class Account:
    number: int
    names: dict[str, str]
    changed: datetime = LONG_AGO

    @property
    def name(self) -> str:
        filled = (self.names[language] for language in ("NL", "FR", "EN", "DE") if self.names.get(language))
        return next(filled, str(self.number))


@dataclass(slots=True)
class CostCentre:
    id: int
    names: dict[str, str]
    closed: bool = False


LineAt = tuple[Key, int]
"""A document, and the place of a line in it."""


@dataclass(slots=True)
class Match:
    debit: LineAt
    credit: LineAt
    cents: int
    changed: datetime = LONG_AGO


@dataclass
class Books:
    number: int
    name: str
    vat: str = ""
    numbering: Numbering = Numbering.FROM_ONE
    relation_on_every_line: bool = False
    years: dict[int, Year] = field(default_factory=dict)
    journals: dict[tuple[int, str], str] = field(default_factory=dict)
    accounts: dict[tuple[int, int], Account] = field(default_factory=dict)
    cost_centres: dict[int, CostCentre] = field(default_factory=dict)
    relations: dict[int, Relation] = field(default_factory=dict)
    documents: dict[Key, Document] = field(default_factory=dict)
    changed: dict[Key, datetime] = field(default_factory=dict)
    deleted: dict[Key, datetime] = field(default_factory=dict)
    touched: dict[tuple[int, int, int | None], datetime] = field(default_factory=dict)
    matches: list[Match] = field(default_factory=list)
    forgetful: dict[Key, int] = field(default_factory=dict)
    """Cents by which accounts/amounts are not told of a document: what a silent alteration looks like."""

    # --- writing -------------------------------------------------------------------------------------------------

    def put(self, document: Document, at: datetime = LONG_AGO) -> Document:
        assert sum(line.cents for line in document.lines) == 0, document
        document = replace(document, lines=tuple(self._numbered(document)))
        if existing := self.documents.get(document.key):
            self._touch(existing, at)
        self._touch(document, at)
        self.documents[document.key] = document
        self.changed[document.key] = at
        return document

    def change(self, key: Key, **changes: object) -> Document:
        """As the bookkeeper does just now."""
        return self.put(replace(self.documents[key], **changes), at=datetime.now(UTC))  # type: ignore[arg-type] # the caller names fields

    def delete(self, key: Key) -> Document:
        now = datetime.now(UTC)
        self._touch(self.documents[key], now)
        self.changed.pop(key)
        self.deleted[key] = now
        self.matches = [match for match in self.matches if key not in (match.debit[0], match.credit[0])]
        return self.documents.pop(key)

    def match(self, one: LineAt, other: LineAt, cents: int, at: datetime = LONG_AGO) -> None:
        debit, credit = (one, other) if self.line(one).cents > 0 else (other, one)
        self.matches.append(Match(debit, credit, cents, at))

    def _numbered(self, document: Document) -> Iterator[Line]:
        head = next((line.relation for line in document.lines if line.relation), None)
        for place, line in enumerate(document.lines):
            match self.numbering:
                case Numbering.FROM_ONE:
                    number = place + 1
                case Numbering.HEAD_IS_MINUS_ONE:
                    number = place or -1
                case Numbering.ALWAYS_ONE:
                    number = 1
            relation = line.relation
            if self.relation_on_every_line and document.type in (PURCHASES, SALES):
                relation = relation or head
            yield replace(line, number=number, relation=relation)

    def _touch(self, document: Document, at: datetime) -> None:
        for line in document.lines:
            self.touched[(document.year, line.account, document.period)] = at

    # --- reading -------------------------------------------------------------------------------------------------

    def line(self, place: LineAt) -> Line:
        return self.documents[place[0]].lines[place[1]]

    def in_order(self) -> list[Year]:
        return sorted(self.years.values(), key=lambda year: year.start)

    def year_of(self, day: date) -> Year | None:
        return next((year for year in self.years.values() if year.start <= day <= year.end), None)

    def next_number(self, year: int, type: int, journal: int) -> int:
        return max((key[3] for key in self.documents if key[:3] == (year, type, journal)), default=0) + 1

    def period(self, year: int, number: int | None) -> Period | None:
        return next((period for period in self.years[year].periods if period.number == number), None)

    def effective(self, document: Document) -> date:
        """The document's date, moved to the nearest day of its period."""
        period = self.period(document.year, document.period)
        return min(max(document.date, period.start), period.end) if period else document.date

    def lines(self) -> Iterator[tuple[Document, Line]]:
        return ((document, line) for document in self.documents.values() for line in document.lines)

    def account(self, year: int, number: int) -> Account:
        """As in that bookyear; where the chart of that year lacks it, as in the newest that has it."""
        if named := self.accounts.get((year, number)):
            return named
        newest = [each.id for each in self.in_order() if (each.id, number) in self.accounts]
        return self.accounts[(newest[-1], number)]


# --- bookyears -------------------------------------------------------------------------------------------------------


def months(id: int, start: date, *, count: int = 12, closed: bool = False) -> Year:
    """A bookyear of months; the year in a period's number is the calendar year, the rest counts from 1."""
    firsts = [_plus_months(start, n) for n in range(count + 1)]
    periods = tuple(
        Period(first.year * 100 + n, first, following - timedelta(days=1))
        for n, (first, following) in enumerate(itertools.pairwise(firsts), start=1)
    )
    return Year(id, start, periods[-1].end, periods, closed)


def quarters(id: int, start: date, *, closed: bool = False) -> Year:
    firsts = [_plus_months(start, n) for n in range(0, 15, 3)]
    periods = tuple(
        Period(first.year * 100 + n, first, following - timedelta(days=1))
        for n, (first, following) in enumerate(itertools.pairwise(firsts), start=1)
    )
    return Year(id, start, periods[-1].end, periods, closed)


def _plus_months(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, 1)


def balances(documents: Iterable[Document]) -> dict[int, int]:
    """Cents by account, zeros left out."""
    sums: dict[int, int] = {}
    for document in documents:
        for line in document.lines:
            sums[line.account] = sums.get(line.account, 0) + line.cents
    return {account: cents for account, cents in sums.items() if cents}
