"""The relay: what transactions have left in the outbox is passed on after their commit, at least once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Protocol

import structlog

logger = structlog.get_logger(__name__)

POLL_EVERY = timedelta(seconds=5)
"""A notification comes sooner; the poll is for the one that was missed."""

Handler = Callable[[Mapping[str, str]], Awaitable[None]]
"""Passes one payload on. An exception leaves the message where it is, for the next round."""


class Outbox(Protocol):
    async def relay(self, handlers: Mapping[str, Handler]) -> int:
        """Give messages that are due to the handlers of their topics, oldest first, and mark those that were taken.

        The number that were taken; 0 where nothing is due. Several relays never hold the same message.
        """
        ...


class OutboxRelay:
    """``wake`` makes it look at once."""

    def __init__(
        self, outbox: Outbox, handlers: Mapping[str, Handler], *, poll_every: timedelta = POLL_EVERY
    ) -> None:
        self._outbox = outbox
        self._handlers = handlers
        self._poll_seconds = poll_every.total_seconds()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._woken.clear()
            await self._drain()
            try:
                await asyncio.wait_for(self._woken.wait(), self._poll_seconds)
            except TimeoutError:
                continue

    async def _drain(self) -> None:
        try:
            while await self._outbox.relay(self._handlers):
                pass
        except Exception as error:  # database or broker are away: nothing is lost, the next round tries again
            logger.warning("outbox_not_relayed", error=type(error).__name__)
