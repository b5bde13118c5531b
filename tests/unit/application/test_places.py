"""Nobody takes all connections from the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from monitr.application.reading.places import PLACES
from monitr.application.reading.reading import OpenReading, Reading, opening
from monitr.domain.language import Language
from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Principal, Role

ANNA = Principal(OrganisationId(uuid4()), "anna", frozenset({Role.ORGANISATION_ADMIN}))


class Connections:
    """Readers that answer nothing; ``open``: how many there are at the moment."""

    def __init__(self) -> None:
        self.open = 0

    @asynccontextmanager
    async def __call__(self, organisation: OrganisationId, language: Language | None = None) -> AsyncIterator[Any]:
        self.open += 1
        try:
            yield self
        finally:
            self.open -= 1


@pytest.fixture
def connections() -> Connections:
    return Connections()


@pytest.fixture
def open_reading(connections: Connections) -> OpenReading:
    return opening(connections)


async def nothing(_: object) -> None:
    pass


async def asked(reading: Reading) -> bool:
    """Whether the reading got a connection in these moments."""
    try:
        await asyncio.wait_for(reading.session.ask(nothing), 0.02)
    except TimeoutError:
        return False
    return True


async def reading_of(principal: Principal, open_reading: OpenReading, until: AsyncExitStack) -> Reading:
    return await until.enter_async_context(open_reading(principal))


async def test_a_user_takes_so_many_connections_and_no_other_user_waits(
    connections: Connections, open_reading: OpenReading
) -> None:
    async with AsyncExitStack() as until:
        mine = [await reading_of(ANNA, open_reading, until) for _ in range(4 * PLACES)]
        waiting = [asyncio.create_task(reading.session.ask(nothing)) for reading in mine]
        await asyncio.sleep(0)
        for other in (replace(ANNA, subject="bert"), replace(ANNA, organisation=OrganisationId(uuid4()))):
            assert await asked(await reading_of(other, open_reading, until))
        assert connections.open == PLACES + 2
        for task in waiting:
            task.cancel()


async def test_who_waits_is_next_when_a_reading_ends(open_reading: OpenReading) -> None:
    async with AsyncExitStack() as until:
        first = await reading_of(ANNA, open_reading, until)
        for reading in [first, *[await reading_of(ANNA, open_reading, until) for _ in range(PLACES - 1)]]:
            assert await asked(reading)
        last = asyncio.create_task((await reading_of(ANNA, open_reading, until)).session.ask(nothing))
        await asyncio.sleep(0.01)
        assert not last.done()
        await first.session.close()
        await asyncio.wait_for(last, 1)


async def test_who_stops_waiting_leaves_the_line_and_nothing_stays_behind(
    connections: Connections, open_reading: OpenReading
) -> None:
    async with AsyncExitStack() as until:
        readings = [await reading_of(ANNA, open_reading, until) for _ in range(PLACES)]
        assert all([await asked(reading) for reading in readings])
        async with AsyncExitStack() as impatient:
            asking = asyncio.create_task((await reading_of(ANNA, open_reading, impatient)).session.ask(nothing))
            await asyncio.sleep(0.01)
            asking.cancel()
    assert connections.open == 0
    async with AsyncExitStack() as until:
        assert all([await asked(await reading_of(ANNA, open_reading, until)) for _ in range(PLACES)])
