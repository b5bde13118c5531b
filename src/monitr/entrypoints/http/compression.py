"""gzip on the way out: of answers that hold nothing secret, and of exports row by row as they are made.

BREACH guesses a secret by how well an answer shrinks that holds it beside a text of the attacker's. Answers that have
secrets (of mutations: that of a webhook, the address of an OAuth round; pages with a demo token) never are, no
request is authorised by a cookie that a stranger's page could make a browser send, and the length of what is compressed
has a random part, so that what stands beside a text of somebody else's is hard to measure (docs/security.md).
"""

import asyncio
import secrets
import zlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitr.entrypoints.http.media_types import GRAPHQL, JSON

COMPRESSIBLE = "monitr.compressible"
"""In the scope, by the endpoint: this answer holds no secret."""
SMALLEST = 1024
"""Bytes. What is smaller fits into a packet as it is."""
LEVEL = 1
"""Of nine: the quickest."""
LARGE = 256 * 1024
"""Bytes that are compressed beside the event loop."""
MOST_PADDING = 100
"""Bytes, of the random length of a name in gzip's header that nobody reads (RFC 1952, section 2.3.1)."""
CSV = "text/csv"


class Compression:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            send = _Compressed(scope, send)
        await self._app(scope, receive, send)


def takes_gzip(headers: Headers) -> bool:
    weights = {
        coding.strip(): parameter.replace(" ", "")
        for each in headers.get("accept-encoding", "").lower().split(",")
        for coding, _, parameter in [each.partition(";")]
    }
    return "gzip" in weights and weights["gzip"] not in ("q=0", "q=0.0", "q=0.00", "q=0.000")


def gzipped(body: bytes) -> bytes:
    """Whole, at the level of answers, with a length that has a random part."""
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = compressor.compress(body) + compressor.flush()
    return _head() + packed + zlib.crc32(body).to_bytes(4, "little") + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")


def _head() -> bytes:
    """Deflate, with a name, without a time, of an unknown system."""
    return b"\x1f\x8b\x08\x08\0\0\0\0\x04\xff" + b"x" * secrets.randbelow(MOST_PADDING + 1) + b"\0"


class _Compressed:
    """``send`` of one answer. Its start waits for the first piece of its body."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._start: Message | None = None
        self._stream: zlib._Compress | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            message = await self._begun(start, message)
            await self._send(start)
        elif self._stream is not None:
            message = _piece(self._stream, message)
        await self._send(message)

    async def _begun(self, start: Message, message: Message) -> Message:
        """The first piece as it goes out, and the headers changed to what it is."""
        headers = MutableHeaders(scope=start)
        kind = headers.get("content-type", "").partition(";")[0]
        if kind not in (JSON, GRAPHQL, CSV) or start["status"] != 200 or "content-encoding" in headers:
            return message
        headers.add_vary_header("accept-encoding")
        if not takes_gzip(Headers(scope=self._scope)):
            return message
        body: bytes = message.get("body", b"")
        if kind == CSV:
            self._stream = zlib.compressobj(LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
            packed = _piece(self._stream, message)
        elif self._scope.get(COMPRESSIBLE) and len(body) >= SMALLEST and not message.get("more_body"):
            small = len(body) < LARGE
            packed = {**message, "body": gzipped(body) if small else await asyncio.to_thread(gzipped, body)}
            headers["content-length"] = str(len(packed["body"]))
        else:
            return message
        headers["content-encoding"] = "gzip"
        return packed


def _piece(stream: "zlib._Compress", message: Message) -> Message:
    """Everything of it, so that no row waits for the next."""
    end = zlib.Z_SYNC_FLUSH if message.get("more_body") else zlib.Z_FINISH
    return {**message, "body": stream.compress(message.get("body", b"")) + stream.flush(end)}
