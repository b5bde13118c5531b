import asyncio
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from monitr.domain.import_run import ImportRun, ImportStatus
from monitr.domain.roles import Role
from monitr.entrypoints.http import graphql_endpoint, graphql_socket
from tests.integration.http.a_server import Server, a_server, a_token, hear, say
from tests.unit.fakes import NOON, FakeTransactions, a_run, an_administration

BOOKS = an_administration()
QUERY = "subscription ($id: ID!) { importProgress(administrationId: $id) { status progress } }"


def a_world(run: ImportRun | None = None) -> FakeTransactions:
    return FakeTransactions((), (), [BOOKS], [run] if run else [])


async def greet(socket: ClientConnection, token: str | None = None) -> None:
    await say(socket, type="connection_init", payload={"authorization": f"Bearer {token or a_token()}"})
    assert await hear(socket) == {"type": "connection_ack"}


async def subscribe(socket: ClientConnection, id: str = "1", query: str = QUERY) -> None:
    await say(socket, type="subscribe", id=id, payload={"query": query, "variables": {"id": str(BOOKS.id)}})


async def closing(socket: ClientConnection) -> int | None:
    await asyncio.wait_for(socket.wait_closed(), 5)
    return socket.close_code


async def test_changes_arrive_within_a_second_and_end_with_the_run() -> None:
    run = a_run(BOOKS).begin(NOON)
    async with a_server(a_world(run)) as server, server.socket() as socket:
        await greet(socket)
        await subscribe(socket)
        first = await hear(socket)
        server.world.committed.runs[run.id] = run.advanced(0.5)
        second = await asyncio.wait_for(hear(socket), 1)
        server.world.committed.runs[run.id] = run.advanced(0.5).cancelled(NOON)
        third, last = await hear(socket), await hear(socket)
        assert server.readers.open == 0

    assert [message["payload"]["data"]["importProgress"]["status"] for message in (first, second, third)] == [
        "RUNNING",
        "RUNNING",
        "CANCELLED",
    ]
    assert last == {"id": "1", "type": "complete"}


async def test_without_runs_it_completes_at_once() -> None:
    async with a_server(a_world()) as server, server.socket() as socket:
        await greet(socket)
        await subscribe(socket)
        assert await hear(socket) == {"id": "1", "type": "complete"}


@pytest.mark.parametrize(
    "payload",
    [None, {}, {"authorization": "Bearer nonsense"}, {"authorization": a_token()}, {"authorization": 7}],
)
async def test_a_connection_without_a_valid_token_is_closed_with_4403(payload: Any) -> None:
    async with a_server(a_world()) as server, server.socket() as socket:
        await say(socket, type="connection_init", **({} if payload is None else {"payload": payload}))
        assert await closing(socket) == 4403


async def test_a_subscription_before_the_greeting_is_closed_with_4401() -> None:
    async with a_server(a_world()) as server, server.socket() as socket:
        await subscribe(socket)
        assert await closing(socket) == 4401


async def test_a_connection_ends_with_4403_when_its_token_runs_out() -> None:
    run = a_run(BOOKS).begin(NOON)
    async with a_server(a_world(run)) as server, server.socket() as socket:
        await greet(socket, a_token(life=timedelta(seconds=2)))
        await subscribe(socket)
        assert await closing(socket) == 4403


async def test_queries_work_over_the_same_connection() -> None:
    async with a_server(a_world()) as server, server.socket() as socket:
        await greet(socket)
        await subscribe(socket, query="query ($id: ID!) { administration(id: $id) { name } }")
        answer = await hear(socket)
        assert answer["payload"]["data"] == {"administration": {"name": "Demo BV"}}
        assert await hear(socket) == {"id": "1", "type": "complete"}
        assert server.readers.open == 0


async def test_who_may_not_see_imports_is_told_so() -> None:
    async with a_server(a_world(a_run(BOOKS))) as server, server.socket() as socket:
        await greet(socket, a_token(Role.RECEIVABLES_ONLY))
        await subscribe(socket)
        answer = await hear(socket)
    assert answer["payload"]["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_operations_over_a_connection_count_for_the_rate_too() -> None:
    async with a_server(a_world(), rate_limit=1) as server, server.socket() as socket:
        await greet(socket)
        await subscribe(socket, "1")
        assert (await hear(socket))["type"] == "complete"
        await subscribe(socket, "2")
        refused = await hear(socket)
    assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "RATE_LIMITED")


async def test_a_page_of_another_origin_cannot_connect() -> None:
    async with a_server(frontend_origins=frozenset({"https://app.monitr.test"})) as server:
        with pytest.raises(InvalidStatus):
            await server.socket(origin="https://evil.test")
        async with server.socket(origin="https://app.monitr.test") as socket:
            await greet(socket)


async def test_a_hundred_followers_of_one_import_all_see_its_end() -> None:
    run = a_run(BOOKS).begin(NOON)

    async def follow(server: Server) -> str:
        async with server.socket() as socket:
            await greet(socket)
            await subscribe(socket)
            status = ""
            while (message := await hear(socket))["type"] == "next":
                status = message["payload"]["data"]["importProgress"]["status"]
            return status

    async with a_server(a_world(run)) as server:
        followers = [asyncio.create_task(follow(server)) for _ in range(100)]
        await asyncio.sleep(1)
        server.world.committed.runs[run.id] = run.cancelled(NOON)
        assert set(await asyncio.gather(*followers)) == {ImportStatus.CANCELLED.value}


async def test_a_hash_stands_for_a_text_over_a_connection_too() -> None:
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": sha256(QUERY.encode()).hexdigest()}}
    payload = {"variables": {"id": str(BOOKS.id)}, "extensions": persisted}
    run = a_run(BOOKS, status=ImportStatus.CANCELLED)
    async with a_server(a_world(run)) as server, server.socket() as socket:
        await greet(socket)
        await say(socket, type="subscribe", id="1", payload=payload)
        unknown = await hear(socket)
        await say(socket, type="subscribe", id="2", payload={"query": QUERY, **payload})
        sent, _ = await hear(socket), await hear(socket)
        await say(socket, type="subscribe", id="3", payload=payload)
        known = await hear(socket)
    assert (unknown["type"], unknown["payload"][0]["message"]) == ("error", "PersistedQueryNotFound")
    assert known["payload"] == sent["payload"]
    assert known["payload"]["data"]["importProgress"]["status"] == "CANCELLED"


async def test_a_subscription_that_costs_too_much_never_begins() -> None:
    changes = " ".join(f"a{n}: importChanges(first: 500) {{ edges {{ node {{ kind }} }} }}" for n in range(30))
    query = f"subscription ($id: ID!) {{ importProgress(administrationId: $id) {{ {changes} }} }}"
    async with a_server(a_world(a_run(BOOKS).begin(NOON))) as server, server.socket() as socket:
        await greet(socket)
        await subscribe(socket, query=query)
        answer = await hear(socket)
    assert answer["type"] == "error"
    assert answer["payload"][0]["extensions"]["code"] == "QUERY_TOO_COSTLY"


async def test_the_reason_of_a_closed_socket_fits_its_frame() -> None:
    async with a_server() as server, server.socket() as socket:
        await greet(socket)
        await say(socket, type="unknown " + "é" * 500)
        assert await closing(socket) == 4400


async def test_a_user_has_so_many_sockets_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphql_socket, "MOST_SOCKETS", 2)
    async with a_server() as server, server.socket() as one, server.socket() as other, server.socket() as third:
        await greet(one)
        await greet(other)
        await say(third, type="connection_init", payload={"authorization": f"Bearer {a_token()}"})
        assert await closing(third) == 4429
        assert str(third.close_reason).startswith("Too many sockets")
        async with server.socket() as of_somebody_else:
            await greet(of_somebody_else, a_token(subject="bert"))
        await one.close()
        async with server.socket() as instead:
            await greet(instead)


async def test_a_user_has_so_many_operations_on_all_sockets_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphql_endpoint, "MOST_OPERATIONS", 2)
    async with a_server(a_world(a_run(BOOKS).begin(NOON))) as server, server.socket() as one, server.socket() as other:
        for socket in (one, other):
            await greet(socket)
            await subscribe(socket)
            assert (await hear(socket))["type"] == "next"
        await subscribe(other, "2")
        refused = await hear(other)
        await say(one, type="complete", id="1")
        await say(one, type="ping")
        await hear(one)
        await subscribe(other, "3")
        assert (await hear(other))["type"] == "next"
    assert (refused["id"], refused["type"]) == ("2", "error")
    assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS"


async def test_a_browser_says_its_language_in_the_greeting() -> None:
    """It cannot set the header of the upgrade."""
    query = "{ integrationProviders { datasets { usedFor } } }"
    async with a_server(a_world()) as server, server.socket() as socket:
        payload = {"authorization": f"Bearer {a_token()}", "Accept-Language": "es, nl;q=0.5"}
        await say(socket, type="connection_init", payload=payload)
        assert await hear(socket) == {"type": "connection_ack"}
        await subscribe(socket, query=query)
        answer = await hear(socket)

    assert answer["payload"]["data"]["integrationProviders"][0]["datasets"][2] == {
        "usedFor": "Rapporten per kostenplaats"
    }
