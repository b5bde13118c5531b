"""Bookyears, their periods, and the day on which a transaction counts."""

import re
from calendar import monthrange
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Period:
    """``number`` is Octopus's YYYYPP: looked up, never computed (octopus.md 2.2). Both days belong to the period."""

    number: int
    start: date
    end: date

    def nearest(self, day: date) -> date:
        return min(max(day, self.start), self.end)


@dataclass(frozen=True, slots=True)
class Bookyear:
    """``number`` is bookyearKey.id, unique in the dossier. Both days belong to the year. ``unlisted_since``: when
    Octopus's list was first without it (UTC); None while it is listed."""

    number: int
    description: str
    start: date
    end: date
    closed: bool
    periods: tuple[Period, ...] = ()
    unlisted_since: datetime | None = None

    def effective_date(self, document_date: date, period: int | None) -> date:
        """The day on which a line counts: its date, moved to the nearest day of its period where it lies outside.

        A line without a period, or with one that the bookyear does not list, counts on its own date.
        """
        return next((p.nearest(document_date) for p in self.periods if p.number == period), document_date)

    def counting_period(self, period: int | None, effective_date: date, named: Container[int] = ()) -> int:
        """The period in which a line counts when it is held against Octopus's totals.

        Its own, where the bookyear lists it or the totals name it too (``named``), as they may name a YYYY00. Else that
        of its day, the first for one before the year; a line without a period, in the first, goes with YYYY00 where the
        totals name that. Where there is none, the line's own; 0 without one.
        """
        if any(listed.number == period for listed in self.periods) or (period and period in named):
            return period or 0
        day = max(effective_date, self.start)
        of_day = next((listed.number for listed in self.periods if listed.start <= day <= listed.end), period or 0)
        first = min(self.periods, key=lambda listed: listed.start).number if self.periods else 0
        before_the_first = first - first % 100
        return before_the_first if not period and of_day == first and before_the_first in named else of_day


@dataclass(frozen=True, slots=True)
class Journal:
    """``type`` is the letter A, V, F, D or L; ``number`` counts within the letter. Journals belong to a bookyear."""

    bookyear: int
    type: str
    number: int
    name: str
    closed: bool = False
    currency: str | None = None

    @property
    def key(self) -> str:
        return f"{self.type}{self.number}"


JOURNAL_LETTERS = {1: "A", 2: "V", 3: "F", 4: "D", 7: "L"}  # octopus.md 4; 5 and 6 are not documented
_TYPES = {letter: type for type, letter in JOURNAL_LETTERS.items()}
LARGEST_NUMBER = 2**31 - 1
"""Octopus's keys are int32 (tests/contract/openapi-read.json)."""
_NUMBER = "0|[1-9][0-9]{0,9}"  # as ``str`` writes it; int() raises on texts of more than 4300 digits
_KEY = re.compile(f"([{''.join(_TYPES)}])({_NUMBER})|T({_NUMBER}|-[1-9][0-9]{{0,9}})-({_NUMBER})")


@lru_cache(maxsize=1_000)
def journal_key(journal_type: int, number: int) -> str:
    """``A1`` for the first purchase journal; a type without a letter is written out: ``T5-1``."""
    letter = JOURNAL_LETTERS.get(journal_type)
    return f"{letter}{number}" if letter else f"T{journal_type}-{number}"


def parse_journal_key(key: str) -> tuple[int, int] | None:
    """(journal type, number) of a key as ``journal_key`` writes it; None for anything else."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    letter, number, type_text, number_text = match.groups()
    parsed = (_TYPES[letter], int(number)) if letter else (int(type_text), int(number_text))
    is_as_written_here = letter is not None or parsed[0] not in JOURNAL_LETTERS
    return parsed if is_as_written_here and max(map(abs, parsed)) <= LARGEST_NUMBER else None


def chronological(bookyears: list[Bookyear]) -> list[Bookyear]:
    return sorted(bookyears, key=lambda bookyear: (bookyear.start, bookyear.number))


def oldest_complete(first_days: Mapping[int, date], complete_from: date | None) -> int | None:
    """Of bookyears by number, the oldest that begins on ``complete_from`` or later; of all of them, without it."""
    complete = [(day, number) for number, day in first_days.items() if complete_from is None or day >= complete_from]
    return min(complete)[1] if complete else None


def closed_until(bookyears: Iterable[Bookyear]) -> date | None:
    """The last day of the unbroken row of closed bookyears, oldest first; closed journals do not count
    (``tests/contract/rules.md``, 26). None where the oldest is open."""
    last_day = None
    for bookyear in chronological(list(bookyears)):
        if not bookyear.closed:
            break
        last_day = bookyear.end
    return last_day


def years_later(day: date, years: int) -> date:
    """The same day that many years later, or earlier; the last day of a month stays one."""
    first = date(day.year + years, day.month, 1)
    last = monthrange(first.year, first.month)[1]
    return first.replace(day=last if day.day == monthrange(day.year, day.month)[1] else min(day.day, last))
