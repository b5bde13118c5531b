from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.reading import SqlReaders
from monitr.application.reading.reader import Reader, Readers
from tests.integration.reading.stored_books import NOON, Place


@pytest.fixture
def readers(engine: AsyncEngine) -> SqlReaders:
    return SqlReaders(engine, lambda: NOON)


@pytest_asyncio.fixture
async def place(engine: AsyncEngine) -> Place:
    return await Place(engine).founded()


@pytest_asyncio.fixture
async def reader(place: Place, readers: Readers) -> AsyncIterator["Mine"]:
    yield Mine(place, readers)


class Mine:
    """A reader of the place's organisation for one question: ``async with mine() as reader``."""

    def __init__(self, place: Place, readers: Readers) -> None:
        self.place = place
        self.readers = readers

    def __call__(self) -> AbstractAsyncContextManager[Reader]:
        return self.readers(self.place.organisation)


@pytest.fixture
def statements(engine: AsyncEngine) -> Any:
    """``with statements() as sql``: the statements sent, the set-up of the transaction left out."""

    @contextmanager
    def recorded():
        sent: list[str] = []

        def note(connection, cursor, statement, parameters, context, executemany):
            if "set_config" not in statement:
                sent.append(statement)

        event.listen(engine.sync_engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(engine.sync_engine, "before_cursor_execute", note)

    return recorded
