"""The one reader of an operation."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import Any, TypeVar

from monitr.application.reading.reader import Reader

T = TypeVar("T")


class ReadingEnded(Exception):
    """Something was asked of an operation that is over."""


class TookTooLong(Exception):
    """A question was cancelled where it is answered."""


class ReadingSession:
    """Opened with the first question and closed with the operation: one snapshot, one transaction.

    Resolvers run concurrently, a connection does not: questions are asked one after the other. ``of_one``: nobody asks
    beside whoever asks, so that a question whose asker is cancelled is broken off.
    """

    def __init__(self, open_reader: Callable[[], AbstractAsyncContextManager[Reader]], *, of_one: bool = False) -> None:
        self._of_one = of_one
        self._open_reader = open_reader
        self._one_at_a_time = asyncio.Lock()
        self._open = AsyncExitStack()
        self._reader: Reader | None = None
        self._asking: asyncio.Future[Any] | None = None
        self._has_ended = False
        self._is_broken_off = False

    async def ask(self, question: Callable[[Reader], Awaitable[T]]) -> T:
        """Raises ReadingEnded after ``break_off``."""
        async with self._one_at_a_time:
            if self._has_ended:
                raise ReadingEnded
            asking = self._asking = asyncio.ensure_future(self._answer(question))
            try:
                return await asyncio.shield(asking)
            except asyncio.CancelledError:
                # A field that failed ends its siblings; a query that is broken off would break the connection for all.
                if self._of_one:
                    self.break_off()
                await asyncio.wait([asking])
                raise

    async def _answer(self, question: Callable[[Reader], Awaitable[T]]) -> T:
        if self._reader is None:
            self._reader = await self._open.enter_async_context(self._open_reader())
        return await question(self._reader)

    @asynccontextmanager
    async def suspended(self) -> AsyncIterator[None]:
        """Without a transaction of ours: a use case has its own, may ask Octopus, and changes what we would read.

        One connection a request at any moment, so that requests cannot starve each other of connections.
        """
        async with self._one_at_a_time:
            await self._close()
            yield

    def break_off(self) -> None:
        """The operation is over, whatever it still asks: the statement under way is cancelled, and nothing that waits
        for its turn is asked any more."""
        self._has_ended = True
        if self._asking is not None and self._asking.cancel():
            self._is_broken_off = True

    async def close(self) -> None:
        self.break_off()
        async with self._one_at_a_time:
            await self._close()

    async def _close(self) -> None:
        self._reader = None
        ending = asyncio.CancelledError() if self._is_broken_off else None
        self._is_broken_off = False
        with suppress(Exception):  # what was read is read: there is nothing to commit, and the connection may be gone
            await self._open.__aexit__(type(ending) if ending else None, ending, None)
