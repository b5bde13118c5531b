"""How much of one user is done at once, so that nobody takes all connections from the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Principal

PLACES = 5
"""Of one user (organisation and subject), in one process: a quarter of its connections. A page of the front end asks
one thing at a time, or a few."""


@dataclass(slots=True)
class _Line:
    """``in_it``: those who have a place, and those who wait."""

    places: asyncio.Semaphore
    in_it: int = 0


@dataclass(frozen=True, slots=True)
class Places:
    """``most`` of each user. Belongs to one event loop."""

    most: int = PLACES
    _lines: dict[tuple[OrganisationId, str], _Line] = field(default_factory=dict[tuple[OrganisationId, str], _Line])

    @asynccontextmanager
    async def of(self, principal: Principal) -> AsyncIterator[None]:
        await self.take(principal)
        try:
            yield
        finally:
            self.leave(principal)

    async def take(self, principal: Principal) -> None:
        """One of the user's places, in the order in which they are asked for; who waits limits the waiting."""
        line = self._lines.setdefault(_user(principal), _Line(asyncio.Semaphore(self.most)))
        line.in_it += 1
        try:
            await line.places.acquire()
        except BaseException:
            self._forget(principal, line)
            raise

    def leave(self, principal: Principal) -> None:
        line = self._lines[_user(principal)]
        line.places.release()
        self._forget(principal, line)

    def _forget(self, principal: Principal, line: _Line) -> None:
        line.in_it -= 1
        if not line.in_it:
            del self._lines[_user(principal)]


def _user(principal: Principal) -> tuple[OrganisationId, str]:
    return principal.organisation, principal.subject
