"""No request body is taken in beyond its limit, whatever its Content-Length says, or waited for beyond its time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.http.json_errors import refusal
from monitr.entrypoints.http.reader import language_of

LARGEST_BODY = 1024 * 1024
"""Bytes. The front end's largest operation has some 1,500."""
MOST_DISCARDED = 8 * LARGEST_BODY
LONGEST_DISCARDING = 5.0
"""Seconds."""
BODY_SECONDS = 30.0
"""From the moment when the app asks for a body until the whole of it has to be there."""


class _TooLargeError(Exception):
    pass


class _TooSlowError(Exception):
    pass


class BodyTime:
    """Around the whole app. A client that hangs up, which the app waits for once it has the body, has no such time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        deadline: float | None = None
        is_whole = False

        async def in_time() -> Message:
            nonlocal deadline, is_whole
            if is_whole:
                return await receive()
            deadline = asyncio.get_running_loop().time() + BODY_SECONDS if deadline is None else deadline
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise _TooSlowError from None
            is_whole = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def refuse() -> None:
            sentence = Sentence.of("error.BODY_TIMEOUT", seconds=f"{BODY_SECONDS:g}")
            response = refusal(408, ErrorCode.REQUEST_TIMEOUT, sentence, language_of(scope), {"connection": "close"})
            await response(scope, receive, send)

        await _unless(_TooSlowError, refuse, self._app, scope, in_time, send)


class BodyLimit:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > LARGEST_BODY:
            await self._refuse(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY:
                raise _TooLargeError
            return message

        await _unless(_TooLargeError, lambda: self._refuse(scope, receive, send), self._app, scope, counted, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Most clients read no answer before they have sent everything: a little more is read and thrown away."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_DISCARDING):
                await _discard(receive)
        sentence = Sentence.of("error.BODY_TOO_LARGE", limit=LARGEST_BODY)
        response = refusal(413, ErrorCode.BODY_TOO_LARGE, sentence, language_of(scope), {"connection": "close"})
        await response(scope, receive, send)


async def _unless(
    error: type[Exception],
    refuse: Callable[[], Awaitable[None]],
    app: ASGIApp,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """The app's answer, or a refusal where it meets the error; half an answer that is out already cannot be refused."""
    answering = False

    async def noticed(message: Message) -> None:
        nonlocal answering
        answering = True
        await send(message)

    try:
        await app(scope, receive, noticed)
    except error:
        if answering:
            raise
        await refuse()


async def _discard(receive: Receive) -> None:
    discarded = 0
    while discarded < MOST_DISCARDED:
        message = await receive()
        discarded += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
