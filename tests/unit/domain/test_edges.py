"""Where one case ends and the next begins, in the rules of accounting."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from monitr.domain.accounting.balances import (
    Books,
    BookyearStart,
    MonthFigures,
    Movement,
    OpeningEntry,
    balances,
    monthly_balances,
    months,
    opening_effects,
    trial_balance,
)
from monitr.domain.accounting.bookyear import Bookyear, Period, parse_journal_key
from monitr.domain.accounting.ledger import BookingKey, LedgerLine
from monitr.domain.accounting.money import ZERO, loses_more_than_noise
from monitr.domain.accounting.outstanding_items import ageing_buckets, outstanding_totals
from monitr.domain.accounting.repeated_lines import amounts_without
from monitr.domain.accounting.verification import (
    DIFFERENCES_SHOWN,
    AmountCell,
    AmountsReading,
    AmountsReport,
    Difference,
)
from tests.unit.domain.open_items import TODAY, an_item
from tests.unit.importing.fake_dossier import lines_of

ONE, TEN = Decimal("1.00"), Decimal("10.00")
YEAR = BookyearStart(1, date(2026, 1, 1), opened=True)
JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 31)


def differences(*accounts: int) -> tuple[Difference, ...]:
    return tuple(Difference(1, 202601, account, ONE, ZERO) for account in accounts)


def test_an_item_overdue_by_the_first_or_last_day_of_a_bucket_is_in_it() -> None:
    items = [an_item(due_date=TODAY - timedelta(days=days)) for days in (0, 1, 30, 31)]

    totals = outstanding_totals(items, TODAY, ageing_buckets([30]))

    assert [row.count for row in totals.ageing.buckets] == [1, 2, 1]


def test_a_tenth_of_a_cent_may_still_be_noise() -> None:
    assert not loses_more_than_noise(Decimal("1.001"))
    assert loses_more_than_noise(Decimal("1.0011"))


def test_a_type_without_a_letter_is_a_journal_whatever_its_number_and_one_with_a_letter_is_written_so() -> None:
    assert parse_journal_key("T5-1") == (5, 1)
    assert parse_journal_key("T1-9") is None


def test_a_bookyear_without_periods_counts_a_line_in_its_own_or_in_none() -> None:
    bookyear = Bookyear(1, "2026", JANUARY, date(2026, 12, 31), closed=False)

    assert bookyear.counting_period(None, JANUARY) == 0
    assert bookyear.counting_period(202603, JANUARY) == 202603


def test_no_bookyear_has_begun_before_the_first() -> None:
    books = Books([YEAR], [], [])

    assert books.year_on(date(2025, 12, 31)) is None
    assert books.year_on(JANUARY) == 1


def test_months_end_with_the_month_or_with_the_span() -> None:
    assert list(months(date(2026, 1, 15), date(2026, 3, 10))) == [
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2026, 3, 10)),
    ]


def test_the_last_month_that_a_date_can_say_is_a_month() -> None:
    assert list(months(date(9999, 12, 1), date.max)) == [(date(9999, 12, 1), date.max)]


def test_several_entries_of_an_opening_on_one_account_are_summed() -> None:
    entries = [OpeningEntry(1, 550000, TEN, ZERO), OpeningEntry(1, 550000, ONE, ZERO)]

    assert balances(Books([YEAR], entries, []), JANUARY) == {550000: Decimal("11.00")}


def test_what_opens_a_result_account_has_no_cost_centre() -> None:
    effects, _ = opening_effects(Books([YEAR], [OpeningEntry(1, 600000, TEN, ZERO)], []))

    assert [(effect.account, effect.cost_centre) for effect in effects] == [(600000, 0)]


def test_a_line_of_the_spans_first_day_is_a_movement_of_its_month_with_its_cost_centre() -> None:
    books = Books([YEAR._replace(opened=False)], [], [Movement(1, 600000, 3, date(2026, 2, 1), TEN, ZERO)])

    assert list(monthly_balances(books, date(2026, 2, 1), date(2026, 2, 28))) == [
        MonthFigures(date(2026, 2, 1), 600000, 3, TEN, TEN)
    ]


def test_no_result_that_was_transferred_is_an_amount_too() -> None:
    figures = trial_balance(Books([YEAR], [], []), JANUARY, MARCH)

    assert (str(figures.result_brought_forward), str(figures.result_transferred)) == ("0.00", "0.00")


@pytest.mark.parametrize(("more", "rest"), [(0, "."), (1, "; and 1 more account."), (2, "; and 2 more accounts.")])
def test_a_report_shows_five_accounts_and_counts_the_others(more: int, rest: str) -> None:
    found = differences(*range(400_000, 400_000 + DIFFERENCES_SHOWN + more))

    text = AmountsReport(AmountsReading.MOVEMENTS, len(found), found).check.detail

    shown = "; ".join(str(difference.named) for difference in found[:DIFFERENCES_SHOWN])
    assert text == f"Octopus's totals, read as movements, differ: {shown}{rest}"


def test_a_second_difference_of_an_account_is_not_another_account() -> None:
    first, second = differences(400_000, 400_000)
    report = AmountsReport(AmountsReading.MOVEMENTS, 2, (first, replace(second, period=202602)))

    assert report.check.detail == f"Octopus's totals, read as movements, differ: {first.named}."


def test_what_is_taken_out_of_the_cells_is_taken_from_the_period_in_which_it_counts() -> None:
    """The totals name 202600 of the first bookyear alone: there, a line without a period goes with it."""
    periods = (Period(202601, date(2026, 1, 1), date(2026, 1, 31)), Period(202602, date(2026, 2, 1), date(2026, 2, 28)))
    first = Bookyear(1, "2026", JANUARY, date(2026, 12, 31), closed=False, periods=periods)
    cells = [
        AmountCell(1, 202600, 400000, TEN, ZERO, TEN),
        AmountCell(1, 202601, 400000, TEN, ZERO, None),
        AmountCell(1, 202602, 400000, TEN, ZERO, TEN),
        AmountCell(2, 202601, 400000, TEN, ZERO, TEN),
        AmountCell(2, 202600, 400000, TEN, ZERO, None),
    ]
    lines = [
        a_line(1, None, JANUARY),
        a_line(1, None, JANUARY),
        a_line(1, 202602, JANUARY),  # its period is not that of its day
        a_line(1, None, date(2026, 2, 2)),
        a_line(2, None, JANUARY),
    ]

    left = amounts_without(cells, lines, {1: first, 2: replace(first, number=2)})

    assert [(cell.bookyear, cell.period, cell.ours) for cell in left] == [
        (1, 202600, Decimal("8.00")),
        (1, 202601, TEN),
        (1, 202602, Decimal("8.00")),
        (2, 202601, Decimal("9.00")),
        (2, 202600, TEN),
    ]


def test_a_bookyear_of_which_the_totals_name_nothing_takes_its_lines_out_too() -> None:
    bookyear = Bookyear(
        1, "2026", JANUARY, date(2026, 12, 31), closed=False, periods=(Period(202601, JANUARY, date(2026, 1, 31)),)
    )

    left = amounts_without([AmountCell(1, 202601, 400000, TEN, ZERO, None)], [a_line(1, None, JANUARY)], {1: bookyear})

    assert [cell.ours for cell in left] == [Decimal("9.00")]


def a_line(bookyear: int, period: int | None, day: date) -> LedgerLine:
    key = BookingKey(bookyear, 2, 1, 7)
    return lines_of(key, (400000, "1.00"), day=day, period=period)[0]
