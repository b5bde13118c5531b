"""What the Integrations page shows: integrations, administrations, runs, and the state of each dataset."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, tuple_

from monitr.adapters.sql.database.tables import administration, dataset_state, import_run, integration
from monitr.adapters.sql.database.tenancy import own
from monitr.adapters.sql.reading.cursors import Cursors
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.adapters.sql.repositories.rows import administration_of, import_run_of, integration_of
from monitr.application.reading.cards import DatasetState
from monitr.application.reading.pages import Page
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.import_run import Dataset, ImportRun, ImportRunId
from monitr.domain.integration import Integration, IntegrationId, IntegrationStatus
from monitr.domain.organisation import AdministrationId

_ON_A_CARD = (IntegrationStatus.CONFIGURED, IntegrationStatus.RECONNECT_REQUIRED)
_IS_LIVE = administration.c.status != AdministrationStatus.DELETED.value
_RUNS = Cursors("run", {"queued_at": datetime, "id": UUID})

# One descent of ix_import_run_administration_id_queued_at for each administration, however long its history.
_LAST_IMPORTS = text("""
    SELECT run.*
    FROM unnest(CAST(:ids AS uuid[])) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT * FROM import_run
        WHERE import_run.administration_id = wanted.id AND import_run.organisation_id = :organisation
        ORDER BY queued_at DESC, id DESC
        LIMIT 1
    ) AS run
""")


class CardQueries(Queries):
    async def integrations(self, ids: Sequence[IntegrationId] | None = None) -> Sequence[Integration]:
        query = select(integration).where(own(integration)).order_by(integration.c.created_at, integration.c.id)
        if ids is None:
            query = query.where(integration.c.status.in_(_ON_A_CARD))
        else:
            query = query.where(integration.c.id.in_(ids), integration.c.status != IntegrationStatus.DELETED.value)
        return [integration_of(row._mapping) for row in await self.snapshot.rows(query)]

    async def administrations(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Administration]:
        query = select(administration).where(own(administration), administration.c.id.in_(ids), _IS_LIVE)
        found = [administration_of(row._mapping) for row in await self.snapshot.rows(query)]
        return {one.id: one for one in found}

    async def administrations_of(
        self, integrations: Sequence[IntegrationId]
    ) -> Mapping[IntegrationId, Sequence[Administration]]:
        query = (
            select(administration)
            .where(own(administration), administration.c.integration_id.in_(integrations), _IS_LIVE)
            .order_by(administration.c.dossier_number)
        )
        found: dict[IntegrationId, list[Administration]] = {id: [] for id in integrations}
        for row in await self.snapshot.rows(query):
            one = administration_of(row._mapping)
            found[one.integration_id].append(one)
        return found

    async def last_imports(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, ImportRun]:
        found = [import_run_of(row._mapping) for row in await self.snapshot.rows(_LAST_IMPORTS, {"ids": list(ids)})]
        return {run.administration_id: run for run in found}

    async def import_run(self, id: ImportRunId) -> ImportRun | None:
        rows = await self.snapshot.rows(select(import_run).where(own(import_run), import_run.c.id == id))
        return import_run_of(rows[0]._mapping) if rows else None

    async def imports(self, id: AdministrationId, first: int, after: str | None) -> Page[ImportRun]:
        key = (import_run.c.queued_at, import_run.c.id)
        query = (
            select(import_run)
            .where(own(import_run), import_run.c.administration_id == id)
            .order_by(*(column.desc() for column in key))
            .limit(first + 1)
        )
        if after is not None:
            query = query.where(tuple_(*key) < tuple_(*_RUNS.decode(after)))
        rows = await self.snapshot.rows(query)
        return _RUNS.page(rows, first, after, lambda row: import_run_of(row._mapping))

    async def dataset_states(
        self, ids: Sequence[AdministrationId]
    ) -> Mapping[AdministrationId, Sequence[DatasetState]]:
        query = (
            select(dataset_state)
            .join(administration, administration.c.id == dataset_state.c.administration_id)
            .where(own(administration), administration.c.id.in_(ids))
        )
        found: dict[AdministrationId, dict[Dataset, DatasetState]] = defaultdict(dict)
        for row in await self.snapshot.rows(query):
            state = DatasetState(Dataset(row.dataset), row.rows, row.last_successful_at, row.failed)
            found[AdministrationId(row.administration_id)][state.dataset] = state
        return {
            id: [found[id].get(dataset, DatasetState(dataset, 0, None, failed=False)) for dataset in Dataset]
            for id in ids
        }
