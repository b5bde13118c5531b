"""No request body is read beyond its limit, whatever its Content-Length says."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitr.entrypoints.http.json_errors import refusal

LARGEST_BODY = 1024 * 1024
"""Bytes. The front end's largest operation has some 1,500."""


class _TooLargeError(Exception):
    pass


class BodyLimit:
    def __init__(self, app: ASGIApp, largest: int = LARGEST_BODY) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        answer = refusal(413, "BODY_TOO_LARGE", f"A request may have {self._largest} bytes.", {"connection": "close"})
        if not announced.isdecimal() or int(announced) > self._largest:
            await answer(scope, receive, send)
            return
        received, begun = 0, False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._largest:
                raise _TooLargeError
            return message

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, noticed)
        except _TooLargeError:
            if begun:
                raise
            await answer(scope, receive, send)
