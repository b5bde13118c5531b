"""The courier as a worker process has it, put together by the composition root: it runs by itself, for everybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.engine import create_engine
from monitr.bootstrap.ports import Ports, open_ports
from monitr.bootstrap.webhooks import webhook_courier
from monitr.bootstrap.worker import worker
from monitr.domain.webhooks import TargetStatus
from tests.integration.jobs.queued_runs import settings_for
from tests.integration.webhooks.outgoing import Outgoing, elsewhere
from tests.integration.webhooks.receivers import HANG, a_receiver


@pytest_asyncio.fixture
async def of(fresh_database: str) -> AsyncIterator[Ports]:
    settings = settings_for(fresh_database).model_copy(update={"webhooks_allow_loopback": True})
    async with open_ports(settings, fresh_database, "test") as opened:
        yield opened


@pytest_asyncio.fixture
async def world(of: Ports, fresh_database: str) -> AsyncIterator[Outgoing]:
    """With the key of ``settings_for``, so that courier and test read the same secrets."""
    engine: AsyncEngine = create_engine(fresh_database)
    outgoing = Outgoing(engine, key=bytes(range(32)))
    yield outgoing
    await outgoing.sender.close()
    await engine.dispose()


@asynccontextmanager
async def a_courier(of: Ports) -> AsyncIterator[None]:
    running = asyncio.create_task(webhook_courier(of).run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_events_arrive_by_themselves_at_every_target_of_every_organisation(of: Ports, world: Outgoing) -> None:
    theirs = elsewhere(world)
    async with a_receiver() as one, a_receiver() as two, a_receiver() as other, a_courier(of):
        for receiver in (one, two):
            await world.target(receiver.url)
        _, secret = await theirs.target(other.url)
        await world.some_events(2)
        await theirs.some_events(1)

        assert [request.type for request in await one.has(3)] == [request.type for request in await two.has(3)]
        received = await other.has(2)
        assert [request.verified(secret)["type"] for request in received] == [
            "administration.selected",
            "import.queued",
        ]


async def test_a_target_that_hangs_holds_up_no_other(of: Ports, world: Outgoing) -> None:
    async with a_receiver(HANG, HANG, HANG) as slow, a_receiver() as quick, a_courier(of):
        await world.target(slow.url)
        await world.target(quick.url)
        administration = await world.an_administration()
        await slow.has(1)
        await world.some_events(4, administration)
        await quick.has(5)
        assert len(slow.received) == 1


async def test_a_courier_that_is_stopped_in_the_middle_loses_nothing(of: Ports, world: Outgoing) -> None:
    async with a_receiver(HANG) as receiver:
        target, _ = await world.target(receiver.url)
        await world.some_events(1)
        async with a_courier(of):
            await receiver.has(1)
        assert (await world.seen(target)).status is TargetStatus.ACTIVE
        claims = await world.deliveries.claim(timedelta(seconds=1), 1)
        assert claims == []  # until the claim of the stopped one has run out


async def test_every_worker_has_a_courier(of: Ports) -> None:
    parts = worker(of)
    try:
        assert any("Courier.run" in repr(run) for run in parts.background)
    finally:
        await asyncio.to_thread(parts.close)
