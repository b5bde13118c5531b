"""The scheduler's chores against a real database: each tick once, and what is over goes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from monitr.adapters.sql.database.tables import IMPORTED_TABLES
from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.work.purgeable_administrations import SqlPurgeableAdministrations
from monitr.adapters.sql.work.quota import SqlQuota
from monitr.adapters.sql.work.scheduled_administrations import SqlScheduledAdministrations
from monitr.application.chores.purge_administrations import PurgeAdministrations
from monitr.application.chores.scheduled_imports import ScheduledImports
from monitr.bootstrap.ports import Ports
from monitr.bootstrap.use_cases import start_imports_at_once
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.import_run import ImportRun, ImportStatus, ImportTrigger
from monitr.domain.integration import IntegrationStatus
from monitr.domain.organisation import AdministrationId
from tests.integration.jobs.queued_runs import opened, queue, selected

TICK = datetime(2026, 11, 22, 4, 5, tzinfo=UTC)
BEFORE, AFTER = TICK - timedelta(hours=5), TICK + timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OneTick:
    """A schedule that has ticked once, and spreads nothing."""

    delay: timedelta = timedelta()

    def last_tick(self, now: datetime) -> datetime:
        return TICK

    def due_at(self, tick: datetime, administration: AdministrationId) -> datetime:
        return tick + self.delay


@pytest_asyncio.fixture(loop_scope="session")
async def of(fresh_database: str) -> AsyncIterator[Ports]:
    async with opened(fresh_database) as services:
        yield services


def a_scheduler(of: Ports, schedule: OneTick = OneTick(), now: datetime = AFTER) -> ScheduledImports:
    later = replace(of, clock=lambda: now)
    administrations = SqlScheduledAdministrations(of.engine, lambda: now, {"bookings/modified": 48})
    return ScheduledImports(administrations, start_imports_at_once(later), schedule, lambda: now)


async def ended(of: Ports, administrations: list[Administration], when: datetime) -> None:
    """Each has been imported, in a run that was queued then."""
    await queue(of, administrations, queued_at=when, status=ImportStatus.SUCCEEDED, finished_at=when)


async def runs_of(of: Ports, administration: Administration) -> list[ImportRun]:
    async with of.readers(administration.organisation_id) as reader:
        return list((await reader.imports(administration.id, 100, None)).rows)


async def test_a_tick_imports_every_active_administration_incrementally(of: Ports) -> None:
    administrations = list(await selected(of, administrations=3))
    await ended(of, administrations, BEFORE)

    assert await a_scheduler(of)() == 3

    for administration in administrations:
        newest = (await runs_of(of, administration))[0]
        assert newest.trigger is ImportTrigger.SCHEDULE
        assert newest.status is ImportStatus.QUEUED


async def test_a_tick_fires_once_however_many_schedulers_there_are(of: Ports) -> None:
    administrations = list(await selected(of, administrations=5))
    await ended(of, administrations, BEFORE)

    queued = await asyncio.gather(*(a_scheduler(of)() for _ in range(4)))
    await ended_by_workers(of)
    again = await a_scheduler(of)()

    assert sum(queued) == 5
    assert again == 0
    assert [len(await runs_of(of, one)) for one in administrations] == [2] * 5


async def ended_by_workers(of: Ports) -> None:
    async with transaction(of.engine, None) as connection:
        await connection.execute(
            text("UPDATE import_run SET status = 'SUCCEEDED', finished_at = now() WHERE status = 'QUEUED'")
        )


async def test_an_administration_that_was_imported_since_the_tick_is_left_alone(of: Ports) -> None:
    await ended(of, list(await selected(of)), TICK + timedelta(minutes=1))

    assert await a_scheduler(of)() == 0


async def test_an_import_under_way_at_the_tick_is_followed_by_the_ticks_own(of: Ports) -> None:
    administrations = await selected(of)
    await queue(of, administrations, queued_at=BEFORE)

    assert await a_scheduler(of)() == 0
    await ended_by_workers(of)
    assert await a_scheduler(of)() == 1


async def test_the_jitter_holds_an_import_back(of: Ports) -> None:
    await ended(of, list(await selected(of)), BEFORE)
    late = OneTick(delay=timedelta(minutes=7))

    assert await a_scheduler(of, late, now=TICK + timedelta(minutes=6))() == 0
    assert await a_scheduler(of, late, now=TICK + timedelta(minutes=7))() == 1


async def test_an_administration_that_cannot_be_reached_or_whose_authorisation_is_gone_is_not_imported(
    of: Ports,
) -> None:
    [lost, waiting] = await selected(of, administrations=2)
    async with of.transactions(lost.organisation_id) as unit:
        await unit.administrations.save(lost.unreachable(AdministrationStatus.ACCESS_LOST))
        await unit.commit()
    assert await a_scheduler(of)() == 1  # only the other one

    await ended_by_workers(of)
    async with of.transactions(waiting.organisation_id) as unit:
        integration = await unit.integrations.find(waiting.organisation_id, waiting.integration_id)
        assert integration is not None
        await unit.integrations.save(replace(integration, status=IntegrationStatus.RECONNECT_REQUIRED))
        await unit.commit()
    async with transaction(of.engine, None) as connection:
        await connection.execute(text("UPDATE import_run SET queued_at = :before"), {"before": BEFORE})

    assert await a_scheduler(of)() == 0


@pytest.mark.parametrize(
    ("operation", "calls", "stopped", "queued"),
    [
        ("bookings/modified", 47, False, 1),
        ("bookings/modified", 48, False, 0),
        ("bookings/modified", 3, True, 0),  # Octopus itself has refused
        ("costcentres", 2, True, 1),  # an import can do without
    ],
)
async def test_an_administration_without_calls_left_today_is_not_imported_today(
    of: Ports, operation: str, calls: int, stopped: bool, queued: int
) -> None:
    administrations = list(await selected(of))
    await ended(of, administrations, BEFORE)
    count = SqlQuota(of.engine, lambda: AFTER)
    for _ in range(calls):
        await count.count(administrations[0].integration_id, administrations[0].dossier, operation, 1000)
    if stopped:
        await count.stop(administrations[0].integration_id, administrations[0].dossier, operation)

    assert await a_scheduler(of)() == queued


async def test_tomorrow_there_are_calls_again(of: Ports) -> None:
    administrations = list(await selected(of))
    await ended(of, administrations, BEFORE)
    count = SqlQuota(of.engine, lambda: AFTER - timedelta(days=1))
    await count.stop(administrations[0].integration_id, administrations[0].dossier, "bookings/modified")

    assert await a_scheduler(of)() == 1


async def test_a_scheduler_that_was_suspended_does_not_fire_the_tick_again(of: Ports) -> None:
    administrations = list(await selected(of, administrations=3))
    await ended(of, administrations, BEFORE)
    suspended = a_scheduler(of)
    asked = await suspended.administrations.not_imported_since(TICK, ImportTrigger.SCHEDULE)
    assert await a_scheduler(of)() == 3
    await ended_by_workers(of)

    fired = [await suspended._queue(organisation, id, TICK) for organisation, id in asked]

    assert fired == [0, 0, 0]


async def test_a_removed_administration_is_purged_when_its_retention_is_over_and_not_before(of: Ports) -> None:
    [removed, kept] = await selected(of, administrations=2)
    await ended(of, [removed, kept], BEFORE)
    await _some_lines(of, [removed, kept])
    await _remove(of, removed, purge_after=AFTER)

    assert await _purge(of, now=AFTER - timedelta(seconds=1)) == 0
    assert await _purge(of, now=AFTER) == 1

    assert await _rows(of, removed) == 0
    assert await _rows(of, kept) > 0


async def test_a_purge_waits_for_the_worker_that_is_at_work_on_the_administration(of: Ports) -> None:
    [removed] = await selected(of)
    await queue(of, [removed])
    async with transaction(of.engine, None) as connection:
        await connection.execute(
            text("UPDATE import_run SET status = 'RUNNING', lease_until = now() + interval '1 minute'")
        )
    await _remove(of, removed, purge_after=BEFORE)

    assert await _purge(of, now=datetime.now(UTC)) == 0


async def test_several_purges_at_once_do_not_hinder_each_other(of: Ports) -> None:
    administrations = await selected(of, administrations=4)
    await _some_lines(of, list(administrations))
    for administration in administrations:
        await _remove(of, administration, purge_after=BEFORE)

    for _ in range(2):  # who meets another at an administration leaves it, and comes again
        await asyncio.gather(*(_purge(of, now=AFTER) for _ in range(3)))

    assert [await _rows(of, administration) for administration in administrations] == [0] * 4


async def _remove(of: Ports, administration: Administration, purge_after: datetime) -> None:
    async with of.transactions(administration.organisation_id) as unit:
        removed = replace(administration, status=AdministrationStatus.DELETED, purge_after=purge_after)
        await unit.administrations.save(removed)
        await unit.commit()


async def _some_lines(of: Ports, administrations: list[Administration]) -> None:
    statement = text("""
        INSERT INTO bookyear (administration_id, number, description, start_date, end_date, closed, periods)
        SELECT :id, number, '', '2026-01-01', '2026-12-31', false, '[]' FROM generate_series(1, 25) number
    """)
    for administration in administrations:
        async with transaction(of.engine, administration.organisation_id) as connection:
            await connection.execute(statement, {"id": administration.id})


async def _purge(of: Ports, now: datetime) -> int:
    return await PurgeAdministrations(SqlPurgeableAdministrations(of.engine), lambda: now)()


async def _rows(of: Ports, administration: Administration) -> int:
    """Of the administration, in every table that can have some."""
    tables = [*(table.name for table in IMPORTED_TABLES), "import_run"]
    counts = [f"(SELECT count(*) FROM {table} WHERE administration_id = :id)" for table in tables]
    query = f"SELECT {' + '.join(counts)} + (SELECT count(*) FROM administration WHERE id = :id)"
    async with transaction(of.engine, administration.organisation_id) as connection:
        return int((await connection.execute(text(query), {"id": administration.id})).scalar_one())
