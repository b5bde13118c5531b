"""The HTTP app in a real server on the loopback interface, over the fakes of the unit tests."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect

from monitr.adapters.security.bearer_tokens import BearerTokens
from monitr.adapters.security.development_tokens import sign
from monitr.application.bearer_tokens import VerifyToken
from monitr.application.reading.reader import Readers
from monitr.application.signing_in import FindSignIn, nobodys_sign_in
from monitr.bootstrap.exports import WRITERS
from monitr.domain.administration import Administration
from monitr.domain.language import Language
from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Principal, Role
from monitr.entrypoints.http.app import create_app
from monitr.entrypoints.http.dependencies import HttpDependencies, HttpSettings
from monitr.entrypoints.http.door import Server as HttpServer
from monitr.entrypoints.http.door import server_config
from tests.components.graphql.an_api import DAILY_MAXIMA, the_use_cases
from tests.components.graphql.fake_reader import FakeProgress, FakeReader, FakeReaders
from tests.unit.fakes import MINE, FakeOctopus, FakeOctopusLogin, FakeTransactions

SECRET = "a development secret, long enough"
CARDS = "{ integrationProviders { key } }"
PROTOCOL = "graphql-transport-ws"


def now() -> datetime:
    return datetime.now(UTC)


def a_token(
    *roles: Role,
    subject: str = "anna",
    organisation: OrganisationId = MINE,
    life: timedelta = timedelta(hours=1),
) -> str:
    granted = frozenset(roles or {Role.ORGANISATION_ADMIN})
    return sign(SECRET, Principal(organisation, subject, granted), now(), life, None, None)


@dataclass
class Server:
    url: str
    world: FakeTransactions
    readers: FakeReaders
    client: httpx.AsyncClient

    async def post(self, body: Any = None, token: str | None = "", **headers: str) -> httpx.Response:
        """One GraphQL request, by an ORGANISATION_ADMIN unless another token (or none) is given."""
        authorization = {} if token is None else {"authorization": f"Bearer {token or a_token()}"}
        return await self.client.post(
            "/graphql",
            json=body if body is not None else {"query": CARDS},
            headers={**authorization, **{name.replace("_", "-"): value for name, value in headers.items()}},
        )

    def socket(self, **settings: Any) -> connect:
        return connect(self.url.replace("http", "ws") + "/graphql", subprotocols=[PROTOCOL], **settings)  # type: ignore[list-item]  # websockets has a NewType for it


def _never_scheduled(administration: Administration) -> None:
    return None


def an_app(*, slow: bool = False) -> Starlette:
    """Without a server; with ``slow``, nothing that is read ever arrives."""
    known = FakeTransactions()
    return create_app(over_fakes(_NeverRead(known) if slow else FakeReaders(known)))


def over_fakes(readers: FakeReaders) -> HttpDependencies:
    return HttpDependencies(
        the_use_cases(readers.world, FakeOctopus(), FakeOctopusLogin()),
        readers,
        FakeProgress(readers.world),
        BearerTokens(now, SECRET),
        now,
        HttpSettings("http://testserver"),
        _never_scheduled,
        DAILY_MAXIMA,
        registry=CollectorRegistry(),
    )


class _NeverRead(FakeReaders):
    @asynccontextmanager
    async def __call__(
        self, organisation: OrganisationId, language: Language | None = None
    ) -> AsyncIterator[FakeReader]:
        await asyncio.Event().wait()
        yield FakeReader(self, organisation)


async def say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def hear(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 5))
    return message


@asynccontextmanager
async def a_server(
    world: FakeTransactions | None = None,
    octopus: FakeOctopus | None = None,
    login: FakeOctopusLogin | None = None,
    readiness: dict[str, Any] | None = None,
    read_from: Readers | None = None,
    verify_token: VerifyToken | None = None,
    sign_in: FindSignIn = nobodys_sign_in,
    **settings: Any,
) -> AsyncIterator[Server]:
    """``settings`` are those of HttpSettings; PUBLIC_URL is the server's own address unless it is given. Books are
    those of the fake unless they are ``read_from`` elsewhere."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    known = world or FakeTransactions()
    readers = FakeReaders(known)
    app = create_app(
        HttpDependencies(
            the_use_cases(known, octopus or FakeOctopus(), login or FakeOctopusLogin(), readers=read_from or readers),
            read_from or readers,
            FakeProgress(known),
            verify_token or BearerTokens(now, SECRET),
            now,
            HttpSettings(**{"public_url": url, **settings}),
            _never_scheduled,
            DAILY_MAXIMA,
            readiness or {},
            CollectorRegistry(),
            export_writers=WRITERS,
            sign_in=sign_in,
        )
    )
    server = HttpServer(server_config(app, grace_seconds=2))
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        async with httpx.AsyncClient(base_url=url) as client:
            yield Server(url, known, readers, client)
    finally:
        server.should_exit = True
        await serving
