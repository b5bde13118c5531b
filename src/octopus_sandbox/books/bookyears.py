"""Bookyears and their periods (octopus.md 2.2)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Self

from octopus_sandbox.switches import BrokenYearPeriods


class PeriodLength(Enum):
    """bookingPeriodType of a bookyear; the value is the length in months."""

    MONTH = 1
    QUARTER = 3
    YEAR = 12


@dataclass(frozen=True, slots=True)
class Period:
    """A part of a bookyear; `number` is YYYYPP."""

    number: int
    start: date
    end: date

    def nearest_day(self, day: date) -> date:
        """The day of this period that lies nearest to `day`."""
        return min(max(day, self.start), self.end)


@dataclass(frozen=True, slots=True)
class Bookyear:
    """One bookyear of a dossier. Ids count from 1; both ends are inclusive."""

    id: int
    start: date
    end: date
    periods: tuple[Period, ...]
    period_length: PeriodLength
    closed: bool
    modified: int
    """Milliseconds since 1970, UTC."""

    @property
    def description(self) -> str:
        same_year = self.start.year == self.end.year
        return str(self.start.year) if same_year else f"{self.start.year}-{self.end.year}"

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def period_on(self, day: date) -> Period:
        """The period that contains `day`, or the nearest one."""
        return next((period for period in self.periods if day <= period.end), self.periods[-1])

    def period(self, number: int) -> Period | None:
        return next((period for period in self.periods if period.number == number), None)

    @classmethod
    def starting(
        cls,
        id: int,
        start: date,
        *,
        months: int = 12,
        period_length: PeriodLength = PeriodLength.MONTH,
        numbering: BrokenYearPeriods = BrokenYearPeriods.START_YEAR,
        closed: bool = False,
        modified: int = 0,
    ) -> Self:
        """A bookyear of so many months, from the first of a month."""
        starts = [months_later(start, offset) for offset in range(0, months, period_length.value)]
        end = months_later(start, months) - timedelta(days=1)
        ends = [following - timedelta(days=1) for following in starts[1:]] + [end]
        calendar = numbering is BrokenYearPeriods.CALENDAR_YEAR
        periods = tuple(
            Period(_number(first, start, position, period_length, calendar=calendar), first, last)
            for position, (first, last) in enumerate(zip(starts, ends, strict=True), start=1)
        )
        return cls(id, start, end, periods, period_length, closed, modified)


def months_later(day: date, months: int) -> date:
    """The first of the month so many months after the month of `day`."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def _number(first: date, year_start: date, position: int, length: PeriodLength, *, calendar: bool) -> int:
    if calendar:
        return first.year * 100 + (first.month - 1) // length.value + 1
    return year_start.year * 100 + position
