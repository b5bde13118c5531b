"""The reports of one's own, in one unit of work. Lines and rules are JSON: they are read and replaced whole."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.tables import report as table
from monitr.adapters.sql.database.upsert import upsert
from monitr.adapters.sql.repositories.rows import entity_of, values_of
from monitr.domain.accounting.statements.own_reports import Report, ReportId
from monitr.domain.organisation import OrganisationId


@dataclass(frozen=True, slots=True)
class SqlReports:
    """The port ``Reports``."""

    connection: AsyncConnection

    async def find(self, organisation: OrganisationId, id: ReportId) -> Report | None:
        query = select(table).where(table.c.id == id, table.c.organisation_id == organisation).with_for_update()
        row = (await self.connection.execute(query)).mappings().one_or_none()
        return None if row is None else entity_of(row, Report)

    async def save(self, report: Report) -> None:
        await upsert(self.connection, table, values_of(report))

    async def remove(self, organisation: OrganisationId, id: ReportId) -> None:
        await self.connection.execute(delete(table).where(table.c.id == id, table.c.organisation_id == organisation))
