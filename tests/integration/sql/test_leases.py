"""Leases under many workers at once, and the heartbeat that renews them from a plain thread."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.administration_rows import administration_values
from monitr.adapters.sql.engine import create_engine
from monitr.adapters.sql.import_run_rows import import_run_values
from monitr.adapters.sql.integration_rows import integration_values
from monitr.adapters.sql.integrations import ensure_organisation
from monitr.adapters.sql.leases import Heartbeat, HeldRun, SqlLeases
from monitr.adapters.sql.tables import administration, import_run, integration
from monitr.adapters.sql.tenancy import transaction
from monitr.domain.import_run import ImportRunId
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import OrganisationId
from tests.unit.fakes import NOON, a_run, an_administration, an_integration

LEASE = timedelta(seconds=30)


@pytest_asyncio.fixture
async def own_engine(fresh_database: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(fresh_database, pool_size=10)
    yield engine
    await engine.dispose()


async def queued(engine: AsyncEngine, runs: int) -> list[ImportRunId]:
    """Each of an administration of its own, a minute apart, all of one organisation."""
    owner, login = OrganisationId(uuid4()), IntegrationId(uuid4())
    ids = []
    async with transaction(engine, owner) as connection:
        await ensure_organisation(connection, owner)
        values = integration_values(an_integration(id=login, organisation_id=owner))
        await connection.execute(insert(integration).values(values))
        for number in range(runs):
            of = an_administration(organisation_id=owner, integration_id=login, dossier=number)
            run = a_run(of, queued_at=NOON + timedelta(minutes=number))
            await connection.execute(insert(administration).values(administration_values(of)))
            await connection.execute(insert(import_run).values(import_run_values(run)))
            ids.append(run.id)
    return ids


async def claimed(engine: AsyncEngine) -> HeldRun:
    claim = await SqlLeases(engine).claim(None, "worker", LEASE)
    assert claim is not None
    return claim


async def test_many_workers_at_once_claim_each_run_once(own_engine: AsyncEngine) -> None:
    runs = await queued(own_engine, 12)
    leases = SqlLeases(own_engine)

    async def work_off(worker: str) -> list[ImportRunId]:
        mine = []
        while (claim := await leases.claim(None, worker, LEASE)) is not None:
            mine.append(claim.run_id)
        return mine

    done = await asyncio.gather(*(work_off(f"worker-{number}") for number in range(6)))

    assert Counter(id for mine in done for id in mine) == Counter(runs)


async def test_a_lease_lasts_by_the_databases_clock(own_engine: AsyncEngine) -> None:
    await queued(own_engine, 1)
    await claimed(own_engine)

    async with own_engine.connect() as connection:
        left = select(import_run.c.lease_until - text("clock_timestamp()"))
        remaining = (await connection.execute(left)).scalar_one()
    assert LEASE - timedelta(seconds=5) < remaining <= LEASE


async def test_a_heartbeat_keeps_the_lease_and_notices_that_it_was_lost(
    own_engine: AsyncEngine, fresh_database: str
) -> None:
    await queued(own_engine, 1)
    claim = await claimed(own_engine)
    heartbeat = Heartbeat(fresh_database)
    held = await asyncio.to_thread(heartbeat.beat, claim, timedelta())

    other = await claimed(own_engine)

    assert held
    assert not await asyncio.to_thread(heartbeat.beat, claim, LEASE)
    assert await asyncio.to_thread(heartbeat.beat, other, LEASE)
    heartbeat.close()


async def test_a_heartbeat_whose_connection_broke_connects_again(own_engine: AsyncEngine, fresh_database: str) -> None:
    await queued(own_engine, 1)
    claim = await claimed(own_engine)
    heartbeat = Heartbeat(fresh_database)
    await asyncio.to_thread(heartbeat.beat, claim, LEASE)
    async with own_engine.begin() as connection:
        hang_up = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'monitr-heartbeat'"
        await connection.execute(text(f"{hang_up} AND datname = current_database()"))

    with pytest.raises(psycopg.Error):
        await asyncio.to_thread(heartbeat.beat, claim, LEASE)
    assert await asyncio.to_thread(heartbeat.beat, claim, LEASE)
    heartbeat.close()


async def test_a_released_lease_is_not_renewed(own_engine: AsyncEngine) -> None:
    await queued(own_engine, 1)
    claim = await claimed(own_engine)
    leases = SqlLeases(own_engine)
    await leases.release(claim)

    assert not await leases.renew(claim, LEASE)
