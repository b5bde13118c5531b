"""What is done again and again in the background: each chore in its own rhythm, and none stops another."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import structlog

logger = structlog.get_logger(__name__)


class Chore:
    """``do`` returns how much there was to do. Several processes may do it at once, so it must be safe for that.

    ``wake`` has it done at once.
    """

    def __init__(self, name: str, every: timedelta, do: Callable[[], Awaitable[int]]) -> None:
        self.name = name
        self._every_seconds = every.total_seconds()
        self.do = do
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; what fails is tried again in the chore's rhythm."""
        while True:
            self._woken.clear()
            try:
                if done := await self.do():
                    logger.info("chore_done", chore=self.name, count=done)
            except Exception:
                logger.exception("chore_failed", chore=self.name)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._every_seconds)
