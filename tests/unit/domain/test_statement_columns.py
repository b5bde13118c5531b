from datetime import date

import pytest

from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.statements.columns import Column, Comparison, StatementInterval, columns

NONE, PREVIOUS = Comparison.NONE, Comparison.PREVIOUS_YEAR
TOTAL, MONTH = StatementInterval.TOTAL, StatementInterval.MONTH
QUARTER, BOOKYEAR = StatementInterval.QUARTER, StatementInterval.BOOKYEAR

BROKEN = [
    Bookyear(7, "2023-2024", date(2023, 7, 1), date(2024, 6, 30), closed=True),
    Bookyear(9, "", date(2024, 7, 1), date(2025, 12, 31), closed=False),
]


def spans(found: list[Column]) -> list[tuple[str, str, str]]:
    return [(column.label, str(column.from_), str(column.to)) for column in found]


def test_the_whole_span_is_one_column() -> None:
    (column,) = columns(date(2025, 3, 10), date(2025, 4, 2), TOTAL, NONE, [])
    assert column == Column("2025-03-10/2025-04-02", date(2025, 3, 10), date(2025, 4, 2), is_comparison=False)


def test_months_are_cut_to_the_span() -> None:
    assert spans(columns(date(2025, 1, 15), date(2025, 3, 10), MONTH, NONE, [])) == [
        ("2025-01", "2025-01-15", "2025-01-31"),
        ("2025-02", "2025-02-01", "2025-02-28"),
        ("2025-03", "2025-03-01", "2025-03-10"),
    ]


def test_quarters_are_those_of_the_calendar() -> None:
    assert spans(columns(date(2025, 2, 15), date(2025, 7, 1), QUARTER, NONE, [])) == [
        ("2025-Q1", "2025-02-15", "2025-03-31"),
        ("2025-Q2", "2025-04-01", "2025-06-30"),
        ("2025-Q3", "2025-07-01", "2025-07-01"),
    ]


def test_a_comparison_stands_behind_its_column_and_a_months_end_stays_one() -> None:
    found = columns(date(2024, 1, 31), date(2024, 2, 29), MONTH, PREVIOUS, [])
    assert spans(found) == [
        ("2024-01", "2024-01-31", "2024-01-31"),
        ("2023-01", "2023-01-31", "2023-01-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
    ]
    assert [column.is_comparison for column in found] == [False, True, False, True]


@pytest.mark.parametrize(
    ("day", "before"),
    [
        ("2025-02-28", "2024-02-29"),
        ("2024-02-28", "2023-02-28"),
        ("2024-02-29", "2023-02-28"),
        ("2025-06-15", "2024-06-15"),
    ],
)
def test_the_same_day_one_year_earlier(day: str, before: str) -> None:
    _, comparison = columns(date(2025 if day > "2025" else 2024, 1, 1), date.fromisoformat(day), TOTAL, PREVIOUS, [])
    assert str(comparison.to) == before


def test_bookyears_are_as_they_are_and_compared_with_the_one_before() -> None:
    found = columns(date(2024, 1, 1), date(2025, 6, 30), BOOKYEAR, PREVIOUS, [*reversed(BROKEN)])
    assert spans(found) == [
        ("2023-2024", "2024-01-01", "2024-06-30"),
        ("2022-07-01/2023-06-30", "2022-07-01", "2023-06-30"),
        ("9", "2024-07-01", "2025-06-30"),
        ("2023-2024", "2023-07-01", "2024-06-30"),
    ]
    assert [column.is_comparison for column in found] == [False, True, False, True]


def test_a_bookyear_that_is_not_open_yet_has_a_column() -> None:
    assert spans(columns(date(2025, 12, 1), date(2027, 1, 31), BOOKYEAR, NONE, BROKEN)) == [
        ("9", "2025-12-01", "2025-12-31"),
        ("2026-01-01/2026-12-31", "2026-01-01", "2026-12-31"),
        ("2027-01-01/2027-12-31", "2027-01-01", "2027-01-31"),
    ]
    assert spans(columns(date(2025, 12, 1), date(2025, 12, 31), BOOKYEAR, NONE, BROKEN)) == [
        ("9", "2025-12-01", "2025-12-31")
    ]


def test_without_bookyears_there_is_no_column_by_bookyear() -> None:
    assert columns(date(2025, 1, 1), date(2025, 12, 31), BOOKYEAR, PREVIOUS, []) == []
    assert columns(date(2020, 1, 1), date(2023, 6, 30), BOOKYEAR, PREVIOUS, BROKEN) == []
