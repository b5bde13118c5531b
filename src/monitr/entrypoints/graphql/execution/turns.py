"""The event loop, shared fairly: who has much to do does it in slices, and everybody else comes in between."""

import asyncio
from collections import deque
from collections.abc import Callable

SLICE = 100
"""Rows completed, or fields woken up, in one go: some ten milliseconds. A page of the front end is one slice."""


class Turns:
    """Belongs to one event loop, for all that it does: one slice is done in each of its rounds, in the order in which
    they came."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], object]] = deque()
        self._is_taken = False

    def take(self, slice: Callable[[], object]) -> None:
        """Do the slice: at once where nobody is at work, else after those that came before. It must not raise."""
        if self._is_taken:
            self._waiting.append(slice)
        else:
            self._is_taken = True
            slice()
            asyncio.get_running_loop().call_soon(self._pass_on)

    async def next(self) -> None:
        """Returns when the caller may do its next slice."""
        turn = asyncio.Event()
        asyncio.get_running_loop().call_soon(self.take, turn.set)
        await turn.wait()

    def _pass_on(self) -> None:
        if self._waiting:
            self._waiting.popleft()()
            asyncio.get_running_loop().call_soon(self._pass_on)
        else:
            self._is_taken = False
