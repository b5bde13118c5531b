"""Idle integrations: their refresh token is used before it ends, which prolongs it where Octopus replaces it then."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitr.application.octopus import AuthorizationRejected, Credentials, OctopusError
from monitr.application.ports import Clock
from monitr.domain.integration import IntegrationId

BEFOREHAND = timedelta(days=30)
"""Of the 60 days (octopus.md 1.2): an outage of Octopus, or of ours, may last that long without harm."""
IDLE = timedelta(days=1)
"""Whatever imports refreshes by itself, twice a day."""


Idle = Callable[[datetime, datetime], Awaitable[Sequence[IntegrationId]]]
"""The integrations of all organisations that are CONFIGURED, whose authorisation ends before the one moment, and whose
access token ended before the other."""


@dataclass(frozen=True, slots=True)
class KeepAuthorizationsAlive:
    """Whether Octopus rotates refresh tokens is not known (octopus.md 1.2), so nothing here asks: where it does, a
    refresh begins 60 days anew; where it does not, the call changes nothing, and finds out within a day that an
    authorisation was revoked or has ended."""

    idle: Idle
    credentials: Credentials
    clock: Clock

    async def __call__(self) -> int:
        """The number of integrations whose authorisation is still good."""
        now = self.clock()
        return sum([await self._is_good(id) for id in await self.idle(now + BEFOREHAND, now - IDLE)])

    async def _is_good(self, id: IntegrationId) -> bool:
        try:
            await self.credentials.access_token(id)
        except AuthorizationRejected:  # it is RECONNECT_REQUIRED from now on
            return False
        except OctopusError:  # tried again with the next round
            return False
        return True
