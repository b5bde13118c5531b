"""Queued runs are worked on exactly once, whichever broker wakes the workers up, and whatever it loses."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import dramatiq
import pytest
import pytest_asyncio
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from sqlalchemy import text

from monitr.adapters.jobs.broker import broker_trouble, make_broker
from monitr.adapters.sql.database.tenancy import transaction
from monitr.application.ports import Claim
from monitr.bootstrap.ports import Ports
from monitr.bootstrap.worker import worker_is_alive
from tests.integration.jobs.flickering_broker import Flickering
from tests.integration.jobs.queued_runs import NEVER, PATIENCE_SECONDS, Notebook, a_worker, opened, queue, selected

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["in-process", "redis", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> str | None:
    """The address of each broker in turn."""
    if request.param == "in-process":
        return None
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def queue_name(request: pytest.FixtureRequest) -> Iterator[str]:
    """A queue of the test's own, gone afterwards."""
    name = f"monitr-test-{uuid4().hex[:12]}"
    yield name
    if "broker" in request.fixturenames:
        _forget(make_broker(request.getfixturevalue("broker"), queue=name), name)


def _forget(broker: dramatiq.Broker, name: str) -> None:
    broker.flush_all()
    if isinstance(broker, RabbitmqBroker):
        for queue in (name, f"{name}.DQ", f"{name}.XQ"):
            broker.channel.queue_delete(queue)
    broker.close()


@pytest_asyncio.fixture(loop_scope="session")
async def of(fresh_database: str, request: pytest.FixtureRequest) -> AsyncIterator[Ports]:
    address = request.getfixturevalue("broker") if "broker" in request.fixturenames else None
    async with opened(fresh_database, address) as services:
        yield services


@pytest.mark.usefixtures("broker")
async def test_queued_runs_reach_the_workers_through_the_broker_and_are_worked_on_once(
    of: Ports, queue_name: str
) -> None:
    # no sweep comes to help: see NEVER
    notebook = Notebook(of)
    async with AsyncExitStack() as workers:
        for _ in range(2):
            await workers.enter_async_context(a_worker(of, notebook.work_on, queue=queue_name))
        await asyncio.sleep(1)  # they have looked for runs, and found none
        runs = await queue(of, await selected(of, administrations=9))
        await notebook.holds(9)

    assert sorted(notebook.worked) == sorted(run.id for run in runs)


async def test_a_broker_that_has_lost_every_message_loses_nothing(of: Ports, queue_name: str) -> None:
    runs = await queue(of, await selected(of, administrations=5))
    async with transaction(of.engine, None) as connection:  # published, and gone
        await connection.execute(text("UPDATE outbox SET published_at = now()"))
    notebook = Notebook(of)

    async with a_worker(of, notebook.work_on, queue=queue_name, sweep_every=timedelta(seconds=0.2)):
        await notebook.holds(5)

    assert sorted(notebook.worked) == sorted(run.id for run in runs)


@pytest.mark.parametrize("broker_away", ["redis://127.0.0.1:9/0", "amqp://guest:guest@127.0.0.1:9"])
async def test_with_the_broker_away_the_sweep_goes_on(fresh_database: str, broker_away: str, queue_name: str) -> None:
    async with opened(fresh_database, broker_away) as of:
        notebook, sweep = Notebook(of), timedelta(seconds=0.2)
        async with a_worker(of, notebook.work_on, queue=queue_name, sweep_every=sweep):
            runs = await queue(of, await selected(of, administrations=3))
            await notebook.holds(3)
        async with transaction(of.engine, None) as connection:
            waiting = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
            assert (await connection.execute(text(waiting))).scalar_one() == 3  # for when it is back

    assert sorted(notebook.worked) == sorted(run.id for run in runs)


@pytest.mark.parametrize("kind", ["redis", "rabbitmq"])
async def test_when_the_broker_is_back_it_wakes_workers_up_again(
    fresh_database: str, kind: str, queue_name: str, request: pytest.FixtureRequest
) -> None:
    address = str(request.getfixturevalue(f"{kind}_url"))
    async with Flickering(address) as broker, opened(fresh_database, broker.address) as of:
        notebook, administrations = Notebook(of), await selected(of, administrations=6)
        async with a_worker(of, notebook.work_on, queue=queue_name):
            await queue(of, administrations[:2])
            await notebook.holds(2)
            await broker.go_away()
            await queue(of, administrations[2:4])
            await asyncio.sleep(1)
            await broker.come_back()
            await queue(of, administrations[4:])
            await notebook.holds(6)  # no sweep comes to help: see NEVER
    _forget(make_broker(address, queue=queue_name), queue_name)

    assert len(set(notebook.worked)) == 6


async def test_the_run_of_a_killed_worker_is_taken_over(of: Ports, fresh_database: str, queue_name: str) -> None:
    [run] = await queue(of, await selected(of))
    victim = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.jobs.stuck_worker", fresh_database, queue_name, "1.5"),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert victim.stdout is not None
        assert await asyncio.wait_for(victim.stdout.readline(), PATIENCE_SECONDS) == f"claimed {run.id}\n".encode()
        assert await worker_is_alive(fresh_database)
    finally:
        victim.kill()
        await victim.wait()
    notebook = Notebook(of)

    async with a_worker(of, notebook.work_on, queue=queue_name, sweep_every=timedelta(seconds=0.2)):
        await notebook.holds(1)

    assert notebook.worked == [run.id]


async def test_the_run_of_a_living_worker_is_left_to_it_however_long_it_takes(of: Ports, queue_name: str) -> None:
    await queue(of, await selected(of))
    lease, claimed = timedelta(seconds=1), asyncio.Event()
    second = Notebook(of)

    async def for_ever(claim: Claim) -> None:
        claimed.set()
        await asyncio.Event().wait()

    async with AsyncExitStack() as workers:
        await workers.enter_async_context(a_worker(of, for_ever, queue=queue_name, lease=lease, grace=timedelta()))
        await asyncio.wait_for(claimed.wait(), PATIENCE_SECONDS)
        impatient = a_worker(of, second.work_on, queue=queue_name, lease=lease, sweep_every=timedelta(seconds=0.1))
        async with impatient:
            await asyncio.sleep(3 * lease.total_seconds())

    assert second.worked == []


async def test_a_worker_that_stops_gives_its_run_back_at_once(of: Ports, queue_name: str) -> None:
    [run] = await queue(of, await selected(of))
    claimed, notebook = asyncio.Event(), Notebook(of)

    async def for_ever(claim: Claim) -> None:
        claimed.set()
        await asyncio.Event().wait()

    async with a_worker(of, for_ever, queue=queue_name, lease=NEVER, grace=timedelta()):
        await asyncio.wait_for(claimed.wait(), PATIENCE_SECONDS)
    async with a_worker(of, notebook.work_on, queue=queue_name):
        await notebook.holds(1)

    assert notebook.worked == [run.id]


async def test_whether_a_worker_is_alive_is_seen_from_outside(of: Ports, fresh_database: str, queue_name: str) -> None:
    assert not await worker_is_alive(fresh_database)
    async with a_worker(of, Notebook(of).work_on, queue=queue_name):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await worker_is_alive(fresh_database):  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.05)
    assert not await worker_is_alive(fresh_database)


async def test_a_broker_that_answers_is_no_trouble(broker: str | None) -> None:
    assert await broker_trouble(broker) is None


@pytest.mark.parametrize("address", ["redis://:hidden@127.0.0.1:9", "amqp://guest:hidden@127.0.0.1:9"])
async def test_a_broker_that_does_not_answer_is_told_in_one_sentence_without_its_password(address: str) -> None:
    trouble = await broker_trouble(address)

    assert trouble is not None
    assert trouble.startswith("The broker does not answer")
    assert "hidden" not in trouble
