"""The import runs, in one unit of work. The row of a run is the job; the outbox only wakes somebody up for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.tables import import_run as table
from monitr.adapters.sql.repositories.rows import import_run_of, import_run_values
from monitr.adapters.sql.work.jobs import Origin, enqueue_import, unknown_origin
from monitr.domain.import_run import ImportRun, ImportRunId, ImportStatus
from monitr.domain.organisation import AdministrationId, OrganisationId

# As the predicate of the indexes uq_import_run_active and ix_import_run_due.
ACTIVE = tuple(status.value for status in ImportStatus if not status.is_final)


@dataclass(frozen=True, slots=True)
class SqlImportRuns:
    """The port ``ImportRuns``, of one organisation; without one, for workers. An administration's second active run is
    refused by a unique index."""

    connection: AsyncConnection
    organisation: OrganisationId | None
    origin: Origin = unknown_origin

    async def find(self, organisation: OrganisationId, id: ImportRunId) -> ImportRun | None:
        return await self._locked(table.c.id == id, table.c.organisation_id == organisation)

    async def administration_of(self, organisation: OrganisationId, id: ImportRunId) -> AdministrationId | None:
        query = select(table.c.administration_id).where(table.c.id == id, table.c.organisation_id == organisation)
        found = (await self.connection.execute(query)).scalar_one_or_none()
        return None if found is None else AdministrationId(found)

    async def active(self, administration: AdministrationId) -> ImportRun | None:
        return await self._locked(self._mine(), table.c.administration_id == administration, table.c.status.in_(ACTIVE))

    async def _locked(self, *conditions: ColumnElement[bool]) -> ImportRun | None:
        query = select(table).where(*conditions).with_for_update(key_share=True)
        row = (await self.connection.execute(query)).mappings().one_or_none()
        return None if row is None else import_run_of(row)

    async def last_ended(self, administration: AdministrationId) -> ImportRun | None:
        query = (
            select(table)
            .where(self._mine(), table.c.administration_id == administration, table.c.finished_at.is_not(None))
            .order_by(table.c.finished_at.desc())
            .limit(1)
        )
        row = (await self.connection.execute(query)).mappings().one_or_none()
        return None if row is None else import_run_of(row)

    async def add(self, run: ImportRun) -> None:
        origin = dict(self.origin())
        await self.connection.execute(insert(table).values({**import_run_values(run), "origin": origin or None}))
        await self._wake(run, origin)

    async def save(self, run: ImportRun) -> None:
        held = (table.c.id == run.id, table.c.organisation_id == run.organisation_id)
        saved = await self.connection.execute(update(table).where(*held).values(import_run_values(run)))
        if saved.rowcount != 1:
            raise LookupError(f"import run {run.id} is not there, or not this organisation's")
        await self._wake(run, {})

    def _mine(self) -> ColumnElement[bool]:
        return table.c.organisation_id == self.organisation

    async def _wake(self, run: ImportRun, origin: Mapping[str, str]) -> None:
        if run.status is ImportStatus.QUEUED:
            await enqueue_import(self.connection, run, origin)
