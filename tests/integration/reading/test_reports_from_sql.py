"""Trial balance and monthly balances: SQL over months and parted months gives what the rules give over single lines."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database import tables
from monitr.adapters.sql.reading import SqlReaders
from monitr.application.reading import ledger
from monitr.application.reading.ledger import DimensionFilter, TooManyLines
from monitr.application.reading.master_data import COST_CENTRE
from monitr.domain.accounting.balances import monthly_balances, trial_balance
from tests.integration.importing.soak import examples
from tests.integration.reading.conftest import Mine
from tests.integration.reading.stored_books import NOON, Place
from tests.unit.domain.random_books import Ledger, Line, ledgers_and_spans

A_FEW = settings(
    max_examples=examples(ordinarily=20, in_a_soak=200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@A_FEW
@given(ledgers_and_spans(cost_centres=True))
async def test_the_trial_balance_is_that_of_the_lines(
    engine: AsyncEngine, case: tuple[Ledger, tuple[date, date]]
) -> None:
    ledger, span = case
    place = await Place(engine).founded()
    id = await place.ledger(ledger)
    expected = trial_balance(ledger.books(), *span)

    async with SqlReaders(engine, lambda: NOON)(place.organisation) as reader:
        found = await reader.trial_balance(id, *span, None)
        parts = {
            chosen: await reader.trial_balance(id, *span, DimensionFilter(COST_CENTRE, code, without))
            for chosen, code, without in (
                (frozenset({1}), "1", False),
                (frozenset({2}), "2", False),
                (frozenset({1, 2}), None, False),
                (frozenset({0}), None, True),
            )
        }

    assert {row.account: (row.opening, row.debit, row.credit, row.closing) for row in found.rows} == {
        account: (row.opening, row.debit, row.credit, row.closing)
        for account, row in expected.accounts.items()
        if row.shows_anything
    }
    assert found.result_brought_forward == expected.result_brought_forward
    assert found.result_transferred == expected.result_transferred
    assert found.complete_from == min(ledger.years.values())
    for chosen, filtered in parts.items():
        part = trial_balance(ledger.books(), *span, chosen.__contains__)
        assert {row.account: row.closing for row in filtered.rows} == {
            account: row.closing for account, row in part.accounts.items() if row.shows_anything
        }
        assert filtered.result_brought_forward is filtered.result_transferred is None
    values_and_without = [row for chosen, part in parts.items() if len(chosen) == 1 for row in part.rows]
    for row in found.rows:
        same = [part for part in values_and_without if part.account == row.account]
        assert sum(part.opening for part in same) == row.opening
        assert sum(part.closing for part in same) == row.closing


@A_FEW
@given(ledgers_and_spans(cost_centres=True))
async def test_the_monthly_balances_are_those_of_the_lines(
    engine: AsyncEngine, case: tuple[Ledger, tuple[date, date]]
) -> None:
    ledger, span = case
    place = await Place(engine).founded()
    id = await place.ledger(ledger)

    async with SqlReaders(engine, lambda: NOON)(place.organisation) as reader:
        by_cost_centre = await reader.monthly_balances(id, *span, None, by_cost_centre=True)
        of_accounts = await reader.monthly_balances(id, *span, [2, 6], by_cost_centre=False)

    assert [
        (row.month, row.account.number, row.cost_centre or 0, row.movement, row.balance) for row in by_cost_centre
    ] == [tuple(row) for row in monthly_balances(ledger.books(), *span)]
    undivided = Ledger(ledger.years, ledger.end, [replace(line, cost_centre=0) for line in ledger.lines])
    assert [(row.month, row.account.number, row.movement, row.balance) for row in of_accounts] == [
        (row.month, row.account, row.movement, row.balance)
        for row in monthly_balances(undivided.books(), *span)
        if row.account // 100000 in (2, 6)
    ]


def two_years() -> Ledger:
    day = date(2025, 3, 3)
    return Ledger(
        {1: date(2024, 1, 1), 2: date(2025, 1, 1)},
        date(2025, 12, 31),
        [
            Line(1, 1, date(2024, 6, 1), 550000, 0, Decimal("100.00")),
            Line(1, 1, date(2024, 6, 1), 700000, 0, Decimal("-100.00")),
            Line(2, 1, day, 12000, 0, Decimal("5.00")),
            Line(2, 1, day, 550000, 0, Decimal("-5.00")),
        ],
    )


async def test_a_bookyear_that_is_not_complete_yet_is_left_out(place: Place, reader: Mine) -> None:
    id = await place.ledger(two_years(), complete_from=date(2025, 1, 1))

    async with reader() as mine:
        figures = await mine.trial_balance(id, date(2025, 1, 1), date(2025, 12, 31), None)

    assert [(row.account, row.opening, row.closing) for row in figures.rows] == [
        (12000, Decimal(0), Decimal(5)),
        (550000, Decimal(0), Decimal(-5)),
    ]
    assert figures.complete_from == date(2025, 1, 1)


async def test_there_are_no_figures_before_a_first_bookyear_is_complete(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    await place.bookyears(id, {1: (date(2024, 1, 1), date(2024, 12, 31))})

    async with reader() as mine:
        figures = await mine.trial_balance(id, date(2024, 1, 1), date(2024, 12, 31), None)

    assert (list(figures.rows), figures.complete_from) == ([], None)
    assert figures.result_brought_forward == 0


async def test_an_account_is_named_as_in_the_bookyear_of_the_last_day(place: Place, reader: Mine) -> None:
    id = await place.ledger(two_years())
    await place.rows(
        tables.account,
        [
            {
                "administration_id": id,
                "bookyear": year,
                "number": number,
                "name_nl": nl,
                "name_fr": fr,
                "name_en": "",
                "name_de": "",
            }
            for year, number, nl, fr in [
                (1, 550000, "Bank in 2024", ""),
                (2, 550000, "Bank in 2025", ""),
                (2, 700000, "", "Ventes"),
            ]
        ],
    )

    async with reader() as mine:
        in_2024 = await mine.trial_balance(id, date(2024, 1, 1), date(2024, 12, 31), None)
        in_2025 = await mine.trial_balance(id, date(2024, 1, 1), date(2025, 12, 31), None)

    assert [(row.name, row.bookyears) for row in in_2024.rows] == [("Bank in 2024", (1, 2)), ("Ventes", (2,))]
    assert [row.name for row in in_2025.rows] == ["012000", "Bank in 2025", "Ventes"]


async def test_a_dimension_that_octopus_does_not_have_holds_nothing(place: Place, reader: Mine) -> None:
    id = await place.ledger(two_years())

    async with reader() as mine:
        figures = await mine.trial_balance(id, date(2024, 1, 1), date(2025, 12, 31), DimensionFilter("PROJECT"))

    assert list(figures.rows) == []


async def test_a_month_that_is_parted_has_its_lines_counted_before_they_are_looked_at(
    place: Place, reader: Mine, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await place.an_administration(complete_from=date(2024, 1, 1))
    await place.bookyears(id, {1: (date(2024, 1, 1), date(2024, 12, 31))})
    march = {"bookyear": 1, "effective_date": date(2024, 3, 5), "account": 610000, "amount": Decimal(1)}
    await place.lines(id, [{**march, "document_number": number} for number in range(3)])
    monkeypatch.setattr(ledger, "MOST_EFFORT", 3 * ledger.SUMMED - 1)
    async with reader() as asked:
        await asked.trial_balance(id, date(2024, 3, 1), date(2024, 3, 31), None)
        await asked.trial_balance(id, date(2024, 2, 5), date(2024, 4, 5), None)
        with pytest.raises(TooManyLines):
            await asked.trial_balance(id, date(2024, 3, 2), date(2024, 3, 31), None)


@pytest.mark.parametrize(("from_", "most"), [(date(2024, 1, 1), 2), (date(2024, 1, 15), 3)], ids=["months", "parted"])
async def test_a_report_costs_two_statements_and_where_a_month_is_parted_three(
    place: Place, reader: Mine, statements, from_: date, most: int
) -> None:
    id = await place.ledger(two_years())

    async with reader() as mine:
        with statements() as balance_statements:
            await mine.trial_balance(id, from_, date(2025, 12, 31), None)
        with statements() as monthly_statements:
            await mine.monthly_balances(id, from_, date(2025, 12, 31), None, by_cost_centre=True)

    assert (len(balance_statements), len(monthly_statements)) == (most, most)
