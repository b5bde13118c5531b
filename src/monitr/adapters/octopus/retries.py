"""How often a read is tried, and how long it waits in between: doubling, with full jitter."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from monitr.application.octopus import OctopusUnavailable

T = TypeVar("T")


class Interrupted(OctopusUnavailable):
    """One attempt failed in a way that another may not: network, time-out, 5xx, a body that broke off.

    ``status`` is the HTTP status where there was one, ``is_empty`` whether it came without a body.
    """

    def __init__(self, message: str, status: int | None = None, *, is_empty: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.is_empty = is_empty


@dataclass(frozen=True, slots=True)
class Retries:
    """``attempts`` counts the first one; delays are in seconds. Only reads are tried again: they are idempotent."""

    attempts: int = 4
    base_delay: float = 0.5
    longest_delay: float = 30.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def tries(self) -> AsyncIterator[bool]:
        """Once an attempt, after its delay: whether it is the last one."""
        for attempt in range(self.attempts):
            if attempt:
                await self.sleep(self._delay(attempt))
            yield attempt + 1 >= self.attempts

    async def __call__(self, read: Callable[[], Awaitable[T]]) -> T:
        async for is_last in self.tries():
            try:
                return await read()
            except Interrupted:
                if is_last:
                    raise
        raise OctopusUnavailable("Octopus was not asked: no attempt is allowed.")

    def _delay(self, attempt: int) -> float:
        ceiling = min(self.longest_delay, self.base_delay * 2 ** (attempt - 1))
        return random.uniform(ceiling / 2, ceiling)  # noqa: S311 - jitter, not a secret
