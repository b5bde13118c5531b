"""What the Integrations page shows: integrations, administrations, runs, and the state of each dataset."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, any_, bindparam, cast, func, or_, select, text, tuple_

from monitr.adapters.sql.database.tables import administration, dataset_state, import_run, integration
from monitr.adapters.sql.database.tenancy import own
from monitr.adapters.sql.reading.cursors import Cursors
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.adapters.sql.repositories.import_runs import ACTIVE
from monitr.adapters.sql.repositories.rows import administration_of, import_run_of, integration_of
from monitr.application.reading.cards import AdministrationFilter, DatasetState
from monitr.application.reading.pages import Page
from monitr.application.reading.quota import CallsToday
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.import_run import Dataset, ImportRun, ImportRunId
from monitr.domain.integration import Integration, IntegrationId, IntegrationStatus
from monitr.domain.organisation import AdministrationId

_ON_A_CARD = (IntegrationStatus.CONFIGURED, IntegrationStatus.RECONNECT_REQUIRED)
_IS_LIVE = administration.c.status != AdministrationStatus.DELETED.value
_NOT_IN_VAT_NUMBERS = dict.fromkeys(map(ord, ". "))
_BY_ID = select(administration).where(
    own(administration), administration.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))), _IS_LIVE
)
_NAME_KEY = func.left(func.lower(administration.c.name), 200).label("name_key")
_BY_NAME = Cursors("administration", {"name_key": Text, "id": UUID})
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

# Plan: the primary keys of both tables, for each administration.
_CALLS_TODAY = text("""
    SELECT administration.id, octopus_call.operation, octopus_call.calls, octopus_call.stopped
    FROM administration
    JOIN octopus_call ON octopus_call.scope = 'dossier:' || administration.dossier_number AND octopus_call.day = :today
    WHERE administration.id = ANY (CAST(:ids AS uuid[])) AND administration.organisation_id = :organisation
""")


def _conditions(filter: AdministrationFilter) -> Iterator[ColumnElement[bool]]:
    if filter.among is not None:
        yield administration.c.id.in_(filter.among)
    if filter.statuses is not None:
        yield administration.c.status.in_([status.value for status in filter.statuses])
    if filter.search is not None and (search := filter.search.strip()):
        yield or_(*_parts(search, in_vat_numbers=filter.in_vat_numbers))


def _parts(search: str, *, in_vat_numbers: bool) -> Iterator[ColumnElement[bool]]:
    yield administration.c.name.icontains(search, autoescape=True)
    yield cast(administration.c.dossier_number, Text).contains(search, autoescape=True)
    if in_vat_numbers and (bare := search.translate(_NOT_IN_VAT_NUMBERS)):
        stored = func.translate(administration.c.vat_number, ". ", "")
        yield stored.icontains(bare, autoescape=True)


class CardQueries(Queries):
    async def integrations(self, ids: Sequence[IntegrationId] | None = None) -> Sequence[Integration]:
        query = select(integration).where(own(integration)).order_by(integration.c.created_at, integration.c.id)
        if ids is None:
            query = query.where(integration.c.status.in_(_ON_A_CARD))
        else:
            query = query.where(integration.c.id.in_(ids), integration.c.status != IntegrationStatus.DELETED.value)
        return [integration_of(row._mapping) for row in await self.snapshot.rows(query)]

    async def administrations(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Administration]:
        found = [administration_of(row._mapping) for row in await self.snapshot.rows(_BY_ID, {"ids": list(ids)})]
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

    async def found_administrations(
        self, filter: AdministrationFilter, first: int, after: str | None, *, count: bool
    ) -> Page[Administration]:
        # Plan: the organisation's administrations, some hundreds at most, and a Sort.
        found = [own(administration), _IS_LIVE, *_conditions(filter)]
        query = select(administration, _NAME_KEY).where(*found).order_by(_NAME_KEY, administration.c.id)
        if after is not None:
            query = query.where(tuple_(_NAME_KEY, administration.c.id) > tuple_(*_BY_NAME.decode(after)))
        rows = await self.snapshot.rows(query.limit(first + 1))
        total = (await self.snapshot.rows(select(func.count()).where(*found)))[0][0] if count else None
        return _BY_NAME.page(rows, first, after, lambda row: administration_of(row._mapping), total)

    async def calls_today(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Mapping[str, CallsToday]]:
        asked = {"ids": list(ids), "today": self.snapshot.today}
        found: dict[AdministrationId, dict[str, CallsToday]] = {id: {} for id in ids}
        for row in await self.snapshot.rows(_CALLS_TODAY, asked):
            found[AdministrationId(row.id)][row.operation] = CallsToday(row.calls, row.stopped)
        return found

    async def last_imports(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, ImportRun]:
        found = [import_run_of(row._mapping) for row in await self.snapshot.rows(_LAST_IMPORTS, {"ids": list(ids)})]
        return {run.administration_id: run for run in found}

    async def import_run(self, id: ImportRunId) -> ImportRun | None:
        rows = await self.snapshot.rows(select(import_run).where(own(import_run), import_run.c.id == id))
        return import_run_of(rows[0]._mapping) if rows else None

    async def runs_under_way(self, also: Collection[ImportRunId]) -> Sequence[ImportRun]:
        """As ``Progress.under_way``."""
        # Plan: a BitmapOr of ix_import_run_due and of the primary key.
        query = (
            select(import_run)
            .join(administration, administration.c.id == import_run.c.administration_id)
            .where(own(import_run), _IS_LIVE, or_(import_run.c.status.in_(ACTIVE), import_run.c.id.in_(also)))
            .order_by(import_run.c.queued_at, import_run.c.id)
        )
        return [import_run_of(row._mapping) for row in await self.snapshot.rows(query)]

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
