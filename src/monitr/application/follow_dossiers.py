"""Names and VAT numbers of administrations follow those of their dossiers at Octopus."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitr.application.octopus import Octopus, OctopusError
from monitr.application.ports import Clock, Transactions, UnitOfWork
from monitr.domain.administration import Dossier
from monitr.domain.import_run import SLACK, ImportMode, ImportRun, ImportTrigger
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import OrganisationId

AGAIN = timedelta(hours=1)
"""Between two lists for imports: 150 a day are allowed (octopus.md 2.1), and whoever selects needs them too."""
LONGEST = timedelta(minutes=1)
"""The import goes on without a list that does not come."""


async def describe(
    work: UnitOfWork, organisation: OrganisationId, integration: IntegrationId, listed: Sequence[Dossier]
) -> None:
    """Every administration of the integration, by one list; those that are not on it stay as they are. The integration
    is locked."""
    dossiers = {dossier.number: dossier for dossier in listed}
    for administration in await work.administrations.of_integration(organisation, integration):
        dossier = dossiers.get(administration.dossier)
        described = administration.described(dossier) if dossier is not None else administration
        if described != administration:
            await work.administrations.save(described)


@dataclass(frozen=True, slots=True)
class FollowDossiers:
    """For imports: the list is asked for at most once an hour for a login, by all workers together; by a full import
    that a person has started at once, unless another has asked since then. What goes wrong with it is no concern of the
    import."""

    transactions: Transactions
    octopus: Octopus
    clock: Clock

    async def __call__(self, integration: IntegrationId, run: ImportRun) -> None:
        if not await self._is_our_turn(integration, run):
            return
        try:
            async with asyncio.timeout(LONGEST.total_seconds()):
                listed = (await self.octopus.dossiers(integration)).dossiers
        except (OctopusError, TimeoutError):
            return
        async with self.transactions(run.organisation_id) as work:
            await work.integrations.find(run.organisation_id, integration)
            await describe(work, run.organisation_id, integration, listed)
            await work.commit()

    async def _is_our_turn(self, id: IntegrationId, run: ImportRun) -> bool:
        """Of two imports that ask at the same moment, one."""
        now = self.clock()
        async with self.transactions(run.organisation_id) as work:
            integration = await work.integrations.find(run.organisation_id, id)
            if integration is None or not _is_due(integration.dossiers_asked_at, run, now):
                return False
            await work.integrations.save(integration.asks_dossiers(now))
            await work.commit()
        return True


def _is_due(asked_at: datetime | None, run: ImportRun, now: datetime) -> bool:
    if asked_at is None or asked_at > now + SLACK:  # of a clock that was wrong (decision 18)
        return True
    is_by_itself = run.trigger in (ImportTrigger.SCHEDULE, ImportTrigger.DEEP_READ)
    is_at_once = run.mode is ImportMode.FULL and not is_by_itself and asked_at < run.queued_at
    return is_at_once or asked_at + AGAIN <= now
