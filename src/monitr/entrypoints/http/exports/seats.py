"""How many exports are made at once: each takes a connection of the database for as long as it lasts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Principal

MOST_OF_A_USER = 2
MOST = 6
"""Of a process, which has twenty connections."""


class Seats:
    """Of one process. Whoever finds none waits, and does not keep another user from his."""

    def __init__(self) -> None:
        self._all = asyncio.Semaphore(MOST)
        self._users: dict[tuple[OrganisationId, str], _User] = {}

    @asynccontextmanager
    async def taken(self, principal: Principal) -> AsyncIterator[None]:
        key = (principal.organisation, principal.subject)
        user = self._users.setdefault(key, _User())
        user.here += 1
        try:
            async with user.seats, self._all:
                yield
        finally:
            user.here -= 1
            if not user.here:
                del self._users[key]


class _User:
    def __init__(self) -> None:
        self.seats = asyncio.Semaphore(MOST_OF_A_USER)
        self.here = 0
