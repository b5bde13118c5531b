"""Sending answers: small bodies with Content-Length, big ones chunked, and what goes wrong on the way."""

from starlette.types import Receive, Scope, Send

from octopus_sandbox.answers.answer import Answer
from octopus_sandbox.answers.connection import Connection, connection_of
from octopus_sandbox.clock import Clock
from octopus_sandbox.trouble.faults import Fault, FaultKind

_CHUNKED_FROM = 64 * 1024
_DRIPS = 20
"""Into how many pieces a dripping body is cut where nobody says how long one is."""


class Transmission:
    """An ASGI response: an answer and what goes wrong while it is sent."""

    def __init__(self, answer: Answer, clock: Clock, fault: Fault | None = None) -> None:
        self._answer = answer
        self._clock = clock
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault, connection = self._fault, connection_of(scope, receive, self._clock.wait)
        if fault is not None:
            match fault.kind:
                case FaultKind.RESET:
                    await connection.reset()
                    return
                case FaultKind.HANG:
                    await connection.hang()
                    return
                case FaultKind.DELAY:
                    await connection.pause(fault.seconds)
                case _:
                    pass
        chunked = len(self._answer.content) > _CHUNKED_FROM
        await send({"type": "http.response.start", "status": self._answer.status, "headers": self._headers(chunked)})
        if fault is not None and fault.kind in (FaultKind.TRUNCATED, FaultKind.SLOW, FaultKind.DRIP):
            await self._interrupted(fault, connection, send)
            return
        for block in self._answer.content.blocks():
            await send({"type": "http.response.body", "body": block, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _headers(self, chunked: bool) -> list[tuple[bytes, bytes]]:
        headers = [(name.lower().encode(), value.encode()) for name, value in self._answer.headers]
        if self._answer.media_type is not None:
            headers.append((b"content-type", self._answer.media_type.encode()))
        if not chunked and self._answer.status != 204:
            headers.append((b"content-length", str(len(self._answer.content)).encode()))
        return headers

    async def _interrupted(self, fault: Fault, connection: Connection, send: Send) -> None:
        body = self._answer.content.whole()
        if fault.kind is FaultKind.DRIP:
            await self._drip(body, fault, connection, send)
            return
        cut = fault.at or len(body) // 2
        await send({"type": "http.response.body", "body": body[:cut], "more_body": True})
        if fault.kind is FaultKind.TRUNCATED:
            await connection.close()
            return
        await connection.pause(fault.seconds)
        await send({"type": "http.response.body", "body": body[cut:]})

    async def _drip(self, body: bytes, fault: Fault, connection: Connection, send: Send) -> None:
        size = fault.at or max(1, len(body) // _DRIPS)
        for start in range(0, len(body), size):
            await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
            await connection.pause(fault.seconds)
        await send({"type": "http.response.body", "body": b""})
