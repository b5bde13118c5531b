from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.bookyear import (
    Bookyear,
    Journal,
    Period,
    chronological,
    closed_until,
    journal_key,
    oldest_complete,
    parse_journal_key,
)

MODERATE = settings(max_examples=30, deadline=None)
DAYS = st.dates(date(2019, 1, 1), date(2029, 12, 31))


def a_bookyear(number: int = 1, start: date = date(2024, 1, 1), end: date = date(2024, 12, 31)) -> Bookyear:
    return Bookyear(number, str(start.year), start, end, closed=False)


@st.composite
def bookyears_with_periods(draw: st.DrawFn) -> Bookyear:
    """Periods of any length that follow one another; their numbers say nothing."""
    start = draw(DAYS)
    lengths = draw(st.lists(st.integers(1, 120), min_size=1, max_size=12))
    starts = [start + timedelta(days=sum(lengths[:position])) for position in range(len(lengths) + 1)]
    numbers = draw(st.lists(st.integers(200001, 203099), min_size=len(lengths), max_size=len(lengths), unique=True))
    periods = tuple(
        Period(number, first, following - timedelta(days=1))
        for number, (first, following) in zip(numbers, pairwise(starts), strict=True)
    )
    return Bookyear(1, "any", start, periods[-1].end, False, periods)


@MODERATE
@given(bookyears_with_periods(), DAYS, st.data())
def test_a_line_counts_on_the_day_of_its_period_that_is_nearest_to_its_date(
    bookyear: Bookyear, day: date, data: st.DataObject
) -> None:
    period = data.draw(st.sampled_from(bookyear.periods))

    counts = bookyear.effective_date(day, period.number)

    days_of_period = [period.start + timedelta(days=n) for n in range((period.end - period.start).days + 1)]
    assert counts == min(days_of_period, key=lambda candidate: abs(candidate - day))
    assert period.nearest(day) == counts


@MODERATE
@given(bookyears_with_periods(), DAYS)
def test_a_line_without_a_period_or_with_an_unknown_one_counts_on_its_own_date(bookyear: Bookyear, day: date) -> None:
    assert bookyear.effective_date(day, None) == bookyear.effective_date(day, 999999) == day


@MODERATE
@given(bookyears_with_periods(), DAYS)
def test_a_line_counts_in_its_own_period_whatever_its_day(bookyear: Bookyear, day: date) -> None:
    numbers = [period.number for period in bookyear.periods]

    assert [bookyear.counting_period(number, day) for number in numbers] == numbers


@MODERATE
@given(bookyears_with_periods(), DAYS, st.sampled_from((None, 999999)))
def test_a_line_without_a_listed_period_counts_in_that_of_its_day(
    bookyear: Bookyear, day: date, period: int | None
) -> None:
    of_day = [listed.number for listed in bookyear.periods if listed.nearest(day) == day]
    before, after = [bookyear.periods[0].number], [period or 0]

    expected = of_day or (before if day < bookyear.start else after)
    assert [bookyear.counting_period(period, day)] == expected


KEYS = [(1, 1, "A1"), (2, 3, "V3"), (3, 12, "F12"), (4, 1, "D1"), (7, 2, "L2"), (0, 1, "T0-1"), (5, 9, "T5-9")]


@pytest.mark.parametrize(("journal_type", "number", "key"), KEYS)
def test_a_journal_key_is_octopuss_letter_and_number(journal_type: int, number: int, key: str) -> None:
    assert journal_key(journal_type, number) == key


@MODERATE
@given(st.one_of(st.integers(-1, 9), st.integers(-(2**31) + 1, 2**31 - 1)), st.integers(0, 2**31 - 1))
def test_a_journal_key_of_any_type_reads_back_as_what_it_was(journal_type: int, number: int) -> None:
    assert parse_journal_key(journal_key(journal_type, number)) == (journal_type, number)


@MODERATE
@given(st.one_of(st.text(max_size=8), st.from_regex(r"\A[AVFDLT]-?[0-9٣]{1,3}(-[0-9]{1,3})?\Z")))
def test_a_journal_has_one_key_and_nothing_else_is_one(text: str) -> None:
    parsed = parse_journal_key(text)

    assert parsed is None or journal_key(*parsed) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "V", "v1", "X1", "V-1", "V1 ", "V01", "V٣", "V1\n", "T", "T5", "T-5", "T5-", "T4-1", "T-0-1", "T5--1"),
        *("V4294967296", "T-2147483648-1"),
        *(pytest.param(f"{start}{'9' * 5000}", id=f"{start} and 5000 digits") for start in ("V", "T", "T5-")),
    ],
)
def test_what_is_no_journal_key_is_refused_without_a_fault(text: str) -> None:
    assert parse_journal_key(text) is None


def test_a_journal_of_a_bookyear_has_its_key() -> None:
    assert Journal(1, "D", 2, "Opening").key == "D2"


def test_bookyears_are_ordered_by_their_first_day_not_by_their_number() -> None:
    newer, older = a_bookyear(1, date(2025, 1, 1), date(2025, 12, 31)), a_bookyear(7)

    assert [bookyear.number for bookyear in chronological([newer, older])] == [7, 1]


def test_a_period_that_only_the_totals_name_stays_and_takes_in_the_first_lines_without_one() -> None:
    quarters = (
        Period(202501, date(2025, 1, 1), date(2025, 3, 31)),
        Period(202502, date(2025, 4, 1), date(2025, 12, 31)),
    )
    bookyear = Bookyear(2, "2025", date(2025, 1, 1), date(2025, 12, 31), False, quarters)
    january, may = date(2025, 1, 1), date(2025, 5, 5)

    assert bookyear.counting_period(202500, january) == 202501
    assert bookyear.counting_period(202500, january, {202500}) == 202500
    assert bookyear.counting_period(None, january, {202500}) == 202500
    assert bookyear.counting_period(None, may, {202500}) == 202502


@given(st.dictionaries(st.integers(1, 5), DAYS), st.none() | DAYS)
def test_the_oldest_complete_bookyear_is_the_first_that_does_not_begin_before_the_books_are_complete(
    first_days: dict[int, date], complete_from: date | None
) -> None:
    oldest = oldest_complete(first_days, complete_from)

    complete = {number for number, day in first_days.items() if day >= (complete_from or date.min)}
    assert (oldest is None) is (not complete)
    if oldest is not None:
        assert oldest in complete
        assert all(first_days[oldest] <= first_days[other] for other in complete)


def years(*closed: bool) -> list[Bookyear]:
    return [
        Bookyear(number, "", date(2020 + number, 1, 1), date(2020 + number, 12, 31), is_closed)
        for number, is_closed in enumerate(closed)
    ]


@pytest.mark.parametrize(
    ("bookyears", "day"),
    [
        (years(), None),
        (years(False, True), None),
        (years(True, True, False), date(2021, 12, 31)),
        (years(True, False, True), date(2020, 12, 31)),
        (years(True, True)[::-1], date(2021, 12, 31)),
    ],
)
def test_the_books_are_closed_up_to_the_first_bookyear_that_is_open(bookyears: list[Bookyear], day: date) -> None:
    assert closed_until(bookyears) == day
