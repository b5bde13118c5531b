"""What the scheduler looks after in the lives of all organisations' integrations and administrations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tenancy import rows_of_all
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId

_IDLE = text("""
    SELECT integration.id
    FROM integration JOIN credential ON credential.integration_id = integration.id
    WHERE integration.status = 'CONFIGURED'
      AND integration.authorization_expires_at < :expiring_before
      AND credential.access_expires_at < :unused_since
    ORDER BY integration.authorization_expires_at
""")
_ABANDONED = text("""
    SELECT organisation_id, id FROM integration
    WHERE status = 'RECONNECT_REQUIRED' AND NOT EXISTS (
        SELECT FROM administration
        WHERE administration.integration_id = integration.id AND administration.status <> 'DELETED')
""")
_UNREACHABLE = text("""
    SELECT administration.organisation_id, administration.id
    FROM administration JOIN integration ON integration.id = administration.integration_id
    WHERE administration.status IN ('NOT_FOUND', 'ACCESS_LOST') AND integration.status = 'CONFIGURED'
    ORDER BY administration.id
""")


@dataclass(frozen=True, slots=True)
class SqlLifeWatch:
    """The ports ``Idle``, ``Abandoned`` and ``Unreachable``."""

    engine: AsyncEngine

    async def idle(self, expiring_before: datetime, unused_since: datetime) -> Sequence[IntegrationId]:
        bounds = {"expiring_before": expiring_before, "unused_since": unused_since}
        return [IntegrationId(row.id) for row in await rows_of_all(self.engine, _IDLE, bounds)]

    async def abandoned(self) -> Sequence[tuple[OrganisationId, IntegrationId]]:
        rows = await rows_of_all(self.engine, _ABANDONED)
        return [(OrganisationId(row.organisation_id), IntegrationId(row.id)) for row in rows]

    async def unreachable(self) -> Sequence[tuple[OrganisationId, AdministrationId]]:
        rows = await rows_of_all(self.engine, _UNREACHABLE)
        return [(OrganisationId(row.organisation_id), AdministrationId(row.id)) for row in rows]
