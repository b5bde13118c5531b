"""A request ends at its deadline, and with its client: so does what the database does for it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.reading import SqlReader, SqlReaders
from monitr.application.reading.session import TookTooLong
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.language import Language
from monitr.domain.organisation import AdministrationId, OrganisationId
from tests.integration.http.a_server import Server, a_server, a_token, hear, say
from tests.integration.reading.stored_books import NOON, Place


@dataclass
class SlowBooks:
    """Books whose bookyears and journals take a minute. ``mark`` tells this test's statements from those of others."""

    engine: AsyncEngine
    organisation: OrganisationId
    administration: AdministrationId
    mark: str

    @asynccontextmanager
    async def __call__(
        self, organisation: OrganisationId, language: Language | None = None
    ) -> AsyncIterator[SqlReader]:
        async with SqlReaders(self.engine, lambda: NOON)(organisation) as reader:
            yield _Slow(reader.snapshot, self.mark)

    def request(self, field: str = "bookyears") -> dict[str, Any]:
        query = f"query ($id: ID!) {{ administration(id: $id) {{ {field} {{ __typename }} }} }}"
        return {"query": query, "variables": {"id": str(self.administration)}}

    async def statements(self) -> int:
        """How many of ours the database is working on."""
        async with self.engine.connect() as connection:
            return int(
                await connection.scalar(
                    text("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE :mark"),
                    {"mark": f"%/* {self.mark} */%"},
                )
            )


class _Slow(SqlReader):
    __slots__ = ("mark",)

    def __init__(self, snapshot: Any, mark: str) -> None:
        super().__init__(snapshot)
        object.__setattr__(self, "mark", mark)

    async def bookyears(self, id: AdministrationId) -> list[Bookyear]:
        await self.snapshot.rows(text(f"SELECT pg_sleep(60), CAST(:organisation AS uuid) /* {self.mark} */"))  # type: ignore[attr-defined]  # set above
        return []

    async def journals(self, id: AdministrationId) -> list[Journal]:
        sleepy = f"SELECT pg_sleep(60), CAST(:organisation AS uuid) /* {self.mark} */"  # type: ignore[attr-defined]  # as above
        await self.snapshot.many_rows(text(sleepy), {}, 10)
        return []


@pytest_asyncio.fixture
async def slow(engine: AsyncEngine) -> SlowBooks:
    place = await Place(engine).founded()
    return SlowBooks(engine, place.organisation, await place.an_administration(), uuid4().hex)


async def soon(holds: Callable[[], Awaitable[bool]]) -> bool:
    """Within a second."""
    for _ in range(20):
        if await holds():
            return True
        await asyncio.sleep(0.05)
    return False


@asynccontextmanager
async def reading(slow: SlowBooks, **settings: Any) -> AsyncIterator[Server]:
    before = slow.engine.pool.checkedout()  # type: ignore[attr-defined]  # of QueuePool
    async with a_server(read_from=slow, **settings) as server:
        yield server
    assert slow.engine.pool.checkedout() == before  # type: ignore[attr-defined]  # as above


async def is_at_work(slow: SlowBooks) -> bool:
    return await slow.statements() == 1


async def is_idle(slow: SlowBooks) -> bool:
    return await slow.statements() == 0


@pytest.mark.parametrize("field", ["bookyears", "journals"])  # all rows at once, and in portions
async def test_at_its_deadline_a_request_is_answered_in_words_and_its_statement_ends(
    slow: SlowBooks, field: str
) -> None:
    async with reading(slow, request_deadline=timedelta(seconds=0.3)) as server:
        answer = await server.post(slow.request(field), a_token(organisation=slow.organisation))
        assert await slow.statements() == 0

    assert answer.status_code == 200
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["DEADLINE_EXCEEDED"]


async def test_a_client_that_hangs_up_ends_its_statement(slow: SlowBooks) -> None:
    async with reading(slow) as server:
        asking = asyncio.create_task(server.post(slow.request(), a_token(organisation=slow.organisation)))
        assert await soon(lambda: is_at_work(slow))
        asking.cancel()
        assert await soon(lambda: is_idle(slow))


async def test_a_socket_that_closes_ends_its_statements(slow: SlowBooks) -> None:
    async with reading(slow) as server:
        async with server.socket() as socket:
            authorization = f"Bearer {a_token(organisation=slow.organisation)}"
            await say(socket, type="connection_init", payload={"authorization": authorization})
            await hear(socket)
            await say(socket, type="subscribe", id="1", payload=slow.request())
            assert await soon(lambda: is_at_work(slow))
        assert await soon(lambda: is_idle(slow))


async def test_an_operation_of_a_socket_that_is_completed_ends_its_statement(slow: SlowBooks) -> None:
    async with reading(slow) as server, server.socket() as socket:
        authorization = f"Bearer {a_token(organisation=slow.organisation)}"
        await say(socket, type="connection_init", payload={"authorization": authorization})
        await hear(socket)
        await say(socket, type="subscribe", id="1", payload=slow.request())
        assert await soon(lambda: is_at_work(slow))
        await say(socket, type="complete", id="1")
        assert await soon(lambda: is_idle(slow))


async def test_the_database_itself_ends_a_statement_that_nobody_cancels(slow: SlowBooks) -> None:
    readers = SqlReaders(slow.engine, lambda: NOON, timedelta(milliseconds=50))
    with pytest.raises(TookTooLong):
        async with readers(slow.organisation) as reader:
            await reader.snapshot.rows(text("SELECT pg_sleep(60), CAST(:organisation AS uuid)"))
