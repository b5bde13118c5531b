"""A receiver of webhooks: a real HTTP server on the loopback interface that answers as a test tells it to."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

HANG = 0
"""Instead of a status: the receiver reads the request and never answers."""
CUT = -1
"""It closes the connection without a word."""


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def type(self) -> str:
        return str(json.loads(self.body)["type"])

    def verified(self, secret: str) -> dict[str, Any]:
        """The payload, by the specification's own library. Raises WebhookVerificationError."""
        payload: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return payload


@dataclass
class Receiver:
    """``answers``: the status for each request, one after the other, then 204; a text is a whole status line with
    headers. ``server_names``: what TLS clients asked for."""

    scheme: str = "http"
    port: int = 0
    answers: list[int | str] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    server_names: list[str | None] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hooks"

    @property
    def types(self) -> list[str]:
        return [request.type for request in self.received]

    async def has(self, count: int, *, within: float = 20) -> Sequence[Received]:
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: len(self.received) >= count)
        return self.received

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
        body = (await reader.readexactly(int(headers["content-length"]))).decode()
        answer = self.answers.pop(0) if self.answers else 204
        async with self._changed:
            self.received.append(Received(line.split()[1], headers, body))
            self._changed.notify_all()
        if answer == HANG:
            await reader.read()
        if answer in (HANG, CUT):
            return False
        status = answer if isinstance(answer, str) else f"{answer} Answer"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        return True


@asynccontextmanager
async def a_receiver(*answers: int | str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver("https" if tls else "http", answers=list(answers))
    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: receiver.server_names.append(name)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
