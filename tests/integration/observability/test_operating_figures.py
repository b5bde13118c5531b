"""What the metrics page asks of a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest_asyncio
from sqlalchemy import text

from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.work.operating_figures import OLDEST_SHOWN, SqlOperatingFigures
from monitr.application.operating_figures import OperatingFigures
from monitr.bootstrap.ports import Ports
from monitr.domain.administration import AdministrationStatus, DossierNumber
from monitr.domain.integration import IntegrationId
from tests.integration.jobs.queued_runs import opened, queue, selected

HOUR = 3600.0


@pytest_asyncio.fixture(loop_scope="session")
async def of(fresh_database: str) -> AsyncIterator[Ports]:
    async with opened(fresh_database) as services:
        yield services


async def figures(of: Ports, **maxima: int) -> OperatingFigures:
    return await SqlOperatingFigures(of.engine, of.clock, [HOUR, 24 * HOUR], maxima)()


async def change(of: Ports, statement: str, **parameters: Any) -> None:
    async with transaction(of.engine, None) as connection:
        await connection.execute(text(statement), parameters)


async def test_of_an_empty_database_there_is_nothing_to_tell(of: Ports) -> None:
    told = await figures(of, connect=150)

    assert (told.runs, told.queue_age, told.outbox_pending, told.outbox_lag, told.oldest) == ({}, None, 0, None, [])
    assert told.ages == [0, 0, 0]
    assert told.calls_left == {"connect": (150, 0)}


async def test_the_queue_is_as_old_as_the_run_that_has_been_due_longest_and_in_nobodys_hands(of: Ports) -> None:
    administrations = await selected(of, administrations=3)
    now = datetime.now(UTC)
    await queue(of, administrations[:1], queued_at=now - timedelta(minutes=3))
    [held] = await queue(of, administrations[1:2], queued_at=now - timedelta(minutes=9))
    await queue(of, administrations[2:], queued_at=now - timedelta(minutes=1))
    await change(of, "UPDATE import_run SET lease_until = now() + interval '1 minute' WHERE id = :id", id=held.id)

    told = await figures(of)

    assert told.runs == {("QUEUED", False): 2, ("QUEUED", True): 1}
    assert told.queue_age is not None
    assert 180 <= told.queue_age < 240  # neither the nine minutes of what is held, nor the one of what came later


async def test_a_run_that_waits_for_tomorrow_is_not_late_and_one_whose_worker_died_is(of: Ports) -> None:
    administrations = await selected(of, administrations=2)
    waiting, dead = await queue(of, administrations, queued_at=datetime.now(UTC) - timedelta(hours=5))
    await change(
        of, "UPDATE import_run SET status = 'WAITING', resume_at = now() + interval '1 h' WHERE id = :id", id=waiting.id
    )
    await change(
        of, "UPDATE import_run SET status = 'RUNNING', lease_until = now() - interval '50 s' WHERE id = :id", id=dead.id
    )

    told = await figures(of)

    assert told.runs == {("WAITING", False): 1, ("RUNNING", False): 1}
    assert told.queue_age is not None
    assert 50 <= told.queue_age < 110


async def test_the_outbox_lags_by_the_age_of_what_is_due_and_not_published(of: Ports) -> None:
    await queue(of, await selected(of, administrations=2))
    await change(of, "UPDATE outbox SET created_at = now() - interval '40 s'")
    await change(of, "UPDATE outbox SET published_at = now() WHERE id = (SELECT min(id) FROM outbox)")
    async with of.transactions(await _an_organisation(of)) as work:
        await work.jobs.purge((await selected(of))[0].id, datetime.now(UTC) + timedelta(days=30))
        await work.commit()

    told = await figures(of)

    assert told.outbox_pending == 1
    assert told.outbox_lag is not None
    assert 40 <= told.outbox_lag < 100


async def _an_organisation(of: Ports) -> Any:
    return (await selected(of))[0].organisation_id


async def test_ages_are_those_of_what_the_schedule_imports_the_oldest_first(of: Ports) -> None:
    now = datetime.now(UTC)
    ages = [timedelta(minutes=5), timedelta(hours=2), timedelta(days=9), timedelta(days=400), timedelta(days=500)]
    rows = await selected(of, administrations=len(ages))
    aged = [replace(row, last_successful_import_at=now - age) for row, age in zip(rows, ages, strict=True)]
    aged[3] = replace(aged[3], status=AdministrationStatus.ACCESS_LOST)
    aged[4] = replace(aged[4], status=AdministrationStatus.DELETED, purge_after=now)
    async with of.transactions(rows[0].organisation_id) as work:
        for row in aged:
            await work.administrations.save(row)
        await work.commit()

    told = await figures(of)

    assert told.administrations == {"ACTIVE": 3, "ACCESS_LOST": 1}
    assert list(told.ages) == [1, 1, 1]
    assert [administration for _, administration, _ in told.oldest] == [str(row.id) for row in reversed(rows[:3])]
    assert told.oldest[0][2] >= 9 * 24 * HOUR


async def test_one_that_never_succeeded_is_as_old_as_its_selection(of: Ports) -> None:
    [row] = await selected(of)
    async with of.transactions(row.organisation_id) as work:
        await work.administrations.save(replace(row, created_at=datetime.now(UTC) - timedelta(days=3)))
        await work.commit()

    told = await figures(of)

    assert told.oldest[0][2] >= 72 * HOUR


async def test_of_many_administrations_only_the_oldest_are_named(of: Ports) -> None:
    rows = await selected(of, administrations=OLDEST_SHOWN + 7)

    told = await figures(of)

    assert len(told.oldest) == OLDEST_SHOWN
    assert sum(told.ages) == len(rows)


async def test_what_is_left_of_the_quota_is_that_of_the_dossier_with_the_least(of: Ports) -> None:
    integration = IntegrationId(uuid4())
    for dossier, calls in ((1, 3), (2, 1)):
        for _ in range(calls):
            await of.calls.count(integration, DossierNumber(dossier), "accounts", 3)
    await of.calls.stop(integration, DossierNumber(3), "connect")

    told = await figures(of, accounts=3, connect=150, dossiers=150)

    assert told.calls_left == {"accounts": (0, 1), "connect": (0, 1), "dossiers": (150, 0)}
