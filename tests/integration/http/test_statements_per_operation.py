"""The operations of the front end over the real read side: how many SQL statements each sends, whatever the size."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tables import report
from monitr.adapters.sql.reading import SqlReaders
from monitr.adapters.sql.repositories.rows import values_of
from monitr.application.reading.reading import opening
from monitr.bootstrap.use_cases import use_cases
from monitr.domain.accounting.statements.own_reports import ReportId
from monitr.domain.import_run import ImportMode
from monitr.domain.organisation import AdministrationId
from tests.components.graphql.an_api import Api, an_api
from tests.integration.jobs.queued_runs import opened, selected
from tests.integration.reading.stored_books import NOON, Place
from tests.unit.fakes import FakeTransactions, a_principal, a_report

SPAN = {"from": "2026-01-01", "to": "2026-12-31"}

MOST: dict[str, tuple[dict[str, Any], int]] = {
    "IntegrationCards": ({}, 4),
    "Administrations": ({"first": 100}, 6),
    "NodeById": ({"id": "the administration"}, 2),
    "ImportHistory": ({}, 5),
    "LedgerBasics": ({}, 7),
    "Transactions": ({}, 6),
    "TransactionPage": ({"last": 100}, 7),
    "Booking": ({"bookingCode": "1-D1-1"}, 6),
    "TrialBalance": (SPAN, 3),
    "MonthlyBalances": ({"byDimension": "COST_CENTRE", **SPAN}, 3),
    "StatutoryStatement": ({"kind": "BALANCE_SHEET", "interval": "BOOKYEAR", **SPAN}, 5),
    "a report of one's own": ({"kind": "PROFIT_AND_LOSS", "report": "the report", "interval": "MONTH", **SPAN}, 5),
    "AccountMapping": ({"report": "the report"}, 8),
    "MonthlyResults": (SPAN, 2),
    "OutstandingItems": ({"type": "RECEIVABLE"}, 5),
    "FixedAssets": ({}, 11),
}
"""For each operation: its variables, and how many statements it may send at most."""
OPERATIONS = {"a report of one's own": "StatutoryStatement"}
"""Where it is not called so."""
MANY = {"Administrations": 100}
"""Where more is shown at once."""


async def books_of(engine: AsyncEngine, size: int) -> tuple[Api, AdministrationId, ReportId]:
    """``size`` administrations, the first with as many bookings on as many accounts and cost centres; and a report."""
    place = await Place(engine).founded()
    ids = [await place.an_administration(dossier) for dossier in range(1, size + 1)]
    await place.bookyears(ids[0], {1: (date(2026, 1, 1), date(2026, 12, 31))})
    lines = [
        {
            "bookyear": 1,
            "document_number": number,
            "effective_date": date(2026, 3, 1 + number % 28),
            "account": account,
            "cost_centre": number,
            "relation": number,
            "ordinal": ordinal,
            "amount": amount,
        }
        for number in range(1, size + 1)
        for ordinal, account, amount in ((1, 610000 + number, Decimal(10)), (2, 440000, Decimal(-10)))
    ]
    await place.lines(ids[0], lines)
    own = a_report(organisation_id=place.organisation)
    await place.rows(report, [values_of(own)])
    api = an_api(FakeTransactions(), organisation=place.organisation)
    api.connection.services = replace(api.connection.services, open_reading=opening(SqlReaders(engine, lambda: NOON)))
    return api, ids[0], own.id


@contextmanager
def recorded(engine: AsyncEngine) -> Iterator[list[str]]:
    """The statements that are sent; the set-up of a transaction is none of them."""
    sent: list[str] = []

    def note(connection, cursor, statement, parameters, context, executemany):
        if "set_config" not in statement:
            sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def statements_of(engine: AsyncEngine, operation: str, size: int) -> list[str]:
    api, id, own = await books_of(engine, size)
    variables = {**MOST[operation][0], **({} if operation == "IntegrationCards" else {"administrationId": str(id)})}
    if "report" in variables:
        variables["report"] = str(own)
    if "id" in variables:
        variables["id"] = str(id)
    with recorded(engine) as sent:
        answer = await api.operation(OPERATIONS.get(operation, operation), **variables)
    assert answer["errors"] == []
    return sent


@pytest.mark.parametrize("operation", MOST)
async def test_an_operation_sends_as_many_statements_for_many_as_for_one(engine: AsyncEngine, operation: str) -> None:
    few = await statements_of(engine, operation, 1)
    many = await statements_of(engine, operation, MANY.get(operation, 50))
    assert len(many) == len(few)
    assert len(many) <= MOST[operation][1]


@pytest.mark.parametrize("administrations", [1, 3])
async def test_sync_now_locks_with_one_statement_sends_five_for_each_administration_and_audits_with_one(
    fresh_database: str, administrations: int
) -> None:
    """What is active, what ended last, the new run, its wake-up, and the bell for it."""
    async with opened(fresh_database) as of:
        rows = await selected(of, administrations)
        asker = a_principal(organisation=rows[0].organisation_id)
        with recorded(of.engine) as sent:
            started = await use_cases(of).start_imports(asker, [row.id for row in rows], ImportMode.INCREMENTAL)

    assert len(started.unwrap().imports) == administrations
    assert len(sent) == 1 + 5 * administrations + 1


async def test_an_operation_gives_its_connection_back(engine: AsyncEngine) -> None:
    before = engine.pool.checkedout()  # type: ignore[attr-defined]  # of QueuePool
    await statements_of(engine, "Transactions", 1)
    assert engine.pool.checkedout() == before  # type: ignore[attr-defined]  # as above
