"""A database for each test: the courier serves all organisations, those of other tests included."""

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.engine import create_engine
from tests.integration.webhooks.outgoing import Outgoing


@pytest_asyncio.fixture
async def own_engine(fresh_database: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(fresh_database, application_name="monitr-tests")
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def outgoing(own_engine: AsyncEngine) -> AsyncIterator[Outgoing]:
    world = Outgoing(own_engine)
    yield world
    await world.sender.close()
