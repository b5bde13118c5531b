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

from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.database.tables import administration, import_run, integration
from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.repositories.integrations import ensure_organisation
from monitr.adapters.sql.repositories.rows import administration_values, import_run_values, values_of
from monitr.adapters.sql.work import leases as leases_module
from monitr.adapters.sql.work.leases import HeldRun, ImportLimits, LeaseRenewal, SqlLeases
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
        values = values_of(an_integration(id=login, organisation_id=owner))
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
    heartbeat = LeaseRenewal(fresh_database)
    held = await asyncio.to_thread(heartbeat.beat, claim, timedelta())

    other = await claimed(own_engine)

    assert held
    assert not await asyncio.to_thread(heartbeat.beat, claim, LEASE)
    assert await asyncio.to_thread(heartbeat.beat, other, LEASE)
    heartbeat.close()


async def test_a_heartbeat_whose_connection_broke_connects_again(own_engine: AsyncEngine, fresh_database: str) -> None:
    await queued(own_engine, 1)
    claim = await claimed(own_engine)
    heartbeat = LeaseRenewal(fresh_database)
    await asyncio.to_thread(heartbeat.beat, claim, LEASE)
    async with own_engine.begin() as connection:
        hang_up = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'monitr-heartbeat'"
        await connection.execute(text(f"{hang_up} AND datname = current_database()"))

    with pytest.raises(psycopg.Error):
        await asyncio.to_thread(heartbeat.beat, claim, LEASE)
    assert await asyncio.to_thread(heartbeat.beat, claim, LEASE)
    heartbeat.close()


async def test_a_released_lease_is_not_renewed(own_engine: AsyncEngine, fresh_database: str) -> None:
    await queued(own_engine, 1)
    claim = await claimed(own_engine)
    await SqlLeases(own_engine).release(claim)

    assert not await asyncio.to_thread(LeaseRenewal(fresh_database).beat, claim, LEASE)


async def under_way(engine: AsyncEngine, limits: ImportLimits) -> int:
    """How many runs many workers have at once, where none of them ends."""
    leases = SqlLeases(engine, limits)

    async def take(worker: str) -> int:
        taken = 0
        while await leases.claim(None, worker, LEASE) is not None:
            taken += 1
        return taken

    return sum(await asyncio.gather(*(take(f"worker-{number}") for number in range(8))))


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (ImportLimits(), 12),
        (ImportLimits(total=5), 5),
        (ImportLimits(per_organisation=2), 6),
        (ImportLimits(per_login=3), 9),
        (ImportLimits(total=4, per_organisation=3, per_login=1), 3),
    ],
)
async def test_no_more_runs_are_under_way_than_the_limits_allow_however_many_workers_claim_at_once(
    own_engine: AsyncEngine, limits: ImportLimits, expected: int
) -> None:
    for _ in range(3):  # organisations, with one login each
        await queued(own_engine, 4)

    assert await under_way(own_engine, limits) == expected


async def test_a_place_that_is_given_back_is_taken_by_the_next(own_engine: AsyncEngine) -> None:
    first, second = await queued(own_engine, 2)
    leases = SqlLeases(own_engine, ImportLimits(per_organisation=1))
    claim = await leases.claim(None, "worker", LEASE)
    assert claim is not None
    assert claim.run_id == first
    assert await leases.claim(None, "worker", LEASE) is None
    assert await leases.is_wanted(claim, abandoned=False)  # its own place would be free
    async with transaction(own_engine, None) as connection:
        await connection.execute(text("UPDATE import_run SET status = 'SUCCEEDED' WHERE id = :id"), {"id": first})
    await leases.release(claim)

    following = await leases.claim(None, "worker", LEASE)

    assert following is not None
    assert following.run_id == second


async def test_a_run_that_is_handed_over_has_not_failed_an_attempt(own_engine: AsyncEngine) -> None:
    await queued(own_engine, 1)
    leases = SqlLeases(own_engine)
    for _ in range(3):
        claim = await claimed(own_engine)
        async with transaction(own_engine, None) as connection:
            await connection.execute(text("UPDATE import_run SET status = 'RUNNING'"))
        await leases.release(claim)

    assert (await claimed(own_engine)).attempt == 1


async def test_a_worker_suspended_in_the_middle_of_a_claim_holds_nobody_up_for_long(own_engine: AsyncEngine) -> None:
    await queued(own_engine, 1)
    async with own_engine.connect() as suspended:
        await suspended.execute(text(str(leases_module._ALONE)), {"lock": leases_module._CLAIM_LOCK})
        async with asyncio.timeout(10):
            assert await SqlLeases(own_engine).claim(None, "worker", LEASE) is not None
        await suspended.invalidate()
