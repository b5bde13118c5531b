"""The sandbox for tests: a real server on a port of its own, with everything behind it within reach."""

import socket
import ssl
import threading
import time
from types import TracebackType
from typing import Any, Self

import httpx
import uvicorn
from starlette.types import Receive, Scope, Send

from octopus_sandbox import api
from octopus_sandbox.app import create_app
from octopus_sandbox.books import Books
from octopus_sandbox.calls import CallLog
from octopus_sandbox.clock import Clock
from octopus_sandbox.oauth import server as oauth
from octopus_sandbox.oauth.login_walk import authorise_query, login_walk
from octopus_sandbox.quota import Quota
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.serving import configuration
from octopus_sandbox.settings import SandboxSettings
from octopus_sandbox.switches import Switches
from octopus_sandbox.trouble.faults import Faults
from octopus_sandbox.truth import Truth

_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loopback is plain HTTP: loading the machine's certificates would cost each browser 25 ms."""


class SandboxServer:
    """A context manager: the sandbox on an ephemeral loopback port, in a thread of its own."""

    def __init__(self, settings: SandboxSettings | None = None, clock: Clock | None = None) -> None:
        self.reset(settings, clock)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._port = 0

    def reset(self, settings: SandboxSettings | None = None, clock: Clock | None = None) -> None:
        """Begin again with a new sandbox on the same port: books, tokens, switches, faults and calls are new."""
        self._app = create_app(settings or SandboxSettings(), clock)
        self.sandbox: Sandbox = self._app.state.sandbox

    def __enter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._port = listener.getsockname()[1]
        self._server = uvicorn.Server(configuration(self._serve, "127.0.0.1", self._port))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 15
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        return self.url + api.PREFIX

    @property
    def authorize_url(self) -> str:
        return f"{self.url}{oauth.PREFIX}/authorize"

    @property
    def token_url(self) -> str:
        return f"{self.url}{oauth.PREFIX}/token"

    @property
    def client_id(self) -> str:
        return self.sandbox.settings.client_id

    @property
    def clock(self) -> Clock:
        return self.sandbox.clock

    @property
    def faults(self) -> Faults:
        return self.sandbox.faults

    @property
    def calls(self) -> CallLog:
        return self.sandbox.log

    @property
    def quota(self) -> Quota:
        return self.sandbox.quota

    @property
    def switches(self) -> Switches:
        return self.sandbox.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self.sandbox.switches = switches

    def switch(self, **changes: Any) -> None:
        """Change switches by name while the sandbox runs."""
        self.sandbox.switch(**changes)

    def books(self, dossier: int) -> Books:
        return self.sandbox.books(dossier)

    def set_books(self, books: Books, *, login: str = "demo") -> None:
        """Serve books that a test made by hand, as a dossier of that login."""
        self.sandbox.set_books(books, login=login)

    def truth(self, dossier: int) -> Truth:
        return self.sandbox.truth(dossier)

    def authorise(
        self, authorization_url: str, *, user: str = "demo", password: str | None = None, deny: bool = False
    ) -> str:
        """Walk login and consent over HTTP as a browser would; answers the callback address with code or error.

        The redirect to the callback itself is not followed. Raises ValueError where Octopus shows an error page.
        """
        walk = login_walk(authorization_url, user, password, deny=deny)
        with httpx.Client(follow_redirects=False, verify=_NO_CERTIFICATES) as browser:
            asked = next(walk)
            while True:
                method = "GET" if asked.form is None else "POST"
                try:
                    asked = walk.send(browser.request(method, asked.address, data=asked.form))
                except StopIteration as landed:
                    return str(landed.value)

    def authorise_code(self, *, user: str = "demo", redirect_uri: str = "http://127.0.0.1/callback") -> str:
        """An authorisation code for a login, without a browser."""
        query = authorise_query(self.client_id, redirect_uri)
        callback = self.authorise(str(httpx.URL(self.authorize_url, params=query)), user=user)
        return httpx.URL(callback).params["code"]

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
