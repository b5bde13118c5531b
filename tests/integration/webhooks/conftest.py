"""An organisation of the test's own; no target outlives its test, since a courier serves those of all organisations."""

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.webhooks.outgoing import Outgoing


@pytest_asyncio.fixture
async def outgoing(engine: AsyncEngine) -> AsyncIterator[Outgoing]:
    world = Outgoing(engine)
    yield world
    await world.sender.close()
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM webhook_target"))
