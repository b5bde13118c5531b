"""What carries an answer: where it can be slow, hang, or break."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.types import Receive, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

CONNECTION = "octopus_sandbox.connection"
"""The extension of an ASGI scope that holds a `Connection` of its own."""
_TRANSPORT = "octopus_sandbox.transport"
_MOMENT = 0.02
"""Seconds: uvicorn needs a turn of its loop to learn that a connection has gone, and complains otherwise."""


class Connection(Protocol):
    async def pause(self, seconds: float) -> None:
        """Nothing is sent for so long."""
        ...

    async def hang(self) -> None:
        """Nothing is sent any more, until the caller has given up."""
        ...

    async def reset(self) -> None:
        """The caller sees a connection that broke before the answer began."""
        ...

    async def close(self) -> None:
        """The caller sees a connection that ended in the middle of the body."""
        ...


class ResettableProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with its transport within the application's reach so that a fault can reset it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {**self.scope.get("extensions", {}), _TRANSPORT: {"transport": self.transport}}


def connection_of(scope: Scope, receive: Receive, wait: Callable[[float], Awaitable[object]]) -> Connection:
    """The one that the scope brings, else that of uvicorn."""
    extensions = scope.get("extensions", {})
    if CONNECTION in extensions:
        own: Connection = extensions[CONNECTION]
        return own
    held = extensions.get(_TRANSPORT)
    return _ServerConnection(held["transport"] if held else None, receive, wait)


class _ServerConnection:
    """A TCP connection of uvicorn; without its transport, breaking it only ends the answer short."""

    def __init__(
        self, transport: asyncio.Transport | None, receive: Receive, wait: Callable[[float], Awaitable[object]]
    ) -> None:
        self._transport = transport
        self._receive = receive
        self._wait = wait

    async def pause(self, seconds: float) -> None:
        await self._wait(seconds)

    async def hang(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def reset(self) -> None:
        if self._transport is not None:
            held = self._transport.get_extra_info("socket")
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()
            await asyncio.sleep(_MOMENT)

    async def close(self) -> None:
        await asyncio.sleep(_MOMENT)  # lets the bytes leave before the connection does
        if self._transport is not None:
            self._transport.close()
        await asyncio.sleep(_MOMENT)
