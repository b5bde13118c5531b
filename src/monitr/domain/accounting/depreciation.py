"""Planned depreciation as Belgian rules have it (CBN advice 2010/15; art. 64 and 196 WIB 92, art. 36 to 38 KB WIB 92).

Linear: the same part of what is to be depreciated each year of the useful life. Degressive: twice the linear rate, on
what is left, never more than 40 % of the acquisition value, and the linear annuity from the year in which that is
higher. The annuity of the bookyear of acquisition is taken pro rata, by its days that are left, or in full. Nothing
is depreciated below the residual value.

Within a bookyear a month carries a twelfth of a full annuity until the year's annuity is used up; in the first year the
months that are left carry equal parts. Rounded to the cent, so that the months of a bookyear add up to its annuity.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple

from monitr.domain.accounting.balances import months
from monitr.domain.accounting.money import CENT, ZERO
from monitr.domain.words.sentence import Sentence

HIGHEST_PART = Decimal("0.40")
MOST_MONTHS = 1200
"""Of a useful life: a hundred years."""


class DepreciationMethod(StrEnum):
    """How planned depreciation is spread over the useful life."""

    LINEAR = "LINEAR"
    """The same amount every year."""
    DEGRESSIVE = "DEGRESSIVE"
    """Twice the linear rate on what is left, at most 40 % of the acquisition value; linear from the year in which that
    is more."""


class InvalidPlan(ValueError):
    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class DepreciationPlan:
    """How something is depreciated. ``residual_value`` is what is left of one asset at the end.

    Raises InvalidPlan where the life is no number of months up to MOST_MONTHS, or the residual value is negative.
    """

    method: DepreciationMethod
    useful_life_months: int
    residual_value: Decimal = ZERO
    full_first_year: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.useful_life_months <= MOST_MONTHS:
            raise InvalidPlan(Sentence.of("input.USEFUL_LIFE_OUT_OF_BOUNDS", most=MOST_MONTHS))
        if self.residual_value < 0:
            raise InvalidPlan(Sentence.of("input.NEGATIVE_RESIDUAL_VALUE"))


class Span(NamedTuple):
    """A bookyear, both days inclusive."""

    first_day: date
    last_day: date


def spans(bookyears: Iterable[tuple[date, date]]) -> list[Span]:
    """Their first and last days, in order; one that reaches into the next ends before it."""
    ordered = sorted(bookyears)
    following = [first - timedelta(days=1) for first, _ in ordered[1:]]
    return [Span(first, min(last, end)) for (first, last), end in zip(ordered, [*following, date.max], strict=True)]


class PlannedMonth(NamedTuple):
    """``month`` is its first day."""

    month: date
    amount: Decimal


def planned(value: Decimal, acquired: date, plan: DepreciationPlan, bookyears: Sequence[Span]) -> list[PlannedMonth]:
    """The depreciation of something of that value, month by month, until nothing is left; months without any are left
    out. ``bookyears`` in order, without gaps; before and after them years of twelve months go on as the first and the
    last of them. Without bookyears, calendar years."""
    found: list[PlannedMonth] = []
    for year, annuity, full in annuities(value, acquired, plan, bookyears):
        found += _by_month(year, annuity, full, acquired, is_first=year.first_day <= acquired)
    return found


def planned_together(
    assets: Iterable[tuple[Decimal, date, DepreciationPlan]],
    bookyears: Sequence[Span],
    from_: date,
    booked: date | None,
) -> list[PlannedMonth]:
    """What is planned for all of them (value, day of acquisition, plan), by month: from the month of ``from_`` on, or
    behind the last month that is ``booked``."""
    sums: dict[date, Decimal] = {}
    for value, acquired, plan in assets:
        for month, amount in planned(value, acquired, plan, bookyears):
            if month >= from_ and (booked is None or month > booked):
                sums[month] = sums.get(month, ZERO) + amount
    return [PlannedMonth(month, amount) for month, amount in sorted(sums.items())]


def annuities(
    value: Decimal, acquired: date, plan: DepreciationPlan, bookyears: Sequence[Span]
) -> Iterator[tuple[Span, Decimal, Decimal]]:
    """Each bookyear from that of the acquisition on, what is depreciated in it, and what a full year of twelve months
    would be."""
    to_depreciate = left = max(value - plan.residual_value, ZERO)
    years = _from(acquired, bookyears)
    end = _months_after(acquired, plan.useful_life_months)
    while left > 0:
        year = next(years)
        full = _full_annuity(value, to_depreciate, left + (value - to_depreciate), plan)
        annuity = full * _months_in(year) / 12
        if year.first_day <= acquired and not plan.full_first_year:
            days = (year.last_day - acquired).days + 1
            annuity = annuity * days / ((year.last_day - year.first_day).days + 1)
        taken = min(annuity.quantize(CENT, ROUND_HALF_UP), left)
        if year.last_day >= end or left - taken < CENT * 12:  # what rounding has left over
            taken = left
        yield year, taken, full
        left -= taken


def _full_annuity(value: Decimal, to_depreciate: Decimal, net: Decimal, plan: DepreciationPlan) -> Decimal:
    """Of twelve months, not rounded."""
    linear = to_depreciate * 12 / plan.useful_life_months
    if plan.method is DepreciationMethod.LINEAR:
        return linear
    degressive = min(net * 24 / plan.useful_life_months, value * HIGHEST_PART)
    return max(degressive, linear)


def _by_month(year: Span, annuity: Decimal, full: Decimal, acquired: date, *, is_first: bool) -> Iterator[PlannedMonth]:
    in_year = [
        month for month, _ in months(max(year.first_day, acquired) if is_first else year.first_day, year.last_day)
    ]
    each = annuity / len(in_year) if is_first else max(full / 12, annuity / len(in_year))
    done = ZERO
    for position, month in enumerate(in_year, 1):
        is_last = position == len(in_year)
        so_far = annuity if is_last else min((each * position).quantize(CENT, ROUND_HALF_UP), annuity)
        if so_far > done:
            yield PlannedMonth(month, so_far - done)
        done = so_far


def _months_after(day: date, count: int) -> date:
    """The last day of a span of so many months that begins on the day."""
    years, month = divmod(day.month - 1 + count, 12)
    year = day.year + years
    last = min(day.day, monthrange(year, month + 1)[1])
    return date(year, month + 1, last) - timedelta(days=1)


def _months_in(year: Span) -> int:
    return len(list(months(year.first_day, year.last_day)))


def _from(acquired: date, bookyears: Sequence[Span]) -> Iterator[Span]:
    """The bookyears from the one that holds the day on, for ever."""
    known = list(bookyears) or [Span(date(acquired.year, 1, 1), date(acquired.year, 12, 31))]
    while acquired < known[0].first_day:
        known.insert(0, Span(_year_before(known[0].first_day), known[0].first_day - timedelta(days=1)))
    for year in known:
        if year.last_day >= acquired:
            yield year
    last = known[-1]
    while True:
        last = Span(last.last_day + timedelta(days=1), _year_after(last.last_day))
        if last.last_day >= acquired:
            yield last


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def _year_after(last_day: date) -> date:
    """The last day of the twelve months behind it; a month's last day stays one."""
    following = last_day + timedelta(days=1)
    return _year_on(following) - timedelta(days=1)


def _year_on(day: date) -> date:
    return day.replace(year=day.year + 1, day=min(day.day, 28) if day.month == 2 else day.day)
