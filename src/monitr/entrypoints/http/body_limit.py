"""No request body is taken in beyond its limit, whatever its Content-Length says."""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.http.json_errors import refusal

LARGEST_BODY = 1024 * 1024
"""Bytes. The front end's largest operation has some 1,500."""
MOST_DISCARDED = 8 * LARGEST_BODY
LONGEST_DISCARDING = 5.0
"""Seconds."""


class _TooLargeError(Exception):
    pass


class BodyLimit:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > LARGEST_BODY:
            await self._refuse(scope, receive, send)
            return
        received, answering = 0, False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY:
                raise _TooLargeError
            return message

        async def noticed(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        try:
            await self._app(scope, counted, noticed)
        except _TooLargeError:
            if answering:
                raise
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Most clients read no answer before they have sent everything: a little more is read and thrown away."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_DISCARDING):
                await _discard(receive)
        message = f"A request may have {LARGEST_BODY} bytes."
        await refusal(413, ErrorCode.BODY_TOO_LARGE, message, {"connection": "close"})(scope, receive, send)


async def _discard(receive: Receive) -> None:
    discarded = 0
    while discarded < MOST_DISCARDED:
        message = await receive()
        discarded += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
