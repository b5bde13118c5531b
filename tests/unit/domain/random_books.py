"""Random books for property tests: whole bookings over several bookyears, opened in every way a bookkeeper may.

The model beside them is written the other way round than ``domain.accounting.balances``: it stands on the last
opening and knows nothing of differences.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import strategies as st

from monitr.domain.accounting.balances import Books, BookyearStart, Movement, OpeningEntry, as_if_open

ZERO = Decimal("0.00")
LONG_AFTER = date(2040, 12, 31)
RESULT_ACCOUNT = 140000
BALANCE_SHEET: tuple[int, ...] = (12000, 100000, RESULT_ACCOUNT, 230000, 230009, 400000, 550000)
PROFIT_AND_LOSS: tuple[int, ...] = (600000, 640000, 693000, 700000, 793000, 890000)


@dataclass(frozen=True)
class Line:
    """``is_opening``: of a booking that is recognised as year opening."""

    bookyear: int
    document: int
    day: date
    account: int
    cost_centre: int
    amount: Decimal
    is_opening: bool = False


@dataclass(frozen=True)
class Ledger:
    """``years``: number to first day, oldest first; a year ends the day before the next begins."""

    years: dict[int, date]
    end: date
    lines: list[Line]

    def books(self) -> Books:
        """As the domain takes them, a movement for each line; those that follow the last bookyear as if open."""
        opened = {line.bookyear for line in self.lines if line.is_opening}
        years = [BookyearStart(number, first_day, number in opened) for number, first_day in self.years.items()]
        return Books(
            as_if_open(years, self.end, LONG_AFTER),
            [
                OpeningEntry(row.bookyear, row.account, max(row.amount, ZERO), max(-row.amount, ZERO))
                for row in self.lines
                if row.is_opening
            ],
            [
                Movement(
                    row.bookyear, row.account, row.cost_centre, row.day, max(row.amount, ZERO), max(-row.amount, ZERO)
                )
                for row in self.lines
                if not row.is_opening
            ],
        )

    def without_openings_after(self, first: int) -> "Ledger":
        return Ledger(
            self.years, self.end, [line for line in self.lines if not line.is_opening or line.bookyear == first]
        )

    # --- the naive model ---------------------------------------------------------------------------------

    def balance(self, day: date) -> dict[int, Decimal]:
        """Classes 0 to 5: the last opening by then, and what was booked since.

        A line of an earlier bookyear that counts only after the day is in the closing which that opening replaced, so
        it is still to come.
        """
        numbers = list(self.years)
        opened = [
            position
            for position, number in enumerate(numbers)
            if self.years[number] <= day and any(row.is_opening and row.bookyear == number for row in self.lines)
        ]
        anchor = opened[-1] if opened else 0
        sums: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for row in self.lines:
            position = numbers.index(row.bookyear)
            if row.account >= 600000:
                continue
            if row.is_opening:
                counts = 1 if opened and position == anchor else 0
            elif position >= anchor:
                counts = 1 if row.day <= day else 0
            else:
                counts = (1 if row.day <= day else 0) if not opened else (-1 if row.day > day else 0)
            sums[row.account] += counts * row.amount
        return {account: amount for account, amount in sums.items() if amount}

    def result(self, from_: date, to: date) -> dict[int, Decimal]:
        """Classes 6 to 9: the bookyear of ``from_`` so far, and everything in the span. Nothing was booked in those
        that follow the last."""
        current = [number for number, first_day in self.years.items() if first_day <= from_ <= self.end][-1:]
        sums: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for row in self.lines:
            if row.account >= 600000 and (from_ <= row.day <= to or (row.day < from_ and [row.bookyear] == current)):
                sums[row.account] += row.amount
        return {account: amount for account, amount in sums.items() if amount}


def amounts() -> st.SearchStrategy[Decimal]:
    return st.integers(-90000, 90000).filter(bool).map(lambda cents: Decimal(cents).scaleb(-2))


@st.composite
def bookings(draw: st.DrawFn, bookyear: int, first: date, last: date, cost_centres: bool) -> list[Line]:
    """Some bookings of two or three lines that net to zero; a few count outside their bookyear."""
    lines = []
    for document in range(1, draw(st.integers(0, 4)) + 1):
        day = draw(st.dates(first, last))
        if draw(st.integers(0, 9)) == 0:
            day += timedelta(days=draw(st.integers(-40, 40)))
        parts = draw(st.lists(amounts(), min_size=1, max_size=2))
        for amount in [*parts, -sum(parts, ZERO)]:
            account = draw(st.sampled_from(BALANCE_SHEET + PROFIT_AND_LOSS))
            cost_centre = draw(st.sampled_from((0, 1, 2))) if cost_centres else 0
            lines.append(Line(bookyear, document, day, account, cost_centre, amount))
    return lines


@st.composite
def ledgers(draw: st.DrawFn, *, cost_centres: bool = False, adjusted: bool = True) -> Ledger:
    """Two to four bookyears of some months. ``adjusted``: openings may differ from the closing before them."""
    starts = [draw(st.sampled_from((date(2021, 1, 1), date(2021, 7, 1))))]
    for _ in range(draw(st.integers(2, 4))):
        starts.append(_month_later(starts[-1], draw(st.sampled_from((6, 12, 12, 18)))))
    numbers = draw(st.permutations(range(1, len(starts))))
    years = dict(zip(numbers, starts, strict=False))
    ledger = Ledger(years, starts[-1] - timedelta(days=1), [])
    for number, (first, following) in zip(numbers, pairwise(starts), strict=True):
        opening = _opening(draw, ledger, number, first, adjusted=adjusted)
        ledger.lines.extend(opening)
        ledger.lines.extend(draw(bookings(number, first, following - timedelta(days=1), cost_centres)))
    return ledger


def _opening(draw: st.DrawFn, ledger: Ledger, number: int, first: date, *, adjusted: bool) -> list[Line]:
    """Not booked; or the closing as the books stand with the result on an account of class 14; or as it stood some time
    before (opened in advance); or with something adjusted. It always nets to zero."""
    if number != next(iter(ledger.years)):
        way = draw(st.sampled_from(("none", "run", "in advance", "adjusted") if adjusted else ("none", "run")))
    else:
        way = draw(st.sampled_from(("none", "adjusted")))
    if way == "none":
        return []
    closing = ledger.balance(first - timedelta(days=draw(st.integers(1, 200)) if way == "in advance" else 1))
    if way != "in advance":
        late = [row for row in ledger.lines if not row.is_opening and row.day >= first and row.account < 600000]
        for row in late:
            closing[row.account] = closing.get(row.account, ZERO) + row.amount
    if way == "adjusted":
        for account, amount in draw(st.dictionaries(st.sampled_from(BALANCE_SHEET), amounts(), max_size=3)).items():
            closing[account] = closing.get(account, ZERO) + amount
    closing[RESULT_ACCOUNT] = closing.get(RESULT_ACCOUNT, ZERO) - sum(closing.values(), ZERO)
    return [
        Line(number, 999, first, account, 0, amount, is_opening=True) for account, amount in closing.items() if amount
    ]


def _month_later(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


@st.composite
def ledgers_and_spans(draw: st.DrawFn, /, **options: bool) -> tuple[Ledger, tuple[date, date]]:
    """A span has its ends anywhere, or near where something happens: a line, the first day of a bookyear."""
    ledger = draw(ledgers(**options))
    near = st.tuples(
        st.sampled_from([*ledger.years.values(), *(line.day for line in ledger.lines)]), st.integers(-2, 2)
    ).map(lambda pair: pair[0] + timedelta(days=pair[1]))
    ends = near | st.dates(date(2020, 11, 1), date(2027, 3, 31))
    first, last = sorted((draw(ends), draw(ends)))
    return ledger, (first, last)
