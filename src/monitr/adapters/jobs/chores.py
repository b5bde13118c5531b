"""What a scheduler does again and again: each chore in its own rhythm, and none stops another."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """``do`` returns how much there was to do. It may run in several schedulers at once, so it must be safe for that."""

    name: str
    every: timedelta
    do: Callable[[], Awaitable[int]]


async def do_chores(chores: Sequence[Chore]) -> None:
    """Until cancelled; a chore that fails is tried again in its rhythm."""
    async with asyncio.TaskGroup() as group:
        for chore in chores:
            group.create_task(_repeat(chore), name=chore.name)


async def _repeat(chore: Chore) -> None:
    while True:
        try:
            if done := await chore.do():
                logger.info("chore_done", chore=chore.name, count=done)
        except Exception:
            logger.exception("chore_failed", chore=chore.name)
        await asyncio.sleep(chore.every.total_seconds())
