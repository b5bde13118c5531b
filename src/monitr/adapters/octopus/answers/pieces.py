"""The body of an answer as it arrives: bounded in length, also unpacked, and in the time that it may take.

httpx waits three minutes for each piece, which a body of one byte a time makes days of; and it unpacks a piece whole,
whatever it becomes. Time in which nobody asks for the next piece (a ledger waits for the database) does not count.
"""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from typing import TypeAlias, cast

import httpx

LONGEST_BODY = 16 * 1024 * 1024 * 1024
"""Bytes, unpacked: some forty million ledger lines."""
FIRST_PATIENCE = 600.0
"""Seconds that a body may take, however slowly it comes."""
LEAST_SPEED = 16 * 1024
"""Bytes a second, on an average from then on."""
LONGEST_WAIT = 6 * 3600.0
"""Seconds, however much is still to come."""
_PIECE = 64 * 1024

Unpack: TypeAlias = Callable[[bytes], Iterator[bytes]]


class TooLong(Exception):
    """More than can be right."""


class Drips(Exception):
    """It would go on for ever."""


class WronglyPacked(Exception):
    """In a way that was not asked for, and that is not understood."""


class BrokenPackage(Exception):
    """What was packed has no end, or is damaged."""


async def whole(response: httpx.Response, longest: int) -> bytes:
    """All of a body that is held at once. Of one that is longer no more is read. Raises as ``pieces``."""
    body = bytearray()
    async with aclosing(pieces(response, longest)) as parts:
        async for part in parts:
            body += part
    return bytes(body)


async def pieces(response: httpx.Response, longest: int | None = None) -> AsyncGenerator[bytes, None]:
    """Up to ``longest`` bytes, LONGEST_BODY where nothing else is said. Raises httpx.HTTPError, TooLong, Drips,
    WronglyPacked, BrokenPackage."""
    most = LONGEST_BODY if longest is None else longest
    packed = _Package.of(response.headers.get("content-encoding", ""))
    clock, received, waited = asyncio.get_running_loop().time, 0, 0.0
    async with aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_raw())) as raw:
        while True:
            since = clock()
            piece = await anext(raw, None)
            waited += clock() - since
            if piece is None:
                break
            for part in packed.parts(piece) if packed else (piece,):
                received += len(part)
                if received > most:
                    raise TooLong
                yield part
                if packed:
                    await asyncio.sleep(0)  # a piece can become a thousand: others have their turn
            if waited > min(FIRST_PATIENCE + received / LEAST_SPEED, LONGEST_WAIT):
                raise Drips
    if packed and not packed.is_whole:
        raise BrokenPackage


class _Package:
    def __init__(self) -> None:
        self._unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, by its own header

    @classmethod
    def of(cls, coding: str) -> "_Package | None":
        match coding.strip().lower():
            case "" | "identity":
                return None
            case "gzip" | "x-gzip" | "deflate":
                return cls()
            case _:
                raise WronglyPacked

    @property
    def is_whole(self) -> bool:
        return self._unpacking.eof

    def parts(self, piece: bytes) -> Iterator[bytes]:
        """No larger than ``_PIECE``, whatever the piece becomes."""
        while True:
            try:
                part = self._unpacking.decompress(piece, _PIECE)
            except zlib.error:
                raise BrokenPackage from None
            if self._unpacking.unused_data:
                raise BrokenPackage
            if part:
                yield part
            piece = self._unpacking.unconsumed_tail
            if not piece and len(part) < _PIECE:
                return
