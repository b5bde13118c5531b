"""Octopus's daily maxima (octopus.md 3.1): what is counted before a call, and what a refusal means."""

from dataclasses import dataclass

from monitr.adapters.octopus.operations import Operation
from monitr.application.octopus import Quota, QuotaSpent
from monitr.application.ports import Clock
from monitr.domain.administration import DossierNumber
from monitr.domain.brussels import next_midnight
from monitr.domain.integration import IntegrationId

UNCOUNTED = 1_000_000
"""Calls that are left where nobody counts."""


@dataclass(frozen=True, slots=True)
class OperationQuota:
    """``enabled`` off: calls are not counted, but a refusal of Octopus stops the operation all the same."""

    counter: Quota
    clock: Clock
    enabled: bool

    async def count(self, integration: IntegrationId, dossier: DossierNumber | None, operation: Operation) -> None:
        if self.enabled:
            await self.counter.count(integration, dossier, operation.label, operation.daily_maximum)

    async def left(self, integration: IntegrationId, dossier: DossierNumber | None, operation: Operation) -> int:
        if not self.enabled:
            return UNCOUNTED
        return await self.counter.left(integration, dossier, operation.label, operation.daily_maximum)

    async def spent(
        self, integration: IntegrationId | None, dossier: DossierNumber | None, operation: Operation
    ) -> QuotaSpent:
        """Octopus has refused. What to raise."""
        if integration is None:
            return QuotaSpent(operation.label, next_midnight(self.clock()))
        return await self.counter.stop(integration, dossier, operation.label)
