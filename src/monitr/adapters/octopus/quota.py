"""Octopus's daily maxima (octopus.md 3.1): what is counted before a call, and what a refusal means."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitr.adapters.octopus.operations import Operation
from monitr.adapters.octopus.retries import Throttled
from monitr.application.octopus import OctopusAsksToWait, OctopusUnavailable, Quota, QuotaSpent
from monitr.application.ports import Clock
from monitr.domain.administration import DossierNumber
from monitr.domain.brussels import next_midnight
from monitr.domain.integration import IntegrationId

SOON = timedelta(hours=1)
"""A refusal so long after the wait that Octopus asked for has come back."""
UNCOUNTED = 1_000_000
"""Calls that are left where nobody counts."""


@dataclass(frozen=True, slots=True)
class OperationQuota:
    """``enabled`` off: calls are not counted, but a refusal of Octopus stops the operation all the same."""

    counter: Quota
    clock: Clock
    enabled: bool
    _waits: dict[tuple[IntegrationId, DossierNumber, Operation], datetime] = field(
        default_factory=dict[tuple[IntegrationId, DossierNumber, Operation], datetime]
    )
    """Until when Octopus asked to wait, where that was too long to be waited for at once."""

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
            return self.used_up(operation)
        return await self.counter.stop(integration, dossier, operation.label)

    def used_up(self, operation: Operation) -> QuotaSpent:
        return QuotaSpent(operation.label, next_midnight(self.clock()))

    async def not_passing(
        self, integration: IntegrationId, dossier: DossierNumber, throttled: Throttled, given_up: OctopusUnavailable
    ) -> Exception:
        """Octopus still refuses, after every wait; or, for the first time, asks for a longer one. What to raise."""
        key, now = (integration, dossier, throttled.operation), self.clock()
        if isinstance(given_up, OctopusAsksToWait):
            waited_until = self._waits.pop(key, None)
            if waited_until is None or not waited_until <= now < waited_until + SOON:
                self._waits[key] = now + given_up.wait
                return given_up
        return await self.spent(integration, dossier, throttled.operation)
