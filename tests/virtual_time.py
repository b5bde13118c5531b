"""An event loop whose clock jumps to the next timer as soon as nothing else is to be done: hours pass in milliseconds,
with real connections to servers in the same loop."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_FOR_THE_KERNEL = 0.01
"""Real seconds in which what was sent on this machine has arrived."""


class _JumpingSelector(selectors.DefaultSelector):
    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(min(timeout, _FOR_THE_KERNEL))
        if not ready:
            self.now += timeout
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _JumpingSelector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def in_virtual_time(story: Coroutine[Any, Any, T]) -> tuple[T, float]:
    """Its result, and how many seconds it took by the loop's clock."""

    async def timed() -> tuple[T, float]:
        return await story, asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        return runner.run(timed())
