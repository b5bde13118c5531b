"""Live progress against a real database: told at once by the process that works, at the cost of one subscriber."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import event, text

from monitr.adapters.sql.database.tenancy import transaction
from monitr.application.reading.progress import ChangedRun
from monitr.bootstrap.ports import Ports
from monitr.domain.import_run import ImportRun, ImportStatus
from monitr.entrypoints.graphql.execution.progress_hub import INTERVAL, WHILE_LISTENING, ProgressHub
from tests.integration.jobs.queued_runs import opened, queue, selected

STEPS = 5


@pytest_asyncio.fixture(loop_scope="session")
async def of(fresh_database: str) -> AsyncIterator[Ports]:
    """The process that people ask."""
    async with opened(fresh_database) as services:
        yield services


@pytest_asyncio.fixture(loop_scope="session")
async def working(fresh_database: str) -> AsyncIterator[Ports]:
    """The process that works."""
    async with opened(fresh_database) as services:
        yield services


@dataclass
class Statements:
    count: int = 0


@contextmanager
def counted(of: Ports) -> Iterator[Statements]:
    statements = Statements()

    def one_more(*_: object) -> None:
        statements.count += 1

    event.listen(of.engine.sync_engine, "before_cursor_execute", one_more)
    try:
        yield statements
    finally:
        event.remove(of.engine.sync_engine, "before_cursor_execute", one_more)


async def save(of: Ports, run: ImportRun) -> None:
    async with of.transactions(run.organisation_id) as unit:
        await unit.imports.save(run)
        await unit.commit()


async def a_run_at_work(working: Ports) -> ImportRun:
    (run,) = await queue(working, await selected(working))
    await save(working, run.begin(working.clock()))
    return run.begin(working.clock())


async def work(working: Ports, run: ImportRun) -> None:
    """Some steps forward, slower than the hub's breath, and the end."""
    for step in range(1, STEPS + 1):
        await asyncio.sleep(0.3)
        await save(working, run.advanced(step / 10))
    await asyncio.sleep(0.3)
    await save(working, run.advanced(STEPS / 10).cancelled(working.clock()))


async def followed(of: Ports, working: Ports, subscribers: int) -> tuple[list[list[ImportRun]], int]:
    """What each subscriber saw, and what all of them cost."""
    hub, run = ProgressHub(of.progress, changes=of.run_changes), await a_run_at_work(working)

    async def follow() -> list[ImportRun]:
        return [state async for state in hub.follow(run.organisation_id, run.administration_id)]

    with counted(of) as statements:
        following = [asyncio.create_task(follow()) for _ in range(subscribers)]
        await work(working, run)
        seen = await asyncio.wait_for(asyncio.gather(*following), 10)
    await hub.close()
    return seen, statements.count


async def test_a_hundred_subscribers_cost_no_more_statements_than_one(of: Ports, working: Ports) -> None:
    _, alone = await followed(of, working, subscribers=1)
    seen, together = await followed(of, working, subscribers=100)

    print(f"statements for one run with {STEPS + 1} changes: 1 subscriber {alone}, 100 subscribers {together}")
    assert {states[-1].status for states in seen} == {ImportStatus.CANCELLED}
    assert {len(states) for states in seen} == {STEPS + 2}
    assert together <= alone + 3  # a look more or less: three statements


async def test_each_change_is_told_long_before_anybody_would_look(of: Ports, working: Ports) -> None:
    hub, run = ProgressHub(of.progress, changes=of.run_changes), await a_run_at_work(working)
    arrived: asyncio.Queue[float] = asyncio.Queue()

    async def follow() -> None:
        async for state in hub.follow(run.organisation_id, run.administration_id):
            arrived.put_nowait(state.progress)

    follower = asyncio.create_task(follow())
    assert await arrived.get() == 0
    await asyncio.sleep(1)
    delays = []
    for step in range(1, STEPS + 1):
        begun = asyncio.get_running_loop().time()
        await save(working, run.advanced(step / 10))
        # by itself it would look after INTERVAL * WHILE_LISTENING, five seconds
        assert await asyncio.wait_for(arrived.get(), (INTERVAL * WHILE_LISTENING).total_seconds() / 2) == step / 10
        delays.append(asyncio.get_running_loop().time() - begun)
        await asyncio.sleep(0.3)
    follower.cancel()
    await hub.close()
    print("a change is told after", [f"{delay * 1000:.0f} ms" for delay in delays])


async def test_it_goes_on_when_the_listening_connection_was_cut(of: Ports, working: Ports) -> None:
    hub, run = ProgressHub(of.progress, timedelta(seconds=0.2), changes=of.run_changes), await a_run_at_work(working)
    states = hub.follow(run.organisation_id, run.administration_id)
    assert (await anext(states)).status is ImportStatus.RUNNING
    following = asyncio.ensure_future(anext(states))
    await asyncio.sleep(0.5)
    async with working.engine.begin() as connection:
        cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'monitr-progress'"
        assert (await connection.execute(text(f"{cut} AND datname = current_database()"))).scalar_one() == 1

    await save(working, run.cancelled(working.clock()))

    assert (await asyncio.wait_for(following, 5)).status is ImportStatus.CANCELLED
    await hub.close()


async def test_a_run_that_is_queued_is_told_to_who_follows_all_before_anybody_would_look(
    of: Ports, working: Ports
) -> None:
    (mine,) = await selected(working)
    hub = ProgressHub(of.progress, changes=of.run_changes)
    states = hub.follow_all(mine.organisation_id)
    waiting = asyncio.ensure_future(anext(states))
    await asyncio.sleep(1)  # until it listens

    (run,) = await queue(working, [mine])

    told = await asyncio.wait_for(waiting, (INTERVAL * WHILE_LISTENING).total_seconds() / 2)
    assert (told.id, told.status) == (run.id, ImportStatus.QUEUED)
    await states.aclose()
    await hub.close()


@pytest.mark.parametrize("renewals", [3])
async def test_renewing_a_lease_is_no_news(of: Ports, working: Ports, renewals: int) -> None:
    run = await a_run_at_work(working)
    told = of.run_changes.listen()
    assert await anext(told) is None
    for _ in range(renewals):
        async with transaction(working.engine, None) as connection:
            await connection.execute(
                text("UPDATE import_run SET lease_until = clock_timestamp() + interval '1 minute'")
            )
    await save(working, run.advanced(0.5))

    assert await asyncio.wait_for(anext(told), 5) == ChangedRun(run.organisation_id, run.id)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(told), 0.3)
    await told.aclose()
