"""One request at a time for each login: Octopus wishes for it (octopus.md 3.12)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from monitr.domain.integration import IntegrationId


class _Turn(asyncio.Lock):
    holder: "asyncio.Task[object] | None" = None


class Turns:
    """One request at a time for each login in this process; a stream holds its turn until it has ended."""

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[IntegrationId, _Turn] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, integration: IntegrationId) -> AsyncIterator[None]:
        """Raises RuntimeError where the same task asks while it streams: it would wait for itself."""
        turn = self._turns.setdefault(integration, _Turn())
        if turn.locked() and turn.holder is asyncio.current_task():
            raise RuntimeError("Octopus is asked while an answer of it is still being read by the same task")
        async with turn:
            turn.holder = asyncio.current_task()
            try:
                yield
            finally:
                turn.holder = None
