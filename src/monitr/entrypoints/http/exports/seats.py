"""How many exports are made at once: each takes a connection of the database for as long as it lasts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitr.application.reading.places import Places
from monitr.domain.roles import Principal

MOST_OF_A_USER = 2
MOST = 6
"""Of a process, which has twenty connections."""


class Seats:
    """Of one process. Whoever finds none waits, and does not keep another user from his."""

    def __init__(self) -> None:
        self._all = asyncio.Semaphore(MOST)
        self._of_users = Places(MOST_OF_A_USER)

    @asynccontextmanager
    async def taken(self, principal: Principal) -> AsyncIterator[None]:
        async with self._of_users.of(principal), self._all:
            yield
