"""What the reports must say, worked out from the books alone, in whole cents, by the words of frontend.graphql."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.acceptance.books import CLIENTS, SUPPLIERS, Books, Document, Line, LineAt, Year


@dataclass
class Row:
    opening: int = 0
    debit: int = 0
    credit: int = 0

    @property
    def closing(self) -> int:
        return self.opening + self.debit - self.credit

    @property
    def shows(self) -> bool:
        return bool(self.opening or self.debit or self.credit)

    def move(self, cents: int) -> None:
        if cents > 0:
            self.debit += cents
        else:
            self.credit -= cents


@dataclass
class TrialBalance:
    rows: dict[int, Row] = field(default_factory=dict)
    brought_forward: int = 0
    transferred: int = 0


def trial_balance(books: Books, start: date, end: date) -> TrialBalance:
    rows: dict[int, Row] = defaultdict(Row)
    answer = TrialBalance()
    first_day_of = {year.id: year.start for year in books.years.values()}
    bookyear_of_start = books.year_of(start)
    for day, account, cents, is_opening in sheet_movements(books):
        before = day < start or (is_opening and day == start)
        if before:
            rows[account].opening += cents
            answer.brought_forward -= cents
        elif day <= end:
            rows[account].move(cents)
    for document, line in books.lines():
        if line.account < 600000 or document.opening:
            continue
        day = books.effective(document)
        if start <= day <= end:
            rows[line.account].move(line.cents)
        elif day < start and bookyear_of_start and document.year == bookyear_of_start.id:
            rows[line.account].opening += line.cents
    # What has been carried to classes 0 to 5 before `start`, less what classes 6 to 9 hold of this bookyear, is missing
    # from the balance: the results of bookyears before it that no opening has moved.
    answer.brought_forward -= sum(row.opening for account, row in rows.items() if account >= 600000)
    answer.transferred = sum(
        cents
        for year, difference in opening_differences(books).items()
        if start < first_day_of[year] <= end and year != books.in_order()[0].id
        for cents in difference.values()
    )
    answer.rows = {account: row for account, row in rows.items() if row.shows}
    return answer


def sheet_movements(books: Books) -> list[tuple[date, int, int, bool]]:
    """Day, account, cents of everything that moves classes 0 to 5; of later openings, the difference they make."""
    movements = [
        (books.effective(document), line.account, line.cents, False)
        for document, line in books.lines()
        if line.account < 600000 and not document.opening
    ]
    for year, difference in opening_differences(books).items():
        start = books.years[year].start
        movements += [(start, account, cents, True) for account, cents in difference.items() if cents]
    return movements


def opening_differences(books: Books) -> dict[int, dict[int, int]]:
    """By bookyear that has an opening: by account, the opening less the closing before it."""
    differences: dict[int, dict[int, int]] = {}
    balance: dict[int, int] = defaultdict(int)
    for year in books.in_order():
        documents = [document for document in books.documents.values() if document.year == year.id]
        opening = _sums(document for document in documents if document.opening)
        if any(document.opening for document in documents):
            accounts = {account for account in opening.keys() | balance.keys() if account < 600000}
            differences[year.id] = {account: opening.get(account, 0) - balance[account] for account in accounts}
            balance = defaultdict(int, {account: cents for account, cents in opening.items() if account < 600000})
        for account, cents in _sums(document for document in documents if not document.opening).items():
            if account < 600000:
                balance[account] += cents
    return differences


def _sums(documents: object) -> dict[int, int]:
    sums: dict[int, int] = defaultdict(int)
    for document in documents:  # type: ignore[attr-defined] # any iterable of documents
        for line in document.lines:
            sums[line.account] += line.cents
    return sums


def balance_at(books: Books, account: int, day: date) -> int:
    """The balance of an account of classes 0 to 5 at the end of ``day``."""
    return sum(cents for when, each, cents, _ in sheet_movements(books) if each == account and when <= day)


def result_so_far(books: Books, account: int, day: date) -> int:
    """An account of classes 6 to 9 from the first day of the bookyear to the end of ``day``."""
    year = books.year_of(day)
    return sum(
        line.cents
        for document, line in books.lines()
        if year and document.year == year.id and line.account == account and books.effective(document) <= day
    )


# --- open items ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    document: Document
    line: Line
    cents: int
    """What was booked, positive where the relation owes us, or we owe it."""
    open_cents: int

    @property
    def due(self) -> date:
        return self.document.due or self.document.date

    def days_overdue(self, day: date) -> int:
        return max((day - self.due).days, 0)


def open_items(books: Books, control: int, as_of: date | None = None) -> list[Item]:
    """Each line of the control account that is not settled, credit notes and prepayments as negative items."""
    sign = 1 if control == CLIENTS else -1
    matched: dict[LineAt, int] = defaultdict(int)
    for match in books.matches:
        later = max(books.documents[place[0]].date for place in (match.debit, match.credit))
        if as_of is None or later <= as_of:
            matched[match.debit] -= match.cents
            matched[match.credit] += match.cents
    items = [
        Item(document, line, sign * line.cents, sign * (line.cents + matched[(document.key, place)]))
        for document in books.documents.values()
        if not document.opening and (as_of is None or document.date <= as_of)
        for place, line in enumerate(document.lines)
        if line.account == control and line.relation is not None
    ]
    return [item for item in items if item.open_cents]


def ageing(items: list[Item], day: date, bounds: tuple[int, ...] = (30, 60, 90)) -> list[tuple[int, int]]:
    """Count and cents: not yet due, then by each bound, then beyond the last."""
    groups: list[list[Item]] = [[] for _ in range(len(bounds) + 2)]
    for item in items:
        overdue = item.days_overdue(day)
        groups[0 if overdue == 0 else 1 + sum(overdue > bound for bound in bounds)].append(item)
    return [(len(group), sum(item.open_cents for item in group)) for group in groups]


RECEIVABLE, PAYABLE = CLIENTS, SUPPLIERS


# --- fixed assets ----------------------------------------------------------------------------------------------------


def fixed_assets(books: Books, day: date) -> dict[str, tuple[int, int]]:
    """By the first three digits: acquisition value and accumulated depreciation, both positive (octopus.md 5)."""
    groups: dict[str, tuple[int, int]] = {}
    for account in sorted({line.account for _, line in books.lines() if 200000 <= line.account < 290000}):
        cents, group = balance_at(books, account, day), str(account)[:3]
        value, depreciation = groups.get(group, (0, 0))
        if account % 10 == 9:
            groups[group] = (value, depreciation - cents)
        else:
            groups[group] = (value + cents, depreciation)
    return {group: sums for group, sums in groups.items() if any(sums)}


def ends_of_months(year: Year) -> list[date]:
    """The last day of each calendar month of the bookyear."""
    days, day = [], year.start
    while day <= year.end:
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        days.append(following - timedelta(days=1))
        day = following
    return days
