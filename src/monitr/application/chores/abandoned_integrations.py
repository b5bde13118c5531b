"""An integration that is left without administrations and without a valid token goes away by itself."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from monitr.application.ports import Transactions, UnitOfWork
from monitr.domain.audit import deeds_on_integration
from monitr.domain.integration import ABANDONED, Integration, IntegrationId, IntegrationStatus
from monitr.domain.organisation import OrganisationId


async def dismiss_if_abandoned(work: UnitOfWork, integration: Integration) -> bool:
    """``integration`` is locked, and as this unit of work knows it. True where it went."""
    if integration.status is not IntegrationStatus.RECONNECT_REQUIRED:
        return False
    if await work.administrations.of_integration(integration.organisation_id, integration.id):
        return False
    deleted = integration.delete(ABANDONED)
    await work.integrations.save(deleted)
    await work.integrations.erase_tokens(deleted.id)
    await work.audit.append(*deeds_on_integration(deleted))
    return True


Abandoned = Callable[[], Awaitable[Sequence[tuple[OrganisationId, IntegrationId]]]]
"""The integrations of all organisations that are RECONNECT_REQUIRED and have no administration that is alive."""


@dataclass(frozen=True, slots=True)
class DismissAbandonedIntegrations:
    """Most go with their last administration. This finds those whose token was refused when they had none."""

    abandoned: Abandoned
    transactions: Transactions

    async def __call__(self) -> int:
        """The number of integrations that went."""
        return sum([await self._dismiss(*found) for found in await self.abandoned()])

    async def _dismiss(self, organisation: OrganisationId, id: IntegrationId) -> bool:
        async with self.transactions(organisation) as work:
            integration = await work.integrations.find(organisation, id)
            dismissed = integration is not None and await dismiss_if_abandoned(work, integration)
            await work.commit()
        return dismissed
