"""The sandbox without a network, a thread or a wall clock: for a simulation that has to repeat itself exactly."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import NoReturn

import httpx
from starlette.types import ASGIApp, Message

from octopus_sandbox import api
from octopus_sandbox.answers.connection import CONNECTION
from octopus_sandbox.app import create_app
from octopus_sandbox.clock import Clock
from octopus_sandbox.oauth import server as oauth
from octopus_sandbox.oauth.login_walk import authorise_query, login_walk
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.settings import SandboxSettings

_GIVES_UP = 86_400.0
"""Seconds after which a connection that hangs is taken to be dead, where the caller has no timeout of its own."""


class InProcessSandbox:
    """A sandbox behind an httpx transport. All time that passes is that of the clock it was given."""

    url = "http://octopus.test"
    api_url = url + api.PREFIX
    authorize_url = f"{url}{oauth.PREFIX}/authorize"
    token_url = f"{url}{oauth.PREFIX}/token"

    def __init__(self, settings: SandboxSettings, clock: Clock) -> None:
        self.app = create_app(settings, clock, in_threads=False)
        self.sandbox: Sandbox = self.app.state.sandbox
        self.transport = InProcessTransport(self.app, clock)

    async def authorise(
        self, authorization_url: str, *, user: str = "demo", password: str | None = None, deny: bool = False
    ) -> str:
        """The callback address to which login and consent lead; ValueError where Octopus shows an error page."""
        walk = login_walk(authorization_url, user, password, deny=deny)
        async with httpx.AsyncClient(transport=self.transport, follow_redirects=False) as browser:
            asked = next(walk)
            while True:
                method = "GET" if asked.form is None else "POST"
                try:
                    asked = walk.send(await browser.request(method, asked.address, data=asked.form))
                except StopIteration as landed:
                    return str(landed.value)

    async def authorise_code(self, *, user: str = "demo", redirect_uri: str = "http://127.0.0.1/callback") -> str:
        """An authorisation code for a login."""
        query = authorise_query(self.sandbox.settings.client_id, redirect_uri)
        callback = await self.authorise(str(httpx.URL(self.authorize_url, params=query)), user=user)
        return httpx.URL(callback).params["code"]


class InProcessTransport(httpx.AsyncBaseTransport):
    """Calls an application as a server would, and breaks and times out as a network would.

    What the answer takes passes before the caller gets its head; how the connection ends, it learns while it reads the
    body.
    """

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = Exchange(request, await request.aread(), self._clock)
        with suppress(_Broken):
            await self._app(exchange.scope, exchange.receive, exchange.send)
        if exchange.broken is not None and exchange.status is None:
            raise exchange.broken
        return httpx.Response(exchange.status or 500, headers=exchange.headers, stream=exchange)


class _Broken(Exception):
    """Nobody is left to send to."""


class Exchange(httpx.AsyncByteStream):
    """One request with its answer: an ASGI server's side, the connection, and the body as the caller reads it."""

    def __init__(self, request: httpx.Request, body: bytes, clock: Clock) -> None:
        timeouts = request.extensions.get("timeout", {})
        self._patience: float | None = timeouts.get("read")
        self._request = request
        self._body = body
        self._clock = clock
        self._parts: list[bytes] = []
        self.status: int | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.broken: httpx.TransportError | None = None
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "server": (request.url.host, request.url.port),
            "client": ("127.0.0.1", 0),
            "root_path": "",
            "extensions": {CONNECTION: self},
        }

    async def receive(self) -> Message:
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: Message) -> None:
        if self.broken is not None:
            return  # the error page of an application that lost its caller
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self._parts.append(message.get("body", b""))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            if part:
                yield part
        if self.broken is not None:
            raise self.broken

    # --- the connection --------------------------------------------------------------------------------

    async def pause(self, seconds: float) -> None:
        if self._patience is not None and seconds >= self._patience:
            await self._clock.wait(self._patience)
            self._break(httpx.ReadTimeout("nothing came in time", request=self._request))
        await self._clock.wait(seconds)

    async def hang(self) -> None:
        await self.pause(_GIVES_UP)
        self._break(httpx.ReadError("the connection is dead", request=self._request))

    async def reset(self) -> None:
        self._break(httpx.ReadError("connection reset by peer", request=self._request))

    async def close(self) -> None:
        self._break(httpx.RemoteProtocolError("the body ended too early", request=self._request))

    def _break(self, error: httpx.TransportError) -> NoReturn:
        self.broken = error
        raise _Broken
