"""Statements: SQL over months and parted months gives what the rules give over single lines."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database import tables
from monitr.adapters.sql.reading import SqlReaders
from monitr.application.reading.ledger import DimensionFilter, TransactionFilter, TransactionOrder
from monitr.application.reading.master_data import COST_CENTRE
from monitr.application.reading.pages import Cut
from monitr.application.reading.statements import MOST_COLUMNS, Statement, StatementQuestion, TooManyColumns
from monitr.domain.accounting.statements.column_figures import column_figures
from monitr.domain.accounting.statements.columns import Comparison, StatementInterval
from monitr.domain.accounting.statements.layout import StatementKind
from monitr.domain.accounting.statements.monthly_results import monthly_results
from monitr.domain.accounting.statements.rubrics import LegalForm, StatementModel, statutory_layout
from monitr.domain.accounting.statements.statement import statement
from tests.integration.reading.conftest import Mine
from tests.integration.reading.stored_books import NOON, Place
from tests.unit.domain.naive_statements import any_books
from tests.unit.domain.random_books import Ledger, Line

A_FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
BALANCE_SHEET, PROFIT_AND_LOSS = StatementKind
NEWEST = TransactionOrder.NEWEST_FIRST
COST_CENTRES = {
    None: None,
    DimensionFilter(COST_CENTRE, "2"): frozenset({2}),
    DimensionFilter(COST_CENTRE): frozenset({1, 2}),
    DimensionFilter(COST_CENTRE, without=True): frozenset({0}),
    DimensionFilter("PROJECT"): frozenset(),
}

questions = st.builds(
    lambda kind, model, form, interval, compare_with, dimension: StatementQuestion(
        kind, date.min, date.max, model, form, interval, compare_with, dimension
    ),
    st.sampled_from(StatementKind),
    st.sampled_from(StatementModel),
    st.sampled_from(LegalForm),
    st.sampled_from(StatementInterval),
    st.sampled_from(Comparison),
    st.sampled_from(list(COST_CENTRES)),
)


def by_line(found: Statement) -> dict[str, tuple[object, ...]]:
    accounts = {
        each.line.key: [(row.account.number, tuple(row.amounts)) for row in each.accounts] for each in found.lines
    }
    return {each.line.key: (tuple(each.amounts), accounts[each.line.key]) for each in found.lines}


@A_FEW
@given(any_books(cost_centres=True), questions)
async def test_a_statement_is_that_of_the_lines(
    engine: AsyncEngine, case: tuple[Ledger, tuple[date, date]], wanted: StatementQuestion
) -> None:
    ledger, (from_, to) = case
    place = await Place(engine).founded()
    id = await place.ledger(ledger)
    question = replace(wanted, from_=from_, to=to)

    async with SqlReaders(engine, lambda: NOON)(place.organisation) as reader:
        found = await reader.statement(id, question)
        months = await reader.monthly_results(id, from_, to)

    layout = statutory_layout(question.kind, question.model, question.legal_form)
    centres = COST_CENTRES[question.dimension]
    figures = statement(
        layout,
        column_figures(question.kind, ledger.books(), found.columns),
        None if centres is None else centres.__contains__,
    )
    assert by_line(found) == {each.line.key: (each.amounts, each.accounts) for each in figures.lines}
    assert [(row.account.number, row.amounts) for row in found.unmapped] == figures.unmapped
    assert found.is_balanced is figures.is_balanced
    assert list(months) == list(monthly_results(ledger.books(), from_, to))


def a_sale() -> Ledger:
    """100.00 in the bookyear 2024, sold on the 20th of June; the bookyear 2025 ends in September, and is the last."""
    return Ledger(
        {1: date(2024, 1, 1), 2: date(2025, 1, 1)},
        date(2025, 9, 30),
        [
            Line(1, 1, date(2024, 6, 20), 400000, 0, Decimal("100.00")),
            Line(1, 1, date(2024, 6, 20), 700000, 3, Decimal("-100.00")),
            Line(2, 1, date(2025, 3, 31), 610000, 0, Decimal("40.00")),
            Line(2, 1, date(2025, 3, 31), 445000, 0, Decimal("-40.00")),
        ],
    )


def line(found: Statement, key: str) -> tuple[Decimal, ...]:
    return next(tuple(each.amounts) for each in found.lines if each.line.key == key)


def euros(*amounts: int) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, amounts))


async def test_a_month_is_cut_inside_and_compared_with_the_same_days(place: Place, reader: Mine) -> None:
    id = await place.ledger(a_sale())
    asked = StatementQuestion(
        PROFIT_AND_LOSS,
        date(2025, 6, 21),
        date(2025, 6, 30),
        interval=StatementInterval.MONTH,
        compare_with=Comparison.PREVIOUS_YEAR,
    )
    async with reader() as mine:
        after_the_sale = await mine.statement(id, asked)
        with_the_sale = await mine.statement(id, replace(asked, from_=date(2025, 6, 20)))

    assert line(after_the_sale, "70") == euros(0, 0)
    assert line(with_the_sale, "70") == euros(0, 100)


async def test_after_the_last_bookyear_every_report_starts_the_result_at_zero(place: Place, reader: Mine) -> None:
    id = await place.ledger(a_sale())
    october, end = date(2025, 10, 1), date(2025, 10, 31)
    by_bookyear = StatementQuestion(BALANCE_SHEET, date(2024, 1, 1), end, interval=StatementInterval.BOOKYEAR)
    async with reader() as mine:
        balance = await mine.trial_balance(id, october, end, None)
        monthly = await mine.monthly_balances(id, october, end, [6, 7], by_cost_centre=False)
        (month,) = await mine.monthly_results(id, october, end)
        found = await mine.statement(id, by_bookyear)

    assert [row.account for row in balance.rows] == [400000, 445000]
    assert balance.result_brought_forward == Decimal(-60)
    assert list(monthly) == []
    assert month[1:4] == euros(0, -60, 0)
    assert line(found, "RESULT") == euros(100, 60, 60)
    assert [column.label for column in found.columns] == ["2024", "2025", "2025-10-01/2026-09-30"]


async def test_by_bookyear_there_is_no_column_before_the_first(place: Place, reader: Mine) -> None:
    id = await place.ledger(a_sale())
    asked = StatementQuestion(BALANCE_SHEET, date(2020, 1, 1), date(2020, 12, 31), interval=StatementInterval.BOOKYEAR)
    async with reader() as mine:
        found = await mine.statement(id, asked)

    assert (list(found.columns), list(found.unmapped), found.is_balanced) == ([], [], True)
    assert {tuple(each.amounts) for each in found.lines} == {()}


async def test_a_statement_says_what_no_rubric_takes_with_its_name(place: Place, reader: Mine) -> None:
    id = await place.ledger(a_sale())
    names = {"name_nl": "Te ontvangen", "name_fr": "", "name_en": "", "name_de": ""}
    await place.rows(tables.account, [{"administration_id": id, "bookyear": 2, "number": 445000, **names}])

    async with reader() as mine:
        found = await mine.statement(id, StatementQuestion(BALANCE_SHEET, date(2025, 1, 1), date(2025, 12, 31)))

    assert [(row.account.name, row.amounts) for row in found.unmapped] == [("Te ontvangen", (Decimal("-40.00"),))]
    assert not found.is_balanced
    assert [row.account.name for each in found.lines for row in each.accounts] == ["400000"]


async def test_more_columns_than_a_reader_could_read_are_refused(place: Place, reader: Mine) -> None:
    id = await place.ledger(a_sale())
    to = date(2000, 1, 1) + timedelta(days=366 * (MOST_COLUMNS // 12))
    asked = StatementQuestion(BALANCE_SHEET, date(2000, 1, 1), to, interval=StatementInterval.MONTH)
    async with reader() as mine:
        with pytest.raises(TooManyColumns):
            await mine.statement(id, asked)


async def test_a_statement_costs_as_many_statements_of_sql_whatever_its_columns(
    place: Place, reader: Mine, statements
) -> None:
    id = await place.ledger(a_sale())
    counts = {}
    async with reader() as mine:
        for interval in StatementInterval:
            asked = StatementQuestion(
                BALANCE_SHEET,
                date(2024, 1, 15),
                date(2025, 12, 31),
                interval=interval,
                compare_with=Comparison.PREVIOUS_YEAR,
            )
            with statements() as sent:
                await mine.statement(id, asked)
            counts[interval.value] = len(sent)
        with statements() as sent:
            await mine.monthly_results(id, date(2024, 1, 15), date(2025, 12, 31))

    # one of them counts the lines of the months that are parted
    assert counts == {"TOTAL": 3, "MONTH": 3, "QUARTER": 3, "BOOKYEAR": 4}
    assert len(sent) == 2


async def test_lines_without_a_cost_centre_are_found_and_counted(place: Place, reader: Mine) -> None:
    id = await place.ledger(a_sale())
    without = TransactionFilter(dimension=DimensionFilter(COST_CENTRE, without=True))
    async with reader() as mine:
        page = await mine.transactions(id, without, NEWEST, Cut(10), count=True, add_up=False)
        positive = replace(without, amount_from=Decimal(0))
        with_text = await mine.transactions(id, positive, NEWEST, Cut(10), count=True, add_up=False)
        balance = await mine.trial_balance(id, date(2024, 1, 1), date(2024, 12, 31), without.dimension)

    assert [row.account for row in page.rows] == [610000, 445000, 400000]
    assert (page.total, with_text.total) == (3, 2)
    assert [row.account for row in balance.rows] == [400000]


async def test_an_opening_effect_is_told_with_its_row(place: Place, reader: Mine) -> None:
    moved = [
        Line(2, 999, date(2025, 1, 1), account, 0, Decimal(amount), is_opening=True)
        for account, amount in ((400000, "100.00"), (140000, "-100.00"))
    ]
    ledger = a_sale()
    id = await place.ledger(replace(ledger, lines=[*ledger.lines, *moved]))
    async with reader() as mine:
        over_the_year_end = await mine.trial_balance(id, date(2024, 12, 31), date(2025, 1, 1), None)
        from_the_first_day = await mine.trial_balance(id, date(2025, 1, 1), date(2025, 1, 31), None)

    assert {row.account: [tuple(it) for it in row.effects] for row in over_the_year_end.rows if row.effects} == {
        140000: [(2, date(2025, 1, 1), "RESULT_TRANSFER", Decimal("-100.00"))]
    }
    assert not any(row.effects for row in from_the_first_day.rows)
