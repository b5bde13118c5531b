"""The administrations, in one unit of work."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.tables import administration as table
from monitr.adapters.sql.database.tables import bookyear
from monitr.adapters.sql.database.tables import integration as integration_table
from monitr.adapters.sql.database.upsert import upsert
from monitr.adapters.sql.repositories.integrations import lock_organisation
from monitr.adapters.sql.repositories.rows import administration_of, administration_values, integration_of
from monitr.adapters.sql.repositories.timeline import append
from monitr.application.ports import Clock
from monitr.domain.administration import Administration, AdministrationStatus, DossierNumber
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId

DELETED = AdministrationStatus.DELETED.value


@dataclass(frozen=True, slots=True)
class SqlAdministrations:
    """The port ``Administrations``. Rows are locked FOR NO KEY UPDATE: nothing ever changes a key. Several are locked
    in the order of their ids, so that no two callers wait for each other."""

    connection: AsyncConnection
    clock: Clock
    begin_anew: Callable[[], Awaitable[None]]
    """Ends the transaction, and with it every lock, and begins the next one for the same organisation."""

    async def find(self, organisation: OrganisationId, id: AdministrationId) -> Administration | None:
        found = await self._locked(table.c.organisation_id == organisation, table.c.id == id)
        return found[0] if found else None

    async def _locked(self, *conditions: ColumnElement[bool]) -> list[Administration]:
        query = select(table).where(*conditions).order_by(table.c.id).with_for_update(key_share=True)
        return [administration_of(row) for row in (await self.connection.execute(query)).mappings()]

    async def with_integration(
        self, organisation: OrganisationId, ids: Collection[AdministrationId]
    ) -> Mapping[AdministrationId, tuple[Administration, Integration | None]]:
        rows = (await self.connection.execute(_with_integration(organisation, ids))).mappings().all()
        if await self._have_moved(organisation, [row["id"] for row in rows if row["owner_id"] is None]):
            await self.begin_anew()  # the integration that they have now has to be locked before them
            return await self.with_integration(organisation, ids)
        return {AdministrationId(row["id"]): (administration_of(row), _owner_of(row)) for row in rows}

    async def _have_moved(self, organisation: OrganisationId, ids: Collection[AdministrationId]) -> bool:
        """Whether any of them has an integration, though not the one that it had a moment ago."""
        if not ids:
            return False
        owned = (
            select(table.c.id)
            .join(integration_table, integration_table.c.id == table.c.integration_id)
            .where(table.c.id.in_(ids), integration_table.c.organisation_id == organisation)
        )
        return (await self.connection.execute(owned)).first() is not None

    async def of_dossiers(
        self, organisation: OrganisationId, dossiers: Sequence[DossierNumber]
    ) -> dict[DossierNumber, Administration]:
        await lock_organisation(self.connection, organisation)  # a dossier selected for the first time has no row
        found = await self._locked(table.c.organisation_id == organisation, table.c.dossier_number.in_(dossiers))
        # the live one last, so that it is the one that stays in the dictionary; a dossier whose retention is over may
        # have been selected, and removed, several times
        found.sort(key=lambda each: (each.is_alive, each.purge_after or each.created_at, each.created_at))
        return {administration.dossier: administration for administration in found}

    async def of_integration(
        self, organisation: OrganisationId, integration: IntegrationId, *, removed: bool = False
    ) -> Sequence[Administration]:
        found = await self._locked(
            table.c.organisation_id == organisation,
            table.c.integration_id == integration,
            table.c.status == DELETED if removed else table.c.status != DELETED,
        )
        return sorted(found, key=lambda administration: administration.dossier)

    async def bookyears(
        self, organisation: OrganisationId, ids: Collection[AdministrationId]
    ) -> Mapping[AdministrationId, Collection[int]]:
        query = (
            select(bookyear.c.administration_id, bookyear.c.number)
            .join(table, table.c.id == bookyear.c.administration_id)
            .where(table.c.organisation_id == organisation, table.c.id.in_(ids))
        )
        found = defaultdict[AdministrationId, set[int]](set)
        for id, number in await self.connection.execute(query):
            found[AdministrationId(id)].add(number)
        return found

    async def save(self, administration: Administration) -> None:
        await upsert(self.connection, table, administration_values(administration))
        await append(
            self.connection, administration.organisation_id, administration.id, administration.events, self.clock()
        )


def _with_integration(organisation: OrganisationId, ids: Collection[AdministrationId]) -> Select[Any]:
    """Rows are locked in the order in which they come: the integrations by id, all of them, since they are counted
    before any administration is looked at; then the administrations by id. One that moved while an integration was
    waited for is locked as it is now, and comes without its integration.

    Plan: LockRows over a Result whose One-Time Filter is the count, below it the primary keys of both tables."""
    of_them = (table.c.organisation_id == organisation, table.c.id.in_(ids))
    owner = (
        select(integration_table)
        .where(
            integration_table.c.organisation_id == organisation,
            integration_table.c.id.in_(select(table.c.integration_id).where(*of_them)),
        )
        .order_by(integration_table.c.id)
        .with_for_update(key_share=True)
        .cte("owner")
    )
    return (
        select(table, *(column.label(f"{_OWNER}{column.name}") for column in owner.c))
        .outerjoin_from(table, owner, owner.c.id == table.c.integration_id)
        .where(*of_them, select(func.count()).select_from(owner).scalar_subquery() >= 0)
        .order_by(table.c.id)
        .with_for_update(key_share=True, of=table)
    )


_OWNER = "owner_"


def _owner_of(row: RowMapping) -> Integration | None:
    if row["owner_id"] is None:
        return None
    return integration_of({column.name: row[f"{_OWNER}{column.name}"] for column in integration_table.c})
