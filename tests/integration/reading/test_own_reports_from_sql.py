"""Reports of one's own from the database: their figures, and what they leave out."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database import tables
from monitr.adapters.sql.reading import SqlReaders
from monitr.adapters.sql.repositories.rows import values_of
from monitr.application.reading.own_reports import NoSuchReport
from monitr.application.reading.statements import StatementQuestion
from monitr.domain.accounting.statements.column_figures import column_figures
from monitr.domain.accounting.statements.columns import StatementInterval
from monitr.domain.accounting.statements.layout import NormalSide, StatementKind
from monitr.domain.accounting.statements.own_reports import (
    MappingRule,
    Report,
    ReportId,
    ReportLine,
    flaw,
    layout_of,
    line_of,
)
from monitr.domain.accounting.statements.statement import statement
from tests.integration.reading.conftest import Mine
from tests.integration.reading.stored_books import NOON, Place
from tests.unit.domain.naive_statements import any_books
from tests.unit.domain.random_books import Ledger
from tests.unit.fakes import a_report

A_FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LINES = (
    ReportLine("all", "All", None, NormalSide.CREDIT),
    ReportLine("gent", "Gent", "all", NormalSide.DEBIT),
    ReportLine("rest", "Rest", "all", NormalSide.CREDIT),
)
rules = st.lists(
    st.builds(
        lambda key, bounds, value: MappingRule(key, *sorted(bounds), *value),
        st.sampled_from(["gent", "rest"]),
        st.tuples(*[st.sampled_from([100000, 400000, 440000, 549999, 600000, 650000, 700000, 799999, 999999])] * 2),
        st.sampled_from([(None, None), ("COST_CENTRE", None), ("COST_CENTRE", "1"), ("COST_CENTRE", "2")]),
    ),
    max_size=5,
).filter(lambda rules: flaw(LINES, rules) is None)


async def stored(place: Place, report: Report) -> Report:
    mine = replace(report, id=ReportId(uuid4()), organisation_id=place.organisation)
    await place.rows(tables.report, [values_of(mine)])
    return mine


@A_FEW
@given(any_books(cost_centres=True), rules, st.sampled_from(StatementKind))
async def test_a_report_of_ones_own_is_that_of_the_lines(
    engine: AsyncEngine, case: tuple[Ledger, tuple[date, date]], chosen: list[MappingRule], kind: StatementKind
) -> None:
    ledger, (from_, to) = case
    place = await Place(engine).founded()
    id = await place.ledger(ledger)
    report = await stored(place, a_report(lines=LINES, rules=tuple(chosen)))
    question = StatementQuestion(kind, from_, to, interval=StatementInterval.QUARTER, report=report.id)

    async with SqlReaders(engine, lambda: NOON)(place.organisation) as reader:
        found = await reader.statement(id, question)
        left = await reader.unmapped(id, report.id)

    layout = layout_of(kind, report.lines, report.rules)
    figures = statement(layout, column_figures(kind, ledger.books(), found.columns))
    assert [(row.line.key, tuple(row.amounts)) for row in found.lines] == [
        (row.line.key, row.amounts) for row in figures.lines
    ]
    assert [(row.account.number, row.amounts) for row in found.unmapped] == figures.unmapped

    used: dict[tuple[int, int], list[tuple[date, Decimal]]] = defaultdict(list)
    for line in ledger.lines:
        if not line.is_opening and line_of(chosen)(line.account, line.cost_centre) is None:
            used[line.account, line.cost_centre].append((line.day, line.amount))
    assert {(row.account.number, row.cost_centre or 0): row for row in left}.keys() == used.keys()
    for row in left:
        lines = used[row.account.number, row.cost_centre or 0]
        days = [day for day, _ in lines]
        assert (row.lines, row.first_used_on, row.last_used_on) == (len(lines), min(days), max(days))
        assert row.amount == sum(amount for _, amount in lines)
    last_used = [row.last_used_on for row in left]
    assert last_used == sorted(last_used, reverse=True)


async def test_a_report_that_is_not_there_is_none(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    asked = StatementQuestion(StatementKind.BALANCE_SHEET, NOON.date(), NOON.date(), report=ReportId(uuid4()))
    async with reader() as mine:
        with pytest.raises(NoSuchReport):
            await mine.statement(id, asked)
        with pytest.raises(NoSuchReport):
            await mine.unmapped(id, ReportId(uuid4()))


async def test_reports_are_told_by_name(place: Place, reader: Mine) -> None:
    second, first = await stored(place, a_report(name="B")), await stored(place, a_report(name="A"))
    async with reader() as mine:
        assert await mine.reports() == [first, second]
        assert await mine.reports([second.id]) == [second]
