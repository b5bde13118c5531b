"""The administrations, in one unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.tables import administration as table
from monitr.adapters.sql.database.tables import organisation as organisation_table
from monitr.adapters.sql.database.upsert import upsert
from monitr.adapters.sql.repositories.administration_rows import administration_of, administration_values
from monitr.adapters.sql.repositories.integrations import ensure_organisation
from monitr.adapters.sql.repositories.timeline import append
from monitr.application.ports import Clock
from monitr.domain.administration import Administration, AdministrationStatus, DossierNumber
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId

DELETED = AdministrationStatus.DELETED.value


@dataclass(frozen=True, slots=True)
class SqlAdministrations:
    """The port ``Administrations``. Rows are locked FOR NO KEY UPDATE: nothing ever changes a key."""

    connection: AsyncConnection
    clock: Clock

    async def find(self, organisation: OrganisationId, id: AdministrationId) -> Administration | None:
        query = select(table).where(table.c.id == id, table.c.organisation_id == organisation)
        row = (await self.connection.execute(query.with_for_update(key_share=True))).mappings().one_or_none()
        return None if row is None else administration_of(row)

    async def of_dossiers(
        self, organisation: OrganisationId, dossiers: Sequence[DossierNumber]
    ) -> dict[DossierNumber, Administration]:
        await self._serialise_selections(organisation)
        query = (
            select(table)
            .where(table.c.organisation_id == organisation, table.c.dossier_number.in_(dossiers))
            # the live one last, so that it is the one that stays in the dictionary; a dossier whose retention is over
            # may have been selected, and removed, several times
            .order_by(table.c.status != DELETED, table.c.purge_after, table.c.created_at)
            .with_for_update(key_share=True)
        )
        found = [administration_of(row) for row in (await self.connection.execute(query)).mappings()]
        return {administration.dossier: administration for administration in found}

    async def _serialise_selections(self, id: OrganisationId) -> None:
        """A dossier that is selected for the first time has no row to lock: the organisation's stands in for it."""
        await ensure_organisation(self.connection, id)
        of_all = select(organisation_table.c.id).where(organisation_table.c.id == id)
        await self.connection.execute(of_all.with_for_update(key_share=True))

    async def of_integration(
        self, organisation: OrganisationId, integration: IntegrationId, *, removed: bool = False
    ) -> Sequence[Administration]:
        query = (
            select(table)
            .where(
                table.c.organisation_id == organisation,
                table.c.integration_id == integration,
                table.c.status == DELETED if removed else table.c.status != DELETED,
            )
            .order_by(table.c.dossier_number)
            .with_for_update(key_share=True)
        )
        return [administration_of(row) for row in (await self.connection.execute(query)).mappings()]

    async def save(self, administration: Administration) -> None:
        await upsert(self.connection, table, administration_values(administration))
        await append(
            self.connection, administration.organisation_id, administration.id, administration.events, self.clock()
        )
