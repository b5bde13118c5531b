"""Connections that are kept: whoever takes one finds a server behind it."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.engine import create_engine

_PID = text("SELECT pg_backend_pid()")


async def test_a_connection_that_the_server_has_ended_is_replaced(own_engine: AsyncEngine, fresh_database: str) -> None:
    kept = create_engine(fresh_database, pool_size=1)
    async with kept.connect() as connection:
        before = (await connection.execute(_PID)).scalar_one()
    async with own_engine.begin() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": before})

    async with kept.connect() as connection:
        after = (await connection.execute(_PID)).scalar_one()

    await kept.dispose()
    assert after != before


async def test_a_connection_that_stands_is_not_asked_whether_it_does(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = create_engine(fresh_database, pool_size=1)
    async with kept.connect() as connection:
        await connection.execute(_PID)
    monkeypatch.setattr(kept.sync_engine.dialect, "_dialect_specific_select_one", "no question")

    async with kept.connect() as connection:
        assert (await connection.execute(_PID)).scalar_one()

    await kept.dispose()
