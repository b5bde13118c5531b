"""The columns of a statement: the days that each is about (``tests/contract/rules.md``, 8)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from monitr.domain.accounting.balances import months
from monitr.domain.accounting.bookyear import Bookyear, chronological, years_later

_DAY = timedelta(days=1)


class StatementInterval(StrEnum):
    """Into which columns a statement's days are cut."""

    TOTAL = "TOTAL"
    """One column for all days."""
    MONTH = "MONTH"
    """Calendar months; the first and the last may be cut."""
    QUARTER = "QUARTER"
    """Calendar quarters; the first and the last may be cut."""
    BOOKYEAR = "BOOKYEAR"
    """The bookyears of the administration."""


class Comparison(StrEnum):
    """What stands beside each column."""

    NONE = "NONE"
    """Nothing: the columns stand alone."""
    PREVIOUS_YEAR = "PREVIOUS_YEAR"
    """The same days one year earlier, directly behind their column; with BOOKYEAR the bookyear before."""


@dataclass(frozen=True, slots=True)
class Column:
    """Both days belong to it. ``label``: ``2026-03``, ``2026-Q1``, a bookyear's description, else the two days."""

    label: str
    from_: date
    to: date
    is_comparison: bool = False


def columns(
    from_: date, to: date, interval: StatementInterval, comparison: Comparison, bookyears: Sequence[Bookyear]
) -> list[Column]:
    """Those of the interval, cut to the span, each with its comparison behind it. ``bookyears`` are all that there are:
    with BOOKYEAR their columns are these, and those that the bookkeeper has not opened yet."""
    if interval is StatementInterval.BOOKYEAR:
        return list(_by_bookyear(from_, to, comparison, bookyears))
    spans = [(from_, to)] if interval is StatementInterval.TOTAL else list(_calendar(from_, to, interval))
    shown: list[Column] = []
    for span in spans:
        shown.append(_column(span, interval))
        if comparison is Comparison.PREVIOUS_YEAR:
            shown.append(_column((years_later(span[0], -1), years_later(span[1], -1)), interval, is_comparison=True))
    return shown


def _calendar(from_: date, to: date, interval: StatementInterval) -> Iterator[tuple[date, date]]:
    """Months or quarters."""
    first_days = [
        max(month, from_)
        for month, _ in months(from_, to)
        if interval is StatementInterval.MONTH or month.month % 3 == 1 or month <= from_
    ]
    for first, following in pairwise([*first_days, to + _DAY]):
        yield first, following - _DAY


def _column(span: tuple[date, date], interval: StatementInterval, *, is_comparison: bool = False) -> Column:
    first = span[0]
    match interval:
        case StatementInterval.MONTH:
            label = f"{first:%Y-%m}"
        case StatementInterval.QUARTER:
            label = f"{first:%Y}-Q{(first.month + 2) // 3}"
        case StatementInterval.TOTAL | StatementInterval.BOOKYEAR:
            label = f"{span[0]}/{span[1]}"
    return Column(label, *span, is_comparison)


def _by_bookyear(from_: date, to: date, comparison: Comparison, bookyears: Sequence[Bookyear]) -> Iterator[Column]:
    """Before the first there is the year before it, without data."""
    known = [_whole(year) for year in chronological(list(bookyears))]
    years = [*known, *_not_opened(known[-1].to, to)] if known else []
    before = [_year_ending(years[0].from_ - _DAY)] if years else []
    for previous, year in pairwise([*before, *years]):
        if year.from_ <= to and year.to >= from_:
            yield Column(year.label, max(year.from_, from_), min(year.to, to))
            if comparison is Comparison.PREVIOUS_YEAR:
                yield Column(previous.label, previous.from_, previous.to, is_comparison=True)


def _whole(year: Bookyear) -> Column:
    return Column(year.description or str(year.number), year.start, year.end)


def _not_opened(last_day: date, to: date) -> Iterator[Column]:
    while last_day < to:
        first, last_day = last_day + _DAY, years_later(last_day, 1)
        yield _column((first, last_day), StatementInterval.BOOKYEAR)


def _year_ending(last_day: date) -> Column:
    return _column((years_later(last_day, -1) + _DAY, last_day), StatementInterval.BOOKYEAR)
