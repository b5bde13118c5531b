"""The body of an answer, never more of it in memory than was agreed, packed or not.

No content coding is asked for (``client.py``), so a packed answer is unusual; it is unpacked piece by piece all the
same. ``httpx`` unpacks each piece that arrives whole, and a piece of gzip can be a thousand times longer then.
"""

import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx

_PIECE = 64 * 1024
"""Bytes that are unpacked at a time."""
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_CODINGS = ("gzip", "x-gzip", "deflate")


class TooLong(Exception):
    """There is more than was agreed."""


class Undecodable(Exception):
    """Not packed as its header says, or in a way that is not known here; or it broke off."""


async def whole(response: httpx.Response, longest: int) -> bytes:
    """The unpacked body. Raises TooLong at the first byte beyond ``longest``, Undecodable, and what ``httpx`` raises.
    Of a body that is too long no more is read. How long it may take is the caller's business."""
    body = bytearray()
    async with aclosing(unpacked(response)) as pieces:
        async for piece in pieces:
            body += piece
            if len(body) > longest:
                raise TooLong
    return bytes(body)


async def unpacked(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The body as it arrives; what was packed in pieces of 64 kB at most. Raises Undecodable, and what ``httpx``
    raises."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity"):
        async for chunk in response.aiter_raw():
            yield chunk
        return
    if coding not in _CODINGS:
        raise Undecodable
    unpacking = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        async for chunk in response.aiter_raw():
            rest = chunk
            while rest and not unpacking.eof:
                yield unpacking.decompress(rest, _PIECE)
                rest = unpacking.unconsumed_tail
    except zlib.error:
        raise Undecodable from None
    yield unpacking.flush()
    if not unpacking.eof:
        raise Undecodable
