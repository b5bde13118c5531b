"""The gear on the Octopus card: delete the whole integration."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.ports import Clock, Transactions, UnitOfWork
from monitr.application.problems import UnknownIntegration
from monitr.application.remove_administration import remove
from monitr.domain.administration import INTEGRATION_DELETED, Administration
from monitr.domain.audit import deeds_on_integration
from monitr.domain.integration import ASKED_TO_DELETE, Integration, IntegrationId
from monitr.domain.roles import Forbidden, Permission, Principal
from monitr.domain.words.sentence import Sentence

REVOKE_AT_OCTOPUS = Sentence.of("REVOKE_AT_OCTOPUS")
"""No revocation is documented (octopus.md 1.2)."""


@dataclass(frozen=True, slots=True)
class IntegrationDeleted:
    """The data of its administrations is erased after ``purge_after`` (UTC). ``notice``: what is left to the user."""

    integration_id: IntegrationId
    purge_after: datetime
    notice: Sentence = REVOKE_AT_OCTOPUS


@dataclass(frozen=True, slots=True)
class DeleteIntegration:
    """Its tokens are erased and its administrations removed, all in one transaction."""

    requires: ClassVar[Permission] = Permission.MANAGE_INTEGRATIONS

    transactions: Transactions
    clock: Clock
    retention: timedelta

    async def __call__(
        self, principal: Principal, id: IntegrationId, *, purge: bool = False
    ) -> Result[IntegrationDeleted, UnknownIntegration | Forbidden]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        now, retention = self.clock(), timedelta() if purge else self.retention
        async with self.transactions(principal.organisation) as work:
            integration = await work.integrations.find(principal.organisation, id)
            if integration is None or not integration.is_alive:
                return Failure(UnknownIntegration(id))
            deleted = integration.delete(ASKED_TO_DELETE.by(principal.subject))
            await work.integrations.save(deleted)
            await work.integrations.erase_tokens(id)
            await work.audit.append(*deeds_on_integration(deleted))
            cause = INTEGRATION_DELETED.by(principal.subject)
            for administration in await self._concerned(work, integration, purge=purge):
                await remove(work, administration, now, retention, cause)
            await work.commit()
        return Success(IntegrationDeleted(id, now + retention))

    @staticmethod
    async def _concerned(work: UnitOfWork, integration: Integration, *, purge: bool) -> list[Administration]:
        """With ``purge`` also those that were removed before: their data goes now too."""
        live = await work.administrations.of_integration(integration.organisation_id, integration.id)
        if not purge:
            return list(live)
        removed = await work.administrations.of_integration(integration.organisation_id, integration.id, removed=True)
        return [*live, *removed]
