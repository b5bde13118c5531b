"""How PostgreSQL looks changed bookings up: one by one, whatever it believes of tables that have just grown."""

from collections.abc import Mapping

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.importing import matchings, openings
from monitr.adapters.sql.importing.ledger_sql import SQL
from monitr.adapters.sql.importing.ledger_stage import SqlLedgerStage
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.application.importing.ledger.chunk import EVERYTHING
from tests.integration.importing.stores import InPostgres, begin, of_an_own_organisation
from tests.integration.importing.test_import_store_contract import SALES, a_booking, publish, renew, tell_matchings
from tests.integration.importing.test_matchings_contract import (
    RECEIVABLE,
    a_matching,
    an_open,
    booked,
    judge,
    payment,
)
from tests.unit.importing.fake_dossier import a_bookyear, sale

STORED = 3_000


@pytest.mark.parametrize("others_are_known", [False, True], ids=["no statistics", "statistics of the others"])
@pytest.mark.parametrize("changed", [1, 100, STORED - 1])
async def test_changed_bookings_are_looked_up_one_by_one(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, changed: int, others_are_known: bool
) -> None:
    if others_are_known:
        for _ in range(3):
            other = InPostgres(engine, of_an_own_organisation())
            await begin(other)
            await publish(other, SALES, *(line for number in range(STORED) for line in a_booking(sale(number))))
        async with engine.begin() as connection:
            await connection.execute(text("ANALYZE ledger_line"))
    place = InPostgres(engine, of_an_own_organisation())
    await begin(place)
    await publish(place, SALES, *(line for number in range(STORED) for line in a_booking(sale(number))))
    plans: dict[str, str] = {}
    run = SqlLedgerStage._run

    async def explained(stage: SqlLedgerStage, statement: str, **parameters: object) -> object:
        if statement in ("update_lines", "delete_lines", "shift_balances", "compare_with_scope"):
            plan = await stage.own.run(text(f"EXPLAIN {SQL[statement].text}"), **stage._place | parameters)
            plans[statement] = "\n".join(line for (line,) in plan)
        return await run(stage, statement, **parameters)

    monkeypatch.setattr(SqlLedgerStage, "_run", explained)
    await publish(place, EVERYTHING, *(line for n in range(changed) for line in a_booking(sale(n), "11.00")))

    assert len(plans) == 4
    for lookup in (plans.pop("shift_balances"), plans.pop("compare_with_scope")):
        condition = [line for line in lookup.splitlines() if "Index Cond" in line]
        assert any("document_number = k.document_number" in line for line in condition), lookup
    assert all("Tid Scan on ledger_line" in plan for plan in plans.values()), "\n\n".join(plans.values())


def recorded(monkeypatch: pytest.MonkeyPatch, sql: Mapping[str, TextClause], *names: str) -> dict[str, str]:
    """The plans of those statements, from now on."""
    plans: dict[str, str] = {}
    run, wanted = OwnTransaction.run, {id(sql[name]): name for name in names}

    async def explained(own: OwnTransaction, statement: TextClause, **parameters: object) -> object:
        if name := wanted.get(id(statement)):
            plan = await run(own, text(f"EXPLAIN {statement.text}"), **parameters)
            plans[name] = "\n".join(line for (line,) in plan)
        return await run(own, statement, **parameters)

    monkeypatch.setattr(OwnTransaction, "run", explained)
    return plans


async def test_what_is_judged_anew_is_looked_up_one_by_one(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not all items of a type for each booking, nor all matchings for each that is judged."""
    place = InPostgres(engine, of_an_own_organisation())
    await begin(place)
    numbers = range(1, 601)
    lines = [line for n in numbers for line in (*booked(sale(n), 100), *booked(payment(n), -60))]
    await publish(place, EVERYTHING, *lines)
    await tell_matchings(place, [a_matching(n, n, 60) for n in numbers], [], is_whole=True)
    await renew(place, RECEIVABLE, [an_open(sale(n), 100, 40) for n in numbers])
    await judge(place)
    await publish(place, EVERYTHING, *(line for n in numbers for line in booked(sale(n), 110)))
    plans = recorded(monkeypatch, matchings._SQL, "items_of_changes", "write_back")

    await judge(place)

    conditions = [line for line in plans["items_of_changes"].splitlines() if "Index Cond" in line]
    assert any("document_number = k.document_number" in line for line in conditions), plans["items_of_changes"]
    assert "Tid Scan on matching" in plans["write_back"], plans["write_back"]


async def test_openings_do_not_read_all_financial_lines_of_a_bookyear(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = InPostgres(engine, of_an_own_organisation())
    await begin(place)
    await publish(place, EVERYTHING, *(line for n in range(1, 601) for line in booked(payment(n), -60)))
    plans = recorded(monkeypatch, openings._SQL, "candidates")

    await place.store.openings.candidates(a_bookyear(2, 2026))

    by_account = [line for line in plans["candidates"].splitlines() if "account = 588888" in line]
    assert [line for line in by_account if "Index Cond" in line], plans["candidates"]
