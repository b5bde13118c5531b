"""Statements over random books, against a naive reading of the list of rubrics (``naive_statements``)."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.account import Names
from monitr.domain.accounting.balances import trial_balance
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.statements.column_figures import ColumnFigures, column_figures
from monitr.domain.accounting.statements.columns import Column, Comparison, StatementInterval, columns
from monitr.domain.accounting.statements.layout import Layout, Line, NormalSide, Seat, StatementKind
from monitr.domain.accounting.statements.monthly_results import monthly_results
from monitr.domain.accounting.statements.rubrics import LegalForm, StatementModel, statutory_layout
from monitr.domain.accounting.statements.statement import LineAmounts, StatementFigures, statement
from tests.unit.domain.naive_statements import BALANCE, PROFIT, Naive, any_books, models, naive, sums_of_the_nbb
from tests.unit.domain.random_books import Ledger
from tests.unit.domain.random_books import Line as BookedLine

ZERO = Decimal("0.00")
MODERATE = settings(max_examples=12, deadline=None)
FULL, WITH_CAPITAL = StatementModel.FULL, LegalForm.WITH_CAPITAL
Case = tuple[Ledger, tuple[date, date]]


def bookyears_of(ledger: Ledger) -> list[Bookyear]:
    firsts = list(ledger.years.values())
    ends = [*(first - timedelta(days=1) for first in firsts[1:]), ledger.end]
    return [
        Bookyear(number, f"year {number}", first, end, closed=False)
        for (number, first), end in zip(ledger.years.items(), ends, strict=True)
    ]


def some_columns(ledger: Ledger, span: tuple[date, date], interval: StatementInterval) -> list[Column]:
    return columns(*span, interval, Comparison.PREVIOUS_YEAR, bookyears_of(ledger))


def shown(
    kind: StatementKind,
    ledger: Ledger,
    wanted: Sequence[Column],
    model: StatementModel = FULL,
    form: LegalForm = WITH_CAPITAL,
    cost_centre: int | None = None,
) -> StatementFigures:
    chosen = None if cost_centre is None else frozenset({cost_centre}).__contains__
    return statement(statutory_layout(kind, model, form), column_figures(kind, ledger.books(), wanted), chosen)


def amounts(figures: StatementFigures) -> dict[str, tuple[Decimal, ...]]:
    return {each.line.key: each.amounts for each in figures.lines}


def expected(kind: StatementKind, ledger: Ledger, column: Column, model: StatementModel, form: LegalForm) -> Naive:
    if kind is PROFIT:
        moved: dict[int, Decimal] = {}
        for line in ledger.lines:
            if line.account >= 600000 and column.from_ <= line.day <= column.to:
                moved[line.account] = moved.get(line.account, ZERO) + line.amount
        return naive(kind, model, form, moved, ZERO)
    balances = ledger.balance(column.to)
    return naive(kind, model, form, balances, sum(balances.values(), ZERO))


@MODERATE
@given(any_books(), models(), st.sampled_from(StatementInterval), st.sampled_from(StatementKind))
def test_a_statement_is_that_of_the_list_of_rubrics(
    case: Case, variant: tuple[StatementModel, LegalForm], interval: StatementInterval, kind: StatementKind
) -> None:
    ledger, span = case
    wanted = some_columns(ledger, span, interval)
    found = shown(kind, ledger, wanted, *variant)

    for index, column in enumerate(wanted):
        one = expected(kind, ledger, column, *variant)
        assert {key: each[index] for key, each in amounts(found).items()} == one.amounts
        assert {row.account: row.amounts[index] for row in found.unmapped if row.amounts[index]} == one.unmapped


@MODERATE
@given(any_books(), st.sampled_from(StatementInterval))
def test_every_sum_of_the_list_holds(case: Case, interval: StatementInterval) -> None:
    ledger, span = case
    wanted = some_columns(ledger, span, interval)
    found = {key: each for kind in StatementKind for key, each in amounts(shown(kind, ledger, wanted)).items()}
    listed = sums_of_the_nbb()

    assert len(listed) == 22
    for index in range(len(wanted)):
        for key, terms in listed:
            total = sum((sign * found[part][index] for sign, part in terms), ZERO)
            assert found[key][index] == total + (found["RESULT"][index] if key == "10/15" else ZERO), key


@MODERATE
@given(any_books(), models(), st.sampled_from(StatementInterval))
def test_assets_are_liabilities_and_9905_the_result_unless_something_is_unmapped(
    case: Case, variant: tuple[StatementModel, LegalForm], interval: StatementInterval
) -> None:
    ledger, span = case
    wanted = some_columns(ledger, span, interval)
    sheet, result = (shown(kind, ledger, wanted, *variant) for kind in (BALANCE, PROFIT))

    assert (sheet.is_balanced, result.is_balanced) == (not sheet.unmapped, not result.unmapped)
    for index, column in enumerate(wanted):
        missing = sum((row.amounts[index] for row in sheet.unmapped), ZERO)
        assert amounts(sheet)["20/58"][index] + missing == amounts(sheet)["10/49"][index]
        booked = [
            line.amount
            for line in ledger.lines
            if column.from_ <= line.day <= column.to
            and line.account >= 600000
            and line.account // 10000 not in (69, 79)
        ]
        left_out = sum((row.amounts[index] for row in result.unmapped), ZERO)
        assert amounts(result)["9905"][index] == -sum(booked, ZERO) + left_out


@MODERATE
@given(any_books(cost_centres=True), models(), st.sampled_from(StatementKind))
def test_cost_centres_and_what_has_none_are_the_whole(
    case: Case, variant: tuple[StatementModel, LegalForm], kind: StatementKind
) -> None:
    ledger, span = case
    wanted = some_columns(ledger, span, StatementInterval.QUARTER)
    whole, *parts = (shown(kind, ledger, wanted, *variant, cost_centre=each) for each in (None, 0, 1, 2))

    for key, each in amounts(whole).items():
        assert each == tuple(map(sum, zip(*(amounts(part)[key] for part in parts), strict=True))), key
    for of_line in zip(*(part.lines for part in (whole, *parts)), strict=True):
        nets: list[dict[int, tuple[Decimal, ...]]] = [dict(each.accounts) for each in of_line]
        nothing = (ZERO,) * len(wanted)
        for account in {account for net in nets for account in net}:
            together = tuple(map(sum, zip(*(net.get(account, nothing) for net in nets[1:]), strict=True)))
            assert nets[0].get(account, nothing) == together
    assert all(part.is_balanced is (not part.unmapped) for part in parts)


@MODERATE
@given(any_books(), st.sampled_from(StatementModel), st.sampled_from(StatementKind))
def test_the_accounts_of_a_line_make_its_amount(case: Case, model: StatementModel, kind: StatementKind) -> None:
    ledger, span = case
    wanted = some_columns(ledger, span, StatementInterval.QUARTER)
    for each in shown(kind, ledger, wanted, model).lines:
        numbers = [account for account, _ in each.accounts]
        assert numbers == sorted(set(numbers))
        if each.line.is_sum or each.line.key == "RESULT":
            assert numbers == []
        else:
            sums = [sum((row[index] for _, row in each.accounts), ZERO) for index in range(len(wanted))]
            assert list(each.amounts) == sums


# --- examples --------------------------------------------------------------------------------------------------------


def a_balance(**nets: str) -> StatementFigures:
    """``a_balance(_440000="10")``: with what the accounts of one column hold, debit minus credit."""
    sheet = ColumnFigures({(int(key[1:]), 0): Decimal(net) for key, net in nets.items()}, {})
    return statement(statutory_layout(BALANCE, FULL, WITH_CAPITAL), [sheet])


def line(figures: StatementFigures, key: str) -> LineAmounts:
    return next(each for each in figures.lines if each.line.key == key)


def test_an_account_stands_in_two_lines_where_its_sign_changes_between_columns() -> None:
    debit, credit = (ColumnFigures({(440000, 0): Decimal(net)}, {}) for net in ("30", "-20"))
    figures = statement(statutory_layout(BALANCE, FULL, WITH_CAPITAL), [debit, credit])

    assert line(figures, "41").accounts == [(440000, (Decimal(30), ZERO))]
    assert line(figures, "440/4").accounts == [(440000, (ZERO, Decimal(20)))]


def test_with_a_cost_centre_an_account_stands_where_its_whole_balance_stands() -> None:
    figures = ColumnFigures({(440000, 1): Decimal(30), (440000, 0): Decimal(-50)}, {})
    of_1 = statement(statutory_layout(BALANCE, FULL, WITH_CAPITAL), [figures], lambda cost_centre: cost_centre == 1)

    assert line(of_1, "440/4").amounts == (Decimal(-30),)
    assert line(of_1, "41").amounts == (ZERO,)


def test_what_no_line_takes_is_shown_and_said() -> None:
    figures = a_balance(_445000="-5", _550000="5")
    assert figures.unmapped == [(445000, (Decimal(-5),))]
    assert not figures.is_balanced


def test_two_unmapped_accounts_that_cancel_are_not_balanced_either() -> None:
    figures = a_balance(_445000="-5", _495000="5")
    assert amounts(figures)["20/58"] == amounts(figures)["10/49"] == (ZERO,)
    assert not figures.is_balanced


def test_uncalled_capital_and_advances_to_shareholders_are_subtracted() -> None:
    figures = amounts(a_balance(_100000="-100", _101000="40", _190000="7"))
    assert [figures[key] for key in ("101", "10", "19", "10/15")] == [
        (Decimal(40),),
        (Decimal(60),),
        (Decimal(7),),
        (Decimal(53),),
    ]


def test_class_0_is_in_no_balance_sheet_and_not_unmapped() -> None:
    wanted = [Column("", date(2026, 1, 1), date(2026, 1, 31))]
    booked = [
        BookedLine(1, 1, date(2026, 1, 5), account, 0, Decimal(amount))
        for account, amount in ((10000, "5"), (20000, "-5"))
    ]
    figures = shown(BALANCE, Ledger({1: date(2026, 1, 1)}, date(2026, 12, 31), booked), wanted)
    assert figures.is_balanced
    assert not any(any(each.amounts) for each in figures.lines)


def test_where_class_0_is_booked_against_others_the_balance_sheet_is_not_balanced() -> None:
    wanted = [Column("", date(2026, 1, 1), date(2026, 1, 31))]
    booked = [
        BookedLine(1, 1, date(2026, 1, 5), account, 0, Decimal(amount))
        for account, amount in ((10000, "5"), (550000, "-5"))
    ]
    figures = shown(BALANCE, Ledger({1: date(2026, 1, 1)}, date(2026, 12, 31), booked), wanted)
    assert (figures.unmapped, figures.is_balanced) == ([], False)


def test_there_is_no_negative_zero() -> None:
    figures = a_balance()
    assert {str(amount) for each in figures.lines for amount in each.amounts} == {"0.00"}


def test_a_layout_of_ones_own_is_shown_the_same_way() -> None:
    """With a cost centre that goes elsewhere, parts on both sides, and a line with accounts and parts."""

    def seat(account: int, cost_centre: int) -> Seat:
        return Seat.always("gent" if cost_centre == 3 else "costs" if account < 700000 else "sales")

    lines = [
        Line("margin", Names("Marge"), 0, NormalSide.CREDIT, {"sales": 1, "costs": -1}),
        Line("sales", Names("Verkoop"), 1, NormalSide.CREDIT, {"gent": 1}),
        Line("gent", Names("Gent"), 2, NormalSide.CREDIT, {}),
        Line("costs", Names("Kosten"), 1, NormalSide.DEBIT, {}),
    ]
    own = Layout(PROFIT, lines, seat, by_cost_centre=True)
    sold = ColumnFigures({(700000, 0): Decimal(-100), (700000, 3): Decimal(-7), (600000, 0): Decimal(60)}, {})

    figures = statement(own, [sold])

    assert amounts(figures) == {
        "margin": (Decimal(47),),
        "sales": (Decimal(107),),
        "gent": (Decimal(7),),
        "costs": (Decimal(60),),
    }
    assert figures.is_balanced


def test_a_cost_centre_has_its_own_result_and_none_of_the_openings() -> None:
    """The profit of 2024, made by cost centre 1, was moved to class 14 by the opening of 2025."""
    booked = [
        BookedLine(1, 1, date(2024, 5, 1), 550000, 1, Decimal(10)),
        BookedLine(1, 1, date(2024, 5, 1), 700000, 1, Decimal(-10)),
        BookedLine(2, 999, date(2025, 1, 1), 550000, 1, Decimal(10), is_opening=True),
        BookedLine(2, 999, date(2025, 1, 1), 140000, 1, Decimal(-10), is_opening=True),
    ]
    ledger = Ledger({1: date(2024, 1, 1), 2: date(2025, 1, 1)}, date(2025, 12, 31), booked)
    of_1, without = (
        amounts(shown(BALANCE, ledger, [Column("", date(2025, 1, 1), date(2025, 1, 1))], cost_centre=each))
        for each in (1, 0)
    )

    assert [of_1[key] for key in ("54/58", "14", "RESULT")] == [(Decimal(10),), (ZERO,), (Decimal(10),)]
    assert [without[key] for key in ("54/58", "14", "RESULT")] == [(ZERO,), (Decimal(10),), (Decimal(-10),)]


# --- the result month by month ---------------------------------------------------------------------------------------


@MODERATE
@given(any_books())
def test_a_months_results_are_those_of_the_lines_and_of_the_trial_balance(case: Case) -> None:
    ledger, span = case
    books = ledger.books()
    for month in monthly_results(books, *span):
        day = min(span[1], (month.month + timedelta(days=31)).replace(day=1) - timedelta(days=1))
        year = books.year_on(day)
        of_year = [it for it in ledger.lines if it.bookyear == year and it.day <= day and it.account >= 600000]
        appropriated = [it.amount for it in of_year if it.account // 10000 in (69, 79)]
        assert month.transferred == sum(appropriated, ZERO)
        assert month.result_of_year == sum((it.amount for it in of_year), ZERO) - month.transferred
        others = [it.amount for it in ledger.lines if it.bookyear != year and it.day == day and it.account >= 600000]
        on_the_day = trial_balance(books, day, day).result_brought_forward or ZERO
        assert month.brought_forward == on_the_day + sum(others, ZERO)
        assert month.is_balanced
        assert sum(ledger.balance(day).values(), ZERO) + sum(month[1:4], ZERO) == 0


def test_a_month_is_not_balanced_where_class_0_is_booked_against_others() -> None:
    booked = [
        BookedLine(1, 1, date(2026, 1, 5), account, 0, Decimal(amount))
        for account, amount in ((10000, "5"), (550000, "-5"))
    ]
    books = Ledger({1: date(2026, 1, 1)}, date(2026, 12, 31), booked).books()
    assert [month.is_balanced for month in monthly_results(books, date(2026, 1, 1), date(2026, 1, 31))] == [False]


@pytest.mark.parametrize("day", [date(2024, 1, 15), date(2025, 12, 31)])
def test_before_the_books_and_after_them_nothing_is_of_the_year(day: date) -> None:
    sale = [
        BookedLine(1, 1, date(2024, 6, 1), account, 0, Decimal(amount))
        for account, amount in ((550000, "10"), (700000, "-10"))
    ]
    books = Ledger({1: date(2024, 2, 1)}, date(2025, 1, 31), sale).books()
    (month,) = monthly_results(books, day, day)
    assert month.result_of_year == ZERO
    assert month.brought_forward == (Decimal(-10) if day.year == 2025 else ZERO)
