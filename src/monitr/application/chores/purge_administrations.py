"""When the retention of removed administrations is over, everything that was imported for them goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitr.application.ports import Clock
from monitr.domain.organisation import AdministrationId, OrganisationId


class PurgeableAdministrations(Protocol):
    """The administrations of all organisations, as the purge sees them."""

    async def due(self, now: datetime) -> Sequence[tuple[OrganisationId, AdministrationId]]:
        """Removed ones whose retention is over and on which no worker is at work."""
        ...

    async def erase(self, organisation: OrganisationId, id: AdministrationId, now: datetime) -> bool:
        """Every row of it goes, the administration itself last, in batches of their own: what breaks off goes on with
        the next call. The audit trail stays, and tells of it. False where it is not due (any more), or somebody else
        is erasing it; then nothing happened."""
        ...


@dataclass(frozen=True, slots=True)
class PurgeAdministrations:
    administrations: PurgeableAdministrations
    clock: Clock

    async def __call__(self) -> int:
        """The number of administrations that are gone."""
        now = self.clock()
        due = await self.administrations.due(now)
        return sum([await self.administrations.erase(organisation, id, now) for organisation, id in due])
