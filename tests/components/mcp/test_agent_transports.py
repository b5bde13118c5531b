"""Who an agent acts for: the token of the process, or that of each request over HTTP."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.testclient import TestClient

from monitr.adapters.security.bearer_tokens import BearerTokens
from monitr.entrypoints.http.admission import Admission
from monitr.entrypoints.http.rate_limit import RateLimit
from monitr.entrypoints.mcp.http import create_mcp_app
from monitr.entrypoints.mcp.server import NotAdmitted
from monitr.entrypoints.mcp.stdio import TokenOfProcess
from tests.components.graphql.fake_reader import FakeReaders
from tests.components.mcp.an_agent import BOOKS, SPAN, THEIRS, proven, the_api
from tests.integration.http.a_server import SECRET, a_token, now, over_fakes
from tests.unit.fakes import FakeTransactions

ADDRESS = "http://testserver/mcp"
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
HEADERS = {"accept": "application/json, text/event-stream", "authorization": f"Bearer {a_token()}"}


def of_process(token: str | None, per_minute: int | None = None) -> TokenOfProcess:
    admission = Admission(BearerTokens(now, SECRET), RateLimit(per_minute))
    return TokenOfProcess(the_api().connection.services, admission, token)


async def test_the_token_of_the_process_says_who_asks() -> None:
    connection = await of_process(a_token(subject="agent"))()
    assert connection.bearer
    assert connection.bearer.principal.subject == "agent"


@pytest.mark.parametrize(
    ("token", "why", "words"),
    [
        (None, "token.MISSING_IN", "MONITR_TOKEN is not set"),
        ("", "token.MISSING_IN", "MONITR_TOKEN is not set"),
        (a_token(life=timedelta(seconds=-1)), "token.EXPIRED_IN", "The token in MONITR_TOKEN has expired"),
        ("nonsense", "token.WRONG_IN", "The token in MONITR_TOKEN is wrong"),
    ],
    ids=["missing", "empty", "expired", "wrong"],
)
async def test_a_token_that_is_none_is_told_in_one_sentence(token: str | None, why: str, words: str) -> None:
    with pytest.raises(NotAdmitted, match=words) as refused:
        await of_process(token)()
    assert refused.value.extensions == {"code": "UNAUTHENTICATED"}
    assert refused.value.sentence.parameters == {"why": why, "why.setting": "MONITR_TOKEN"}


async def test_an_agent_has_the_rate_of_its_user() -> None:
    connect = of_process(a_token(), per_minute=1)
    await connect()
    with pytest.raises(NotAdmitted, match="Too many requests"):
        await connect()


@asynccontextmanager
async def over_http(token: str, mode: str) -> AsyncIterator[Client]:
    app = create_mcp_app(over_fakes(FakeReaders(FakeTransactions((), (), [BOOKS]), proven())))
    transport = httpx2.ASGITransport(app=app)
    headers = {"authorization": f"Bearer {token}"}
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, headers=headers) as http,
        Client(streamable_http_client(ADDRESS, http_client=http), mode=mode) as client,
    ):
        yield client


async def test_over_http_each_request_is_of_its_own_token_in_both_generations_of_the_protocol() -> None:
    stranger = a_token(organisation=THEIRS)
    async with over_http(a_token(), "auto") as mine, over_http(stranger, "legacy") as theirs:
        told = [(await agent.call_tool("TrialBalance", SPAN)).structured_content for agent in (mine, theirs)]
    assert [one["data"]["administration"] is None for one in told] == [False, True]


@pytest.fixture(scope="module")
def http() -> Iterator[TestClient]:
    with TestClient(create_mcp_app(over_fakes(FakeReaders(FakeTransactions())))) as client:
        yield client


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer nonsense"}, 401),
        ({"origin": "http://testserver"}, 200),
        ({"origin": "http://localhost:6274"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"host": "evil.example"}, 421),
        ({"host": "localhost.evil.example:8001"}, 421),
    ],
    ids=lambda given: " ".join(given.values())[:40] or "as it should be" if isinstance(given, dict) else None,
)
def test_no_page_of_a_stranger_and_nobody_without_a_token_gets_in(
    http: TestClient, changes: dict[str, str], status: int
) -> None:
    answered = http.post("/mcp", json=LIST, headers=HEADERS | changes)
    assert answered.status_code == status
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert answered.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("method", "body", "status"), [("GET", b"", 405), ("DELETE", b"", 405), ("POST", b"[" * 1_100_000, 413)]
)
def test_there_are_no_streams_no_sessions_and_no_endless_bodies(
    http: TestClient, method: str, body: bytes, status: int
) -> None:
    headers: dict[str, Any] = HEADERS | {"content-type": "application/json"}
    assert http.request(method, "/mcp", content=body, headers=headers).status_code == status
