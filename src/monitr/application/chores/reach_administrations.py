"""Dossiers that could not be opened are tried by their connect call, again and again: their administrations are ACTIVE
by themselves once the cause is gone (decisions.md, section 6)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from monitr.application.dossier_access import Refused, refusal_of
from monitr.application.octopus import AuthorizationRejected, Octopus, OctopusError
from monitr.application.ports import Transactions
from monitr.domain.administration import Administration
from monitr.domain.organisation import AdministrationId, OrganisationId

Unreachable = Callable[[], Awaitable[Sequence[tuple[OrganisationId, AdministrationId]]]]
"""The administrations of all organisations that are NOT_FOUND or ACCESS_LOST, of authorised integrations."""


@dataclass(frozen=True, slots=True)
class ReachAdministrations:
    transactions: Transactions
    octopus: Octopus

    async def __call__(self, administrations: Sequence[Administration]) -> int:
        """The number of administrations whose state has changed. Stops where Octopus answers no longer: the next round,
        or the next import, goes on."""
        changed = 0
        for administration in administrations:
            try:
                reaching = self.octopus.reach(administration.integration_id, administration.dossier)
                refused = await refusal_of(reaching)
            except AuthorizationRejected:
                break
            except OctopusError:  # its quota is spent, or Octopus is away: nothing is known of it
                continue
            changed += await self._note(administration, refused)
        return changed

    async def _note(self, tried: Administration, refused: Refused | None) -> bool:
        async with self.transactions(tried.organisation_id) as work:
            current = await work.administrations.find(tried.organisation_id, tried.id)
            if current is None or current.integration_id != tried.integration_id:  # moved or purged meanwhile
                return False
            noted = current.unreachable(refused.status, refused.cause) if refused else current.reached()
            if noted.status is current.status:
                return False
            await work.administrations.save(noted)
            await work.commit()
        return True


@dataclass(frozen=True, slots=True)
class ReachAgain:
    """Costs one connect call for each administration that cannot be opened (150 a day: octopus.md 1.3)."""

    unreachable: Unreachable
    transactions: Transactions
    reach: ReachAdministrations

    async def __call__(self) -> int:
        """The number of administrations whose state has changed."""
        found = [await self._find(*each) for each in await self.unreachable()]
        return sum([await self.reach([administration]) for administration in found if administration is not None])

    async def _find(self, organisation: OrganisationId, id: AdministrationId) -> Administration | None:
        async with self.transactions(organisation) as work:
            return await work.administrations.find(organisation, id)
