"""An Octopus that answers what a test tells it, byte for byte, with all the faults that a network has."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from monitr.adapters.octopus.adapter import OctopusAdapter
from monitr.adapters.octopus.octopus import OctopusOfIntegrations
from monitr.adapters.octopus.settings import OctopusSettings
from monitr.application.octopus import AuthorizationRejected, QuotaSpent
from monitr.domain.accounting.bookyear import Bookyear, Period
from monitr.domain.administration import DossierNumber
from monitr.domain.integration import IntegrationId

INTEGRATION = IntegrationId(UUID(int=1))
DOSSIER = DossierNumber(49555)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEDGER = "/dossiers/49555/bookyears/1/bookings/modified"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    raw_query: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.raw_query, keep_blank_values=True).items()}


@dataclass(frozen=True)
class Reply:
    """Bytes of a whole HTTP answer; after them the connection is reset or closed where asked."""

    content: bytes
    ends: str = "keep"
    pause: float = 0.0
    drips: bool = False
    """A byte a second."""

    def __str__(self) -> str:
        head, _, body = self.content.decode(errors="replace").partition("\r\n\r\n")
        return f"{head.partition(chr(13))[0][9:12]} {body[:40]} {self.ends}"


def answer(status: int = 200, body: object = b"", content_type: str = "application/json", **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return Reply("\r\n".join(lines).encode() + b"\r\n\r\n" + content)


def _pieces(reply: Reply) -> list[bytes]:
    return [bytes([byte]) for byte in reply.content] if reply.drips else [reply.content]


def chunked(body: bytes, size: int = 1000, *, ends: str = "keep", closing_chunk: bool = True) -> Reply:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    content = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    content += b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return Reply(content + (b"0\r\n\r\n" if closing_chunk else b""), ends)


def cut_short(body: bytes, kept: int) -> Reply:
    """Promises the whole body, sends ``kept`` bytes of it and closes."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return Reply(head + body[:kept], ends="close")


NO_ANSWER = Reply(b"", ends="close")
RESET = Reply(b"", ends="reset")
CONNECTED = answer(body={"Dossiertoken": "dossier-token"})


@dataclass
class ScriptedOctopus:
    """Each path has its answers, given in turn; the last one is repeated."""

    script: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    running: int = 0
    most_at_once: int = 0

    def answers(self, path: str, *replies: Reply) -> None:
        self.script[path] = list(replies)

    def asked_for(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode().split("\r\n")
                method, target, _ = lines[0].split(" ")
                headers = {
                    name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                url = urlsplit(target)
                self.asked.append(Asked(method, unquote(url.path), url.query, headers, body))
                self.running += 1
                self.most_at_once = max(self.running, self.most_at_once)
                replies = self.script.get(f"{method} {url.path}") or self.script.get(url.path) or [answer(404)]
                reply = replies.pop(0) if len(replies) > 1 else replies[0]
                await asyncio.sleep(reply.pause)
                for piece in _pieces(reply):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(1.0 if reply.drips else 0.0)
                self.running -= 1
                if reply.ends == "reset":
                    writer.transport.abort()
                if reply.ends != "keep":
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class Counter:
    """The port Quota in memory; a day never ends."""

    def __init__(self) -> None:
        self.calls: dict[str, int] = {}
        self.stopped: list[str] = []

    async def count(
        self, integration: IntegrationId, dossier: DossierNumber | None, operation: str, limit: int
    ) -> None:
        if operation in self.stopped or self.calls.get(operation, 0) >= limit:
            raise QuotaSpent(operation, NOON)
        self.calls[operation] = self.calls.get(operation, 0) + 1

    async def stop(self, integration: IntegrationId, dossier: DossierNumber | None, operation: str) -> QuotaSpent:
        self.stopped.append(operation)
        return QuotaSpent(operation, NOON)

    async def left(self, integration: IntegrationId, dossier: DossierNumber | None, operation: str, limit: int) -> int:
        return 0 if operation in self.stopped else limit - self.calls.get(operation, 0)


@dataclass
class Access:
    """The port Credentials in memory: ``access-1``, and the next number after each rejection."""

    number: int = 1
    rejected: list[str] = field(default_factory=list)
    is_over: bool = False

    async def access_token(self, integration: IntegrationId, rejected: str | None = None) -> str:
        if rejected is not None:
            if self.is_over:
                raise AuthorizationRejected("over")
            self.rejected.append(rejected)
            if rejected == f"access-{self.number}":
                self.number += 1
        return f"access-{self.number}"


class Clock:
    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def passes(self, time: timedelta) -> None:
        self.now += time


@dataclass
class World:
    """An adapter, and all that is around it."""

    server: ScriptedOctopus
    adapter: OctopusAdapter
    octopus: OctopusOfIntegrations
    access: Access
    counter: Counter
    clock: Clock
    requests: list[tuple[str, int | None]]
    slept: list[float]


@asynccontextmanager
async def a_world(*, sleeps: bool = False, **settings: Any) -> AsyncIterator[World]:
    """``sleeps``: between the attempts; else they follow at once."""
    scripted, access, counter, clock = ScriptedOctopus(), Access(), Counter(), Clock()
    scripted.answers("POST /dossiers", CONNECTED)
    requests: list[tuple[str, int | None]] = []
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(seconds if sleeps else 0)

    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    scripted.port = server.sockets[0].getsockname()[1]
    address = f"http://127.0.0.1:{scripted.port}"
    defaults: dict[str, Any] = {
        "redirect_uri": "http://127.0.0.1:8000/oauth/octopus/callback",
        "client_id": "house",
        "api_url": address,
        "authorize_url": f"{address}/authorize",
        "token_url": f"{address}/token",
    }
    async with (
        server,
        OctopusAdapter(
            OctopusSettings(**(defaults | settings)),
            clock,
            lambda operation, status, seconds: requests.append((operation, status)),
            sleep,
        ) as adapter,
    ):
        yield World(scripted, adapter, adapter.octopus(access, counter), access, counter, clock, requests, slept)


def a_line(**changes: object) -> dict[str, object]:
    """An element of bookings/modified; None leaves the member out."""
    line = {
        "accountKey": 440000,
        "bookingAmount": -5706.12,
        "bookyearKey": {"id": 1},
        "bookyearPeriodeNr": 200011,
        "comment": "Stroomgenerator",
        "currencyCode": "EUR",
        "documentAmount": -5706.12,
        "documentDate": "2000-11-30",
        "documentSequenceNr": 6,
        "exchangeRate": 1.0,
        "expiryDate": "2000-11-30",
        "journalNr": 1,
        "journalType": 1,
        "lineSequenceNr": 1,
        "reference": "",
        "relationKey": {"id": 27},
        "vatRecuperationPercentage": 100.0,
        "vatSectionCode": "",
    } | changes
    return {name: value for name, value in line.items() if value is not None}


def a_ledger(*lines: dict[str, object], deleted: tuple[dict[str, object], ...] = ()) -> bytes:
    return json.dumps(
        {"deletedBookings": list(deleted), "modifiedBookings": list(lines)}, separators=(",", ":"), ensure_ascii=False
    ).encode()


def a_bookyear() -> Bookyear:
    from datetime import date

    november = Period(200011, date(2000, 11, 1), date(2000, 11, 30))
    return Bookyear(1, "2000", date(2000, 1, 1), date(2000, 12, 31), False, (november,))
