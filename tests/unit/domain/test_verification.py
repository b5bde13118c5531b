from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.verification import (
    DIFFERENCES_SHOWN,
    AmountCell,
    AmountsReading,
    AmountsReport,
    Check,
    CheckCode,
    Difference,
    Verification,
    VerificationStatus,
    compare_amounts,
)

MODERATE = settings(max_examples=30, deadline=None)

PERIODS = (202501, 202502, 202503)
ACCOUNTS = (100000, 400000, 550000, 700000)
QUIET = 610000
"""An account on which nothing is booked after the first period."""


def a_check(status: VerificationStatus) -> Check:
    return Check(CheckCode.BOOKINGS_BALANCE, status)


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        (["PASSED", "PASSED"], "PASSED"),
        (["PASSED", "NOT_AVAILABLE"], "NOT_AVAILABLE"),
        (["NOT_AVAILABLE", "WARNING", "PASSED"], "WARNING"),
        (["WARNING", "FAILED", "NOT_AVAILABLE"], "FAILED"),
        ([], "NOT_AVAILABLE"),
    ],
)
def test_a_verification_is_as_good_as_the_worst_of_its_checks(statuses: list[str], worst: str) -> None:
    verification = Verification(tuple(a_check(VerificationStatus(status)) for status in statuses))

    assert verification.status is VerificationStatus(worst)


# --- Octopus's totals -----------------------------------------------------------------------------------------------


def is_cumulative(reading: AmountsReading) -> bool:
    return reading in (AmountsReading.CUMULATIVE, AmountsReading.CUMULATIVE_WITHOUT_OPENINGS)


def leaves_openings_out(reading: AmountsReading) -> bool:
    return reading in (AmountsReading.MOVEMENTS_WITHOUT_OPENINGS, AmountsReading.CUMULATIVE_WITHOUT_OPENINGS)


@dataclass(frozen=True)
class Totals:
    """Books and what Octopus says of them under one reading."""

    reading: AmountsReading
    cells: list[AmountCell]


CENTS = st.integers(1, 10**7).map(lambda cents: Decimal(cents).scaleb(-2))


@st.composite
def totals(draw: st.DrawFn) -> Totals:
    """Two bookyears in which every account moves in every period and has an opening, so that no two readings agree."""
    reading = draw(st.sampled_from(AmountsReading))
    cells = []
    for bookyear in (1, 2):
        for account in (*ACCOUNTS, QUIET):
            total = Decimal("0.00")
            for period in PERIODS:
                is_quiet = account == QUIET and period != PERIODS[0]
                booked = Decimal("0.00") if is_quiet else draw(CENTS)
                opening = draw(CENTS) if period == PERIODS[0] else Decimal("0.00")
                movement = booked if leaves_openings_out(reading) else booked + opening
                total += movement
                figure = total if is_cumulative(reading) else movement
                octopus = None if is_quiet else figure
                cells.append(AmountCell(bookyear, period, account, booked + opening, opening, octopus))
    return Totals(reading, draw(st.permutations(cells)))


@MODERATE
@given(totals())
def test_totals_are_read_as_octopus_means_them_and_agree_then(books: Totals) -> None:
    assert compare_amounts(books.cells) == AmountsReport(books.reading, len(books.cells), ())


def with_octopus(cells: Sequence[AmountCell], planted: AmountCell, difference: Decimal) -> list[AmountCell]:
    assert planted.octopus is not None
    return [replace(cell, octopus=planted.octopus + difference) if cell is planted else cell for cell in cells]


def with_ours(cells: Sequence[AmountCell], planted: AmountCell, difference: Decimal) -> list[AmountCell]:
    return [replace(cell, ours=cell.ours + difference) if cell is planted else cell for cell in cells]


@MODERATE
@given(totals(), st.data())
def test_a_single_difference_is_found_where_it_is_to_the_cent(books: Totals, data: st.DataObject) -> None:
    planted = data.draw(st.sampled_from([cell for cell in books.cells if cell.account != QUIET]))
    cents = data.draw(st.integers(-(10**6), 10**6).filter(bool))

    report = compare_amounts(with_octopus(books.cells, planted, Decimal(cents).scaleb(-2)))

    (difference,) = report.differences
    assert report.reading is books.reading
    assert (difference.bookyear, difference.period, difference.account) == (
        planted.bookyear,
        planted.period,
        planted.account,
    )
    assert difference.octopus - difference.ours == Decimal(cents).scaleb(-2)


@MODERATE
@given(totals(), st.data())
def test_a_line_that_is_missing_here_is_found_in_its_period(books: Totals, data: st.DataObject) -> None:
    """Cumulative balances differ from there to the end of the year, by the same amount."""
    planted = data.draw(st.sampled_from([cell for cell in books.cells if cell.account != QUIET]))
    missing = data.draw(CENTS)

    report = compare_amounts(with_ours(books.cells, planted, -missing))

    assert report.reading is books.reading
    assert report.differences[0].period == planted.period
    assert {difference.octopus - difference.ours for difference in report.differences} == {missing}
    assert {(difference.bookyear, difference.account) for difference in report.differences} == {
        (planted.bookyear, planted.account)
    }
    until = PERIODS[-1] if is_cumulative(books.reading) else planted.period
    assert report.differences[-1].period == until


def test_a_figure_that_octopus_lacks_is_a_difference_where_something_is_booked() -> None:
    cells = [AmountCell(1, PERIODS[0], 400000, Decimal("12.00"), Decimal("0.00"), None)]

    assert compare_amounts(cells).differences == (Difference(1, PERIODS[0], 400000, Decimal("12.00"), Decimal("0.00")),)


def test_where_readings_are_equally_good_totals_are_movements() -> None:
    assert compare_amounts([]) == AmountsReport(AmountsReading.MOVEMENTS, 0, ())


def a_report(differences: int) -> AmountsReport:
    found = tuple(
        Difference(1, PERIODS[0], 12000 + number, Decimal("10.00"), Decimal("7.50")) for number in range(differences)
    )
    return AmountsReport(AmountsReading.MOVEMENTS, differences, found)


def test_a_difference_is_told_with_account_period_both_figures_and_the_difference() -> None:
    assert a_report(1).check.detail == (
        "Octopus's totals, read as movements, differ: "
        "account 012000, period 202501: 10.00 here, 7.50 in Octopus, difference 2.50."
    )


@pytest.mark.parametrize(
    ("differences", "end"), [(DIFFERENCES_SHOWN, "2.50."), (DIFFERENCES_SHOWN + 3, "; and 3 more accounts.")]
)
def test_of_many_differences_the_first_are_told_and_the_rest_is_counted(differences: int, end: str) -> None:
    told = str(a_report(differences).check.sentence)

    assert told.count("difference 2.50") == DIFFERENCES_SHOWN
    assert told.endswith(end)
