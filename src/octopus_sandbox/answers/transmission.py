"""Sending answers: small bodies with Content-Length, big ones chunked, and connections that fail on purpose."""

import asyncio
import socket
import struct

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from octopus_sandbox.answers.answer import Answer
from octopus_sandbox.trouble.faults import Fault, FaultKind

_CHUNKED_FROM = 64 * 1024
_MOMENT = 0.02
"""Seconds: uvicorn needs a turn of its loop to learn that a connection has gone, and complains otherwise."""
_TRANSPORT = "octopus_sandbox.transport"


class ResettableProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with its transport within the application's reach so that a fault can reset it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {**self.scope.get("extensions", {}), _TRANSPORT: {"transport": self.transport}}


class Transmission:
    """An ASGI response: an answer and what goes wrong while it is sent."""

    def __init__(self, answer: Answer, fault: Fault | None = None) -> None:
        self._answer = answer
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._fault
        if fault is not None and fault.kind is FaultKind.RESET:
            await _reset(scope, send)
            return
        if fault is not None and fault.kind is FaultKind.DELAY:
            await asyncio.sleep(fault.seconds)
        chunked = len(self._answer.content) > _CHUNKED_FROM
        await send({"type": "http.response.start", "status": self._answer.status, "headers": self._headers(chunked)})
        if fault is not None and fault.kind in (FaultKind.TRUNCATED, FaultKind.SLOW):
            await self._interrupted(fault, scope, send)
            return
        for block in self._answer.content.blocks():
            await send({"type": "http.response.body", "body": block, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _headers(self, chunked: bool) -> list[tuple[bytes, bytes]]:
        headers: list[tuple[bytes, bytes]] = []
        if self._answer.media_type is not None:
            headers.append((b"content-type", self._answer.media_type.encode()))
        if not chunked:
            headers.append((b"content-length", str(len(self._answer.content)).encode()))
        return headers

    async def _interrupted(self, fault: Fault, scope: Scope, send: Send) -> None:
        body = self._answer.content.whole()
        cut = fault.at or len(body) // 2
        await send({"type": "http.response.body", "body": body[:cut], "more_body": True})
        if fault.kind is FaultKind.TRUNCATED:
            await asyncio.sleep(_MOMENT)  # lets the bytes leave before the connection does
            _close(scope)
            await asyncio.sleep(_MOMENT)
            return
        await asyncio.sleep(fault.seconds)
        await send({"type": "http.response.body", "body": body[cut:]})


async def _reset(scope: Scope, send: Send) -> None:
    """Drop the connection with a TCP reset; where the server does not let us, break off in the headers."""
    transport = _transport(scope)
    if transport is None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        return
    held = transport.get_extra_info("socket")
    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await asyncio.sleep(_MOMENT)


def _close(scope: Scope) -> None:
    transport = _transport(scope)
    if transport is not None:
        transport.close()


def _transport(scope: Scope) -> asyncio.Transport | None:
    held = scope.get("extensions", {}).get(_TRANSPORT)
    return held["transport"] if held else None
