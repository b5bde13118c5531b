"""How PostgreSQL looks changed bookings up: one by one, whatever it believes of tables that have just grown."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.importing.ledger_sql import SQL
from monitr.adapters.sql.importing.ledger_stage import SqlLedgerStage
from monitr.application.importing.ledger.chunk import EVERYTHING
from tests.integration.importing.stores import InPostgres, begin, of_an_own_organisation
from tests.integration.importing.test_import_store_contract import SALES, a_booking, publish
from tests.unit.importing.fake_dossier import sale

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
