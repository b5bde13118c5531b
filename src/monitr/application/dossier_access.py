"""Which administrations a login opens, by the connect call of each: the list of its dossiers does not say."""

import asyncio
from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import zip_longest

from monitr.application.octopus import AuthorizationRejected, DossierNotFound, DossierRefused, Octopus, OctopusError
from monitr.domain.administration import NOT_OPENED, UNKNOWN, Administration, AdministrationStatus, DossierNumber
from monitr.domain.organisation import AdministrationId
from monitr.domain.timeline import Cause

MOST_TRIED = 30
LONGEST = timedelta(seconds=5)
"""All tries together: somebody waits, ten seconds at most with everything else (decision 20)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Octopus does not open the dossier. ``status`` is NOT_FOUND or ACCESS_LOST."""

    status: AdministrationStatus
    cause: Cause


async def refusal_of(reaching: Awaitable[None]) -> Refused | None:
    """None where the dossier was opened. Other troubles of Octopus go on up."""
    try:
        await reaching
    except DossierNotFound:
        return Refused(AdministrationStatus.NOT_FOUND, UNKNOWN)
    except DossierRefused as refused:
        return Refused(AdministrationStatus.ACCESS_LOST, replace(NOT_OPENED, why=refused.reason))
    return None


@dataclass(frozen=True, slots=True)
class Access:
    """What a login opens. ``tried`` holds None for a dossier that was opened. Without ``is_certain``, Octopus did not
    answer some of the tries, or the time was over."""

    tried: Mapping[AdministrationId, Refused | None]
    is_certain: bool

    @property
    def opens_any(self) -> bool:
        return None in self.tried.values()

    @property
    def lost(self) -> tuple[AdministrationId, ...]:
        return tuple(id for id, refused in self.tried.items() if refused is not None)

    def refused(self, id: AdministrationId) -> Refused | None:
        """None where the dossier was opened, and where nothing is known of it."""
        return self.tried.get(id)


async def access_with(
    access_token: str, octopus: Octopus, administrations: Sequence[Administration], listed: Collection[DossierNumber]
) -> Access:
    """Of a login whose tokens are not stored yet and that lists those dossiers. Raises AuthorizationRejected."""
    tried: dict[AdministrationId, Refused | None] = {}
    is_certain = True
    try:
        async with asyncio.timeout(LONGEST.total_seconds()):
            for it in _in_turns(administrations, listed)[:MOST_TRIED]:
                try:
                    reaching = octopus.reach_with(access_token, it.integration_id, it.dossier)
                    tried[it.id] = await refusal_of(reaching)
                except AuthorizationRejected:
                    raise
                except OctopusError:  # its quota is spent, or Octopus is away
                    is_certain = False
    except TimeoutError:
        is_certain = False
    return Access(tried, is_certain)


def _in_turns(administrations: Sequence[Administration], listed: Collection[DossierNumber]) -> list[Administration]:
    """One that is likely to open, which settles whose login it is, then one that is likely to be lost, and so on."""
    likely = [it for it in administrations if it.dossier in listed and it.status is AdministrationStatus.ACTIVE]
    doubtful = [it for it in administrations if it not in likely]
    return [each for pair in zip_longest(likely, doubtful) for each in pair if each is not None]
