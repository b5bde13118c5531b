"""The gear on the Octopus card: delete the whole integration."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from returns.result import Failure, Result, Success

from monitr.application.ports import Clock, Transactions
from monitr.application.problems import UnknownIntegration
from monitr.application.remove_administration import remove
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import Principal


@dataclass(frozen=True, slots=True)
class IntegrationDeleted:
    """The data of its administrations is erased after ``purge_after`` (UTC)."""

    integration_id: IntegrationId
    purge_after: datetime


@dataclass(frozen=True, slots=True)
class DeleteIntegration:
    """Its tokens are erased and its administrations removed, all in one transaction."""

    transactions: Transactions
    clock: Clock
    retention: timedelta

    async def __call__(
        self, principal: Principal, id: IntegrationId, *, purge: bool = False
    ) -> Result[IntegrationDeleted, UnknownIntegration]:
        now, retention = self.clock(), timedelta() if purge else self.retention
        async with self.transactions(principal.organisation) as work:
            integration = await work.integrations.find(principal.organisation, id)
            if integration is None or not integration.is_alive:
                return Failure(UnknownIntegration(id))
            await work.integrations.save(integration.delete())
            await work.integrations.erase_tokens(id)
            for administration in await work.administrations.of_integration(principal.organisation, id):
                await remove(work, administration, now, retention)
            await work.commit()
        return Success(IntegrationDeleted(id, now + retention))
