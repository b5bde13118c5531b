"""What a principal may read: every question of the read side, with the permission that it requires.

Answers are as the port of the same name says (``CardReader``, ``LedgerReader`` and so on), for what the principal sees.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date, datetime

from monitr.application.reading.asking import Asking, leaving_out, or_none, requires, requires_by_type, requires_of
from monitr.application.reading.cards import DatasetState, Provider, integration_seen_by, seen_by
from monitr.application.reading.fixed_assets import AssetCategory, AssetOrigin, DepreciationMonth, FixedAssetRow
from monitr.application.reading.import_history import BookingChange, FirstSeen, RecordedEvent
from monitr.application.reading.ledger import DimensionFilter, TransactionFilter, TransactionRow
from monitr.application.reading.master_data import COST_CENTRE, Dimension, NamedAccount
from monitr.application.reading.outstanding_items import (
    PERMISSIONS,
    OutstandingItemRow,
    OutstandingSummary,
    RelationTotal,
)
from monitr.application.reading.pages import Page
from monitr.application.reading.reader import Readers
from monitr.application.reading.reports import MonthlyBalance, TrialBalance
from monitr.application.reading.session import ReadingSession
from monitr.domain.accounting.account import CostCentre, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.outstanding_items import Bucket, OutstandingItemType, ageing_buckets
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.import_run import ImportRun, ImportRunId, ImportStatus
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Permission, Principal


class Reading(Asking):
    """The read side for one principal, over the snapshot of one session."""

    # --- the cards ---------------------------------------------------------------------------------------------------

    @requires(Permission.SEE_NAMES)
    async def providers(self) -> Sequence[Provider]:
        return tuple(Provider)

    @requires(Permission.SEE_NAMES)
    async def integrations(self, ids: Sequence[IntegrationId] | None = None) -> Sequence[Integration]:
        """As ``CardReader.integrations``."""
        found = await self.ask(lambda reader: reader.integrations(ids))
        return [integration_seen_by(self.principal, row) for row in found]

    @requires(Permission.SEE_NAMES)
    async def administrations(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Administration]:
        """The live ones among them that the principal sees."""
        visible = [id for id in ids if self.principal.may(Permission.SEE_NAMES, id)]
        if not visible:
            return {}
        found = await self.ask(lambda reader: reader.administrations(visible))
        return {id: seen_by(self.principal, row) for id, row in found.items()}

    @requires(Permission.SEE_NAMES)
    async def administrations_of(
        self, integrations: Sequence[IntegrationId]
    ) -> Mapping[IntegrationId, Sequence[Administration]]:
        """The live ones of each that the principal sees, by dossier number."""
        found = await self.ask(lambda reader: reader.administrations_of(integrations))
        return {
            integration: [
                seen_by(self.principal, row) for row in rows if self.principal.may(Permission.SEE_NAMES, row.id)
            ]
            for integration, rows in found.items()
        }

    @leaving_out(Permission.SEE_IMPORTS)
    async def last_imports(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, ImportRun]:
        return await self.ask(lambda reader: reader.last_imports(ids))

    @leaving_out(Permission.SEE_IMPORTS)
    async def dataset_states(
        self, ids: Sequence[AdministrationId]
    ) -> Mapping[AdministrationId, Sequence[DatasetState]]:
        return await self.ask(lambda reader: reader.dataset_states(ids))

    @or_none(Permission.SEE_IMPORTS)
    async def next_import(
        self,
        administration: Administration,
        integration: Integration | None,
        last: ImportRun | None,
        scheduled: datetime | None,
    ) -> datetime | None:
        """When its waiting run goes on, else when the schedule imports it (``scheduled``, where it does). In UTC."""
        if last is not None and last.status is ImportStatus.WAITING and last.resume_at is not None:
            return last.resume_at
        is_active = administration.status is AdministrationStatus.ACTIVE
        return scheduled if is_active and integration is not None and integration.is_authorized else None

    # --- import history ----------------------------------------------------------------------------------------------

    @requires(Permission.SEE_IMPORTS)
    async def import_run(self, id: ImportRunId) -> ImportRun | None:
        """None also where it is of an administration that the principal does not see."""
        run = await self.ask(lambda reader: reader.import_run(id))
        return run if run and self.principal.may(Permission.SEE_IMPORTS, run.administration_id) else None

    @requires_of(Permission.SEE_IMPORTS)
    async def imports(self, id: AdministrationId, first: int, after: str | None) -> Page[ImportRun]:
        return await self.ask(lambda reader: reader.imports(id, first, after))

    @requires_of(Permission.SEE_IMPORTS)
    async def timeline_of_administration(
        self, id: AdministrationId, first: int, after: str | None
    ) -> Page[RecordedEvent]:
        return await self.ask(lambda reader: reader.timeline(id, first, after))

    @requires(Permission.SEE_IMPORTS)
    async def timeline_of_integration(self, id: IntegrationId, first: int, after: str | None) -> Page[RecordedEvent]:
        return await self.ask(lambda reader: reader.timeline(id, first, after))

    @requires_of(Permission.READ_TRANSACTIONS)
    async def import_changes(
        self, id: AdministrationId, run: ImportRunId, first: int, after: str | None, *, count: bool
    ) -> Page[BookingChange]:
        return await self.ask(lambda reader: reader.import_changes(id, run, first, after, count=count))

    @requires_of(Permission.READ_REPORTS)
    async def first_seen(self, id: AdministrationId, run: ImportRunId) -> FirstSeen:
        return await self.ask(lambda reader: reader.first_seen(id, run))

    # --- master data -------------------------------------------------------------------------------------------------

    @requires_of(Permission.READ_REPORTS)
    async def bookyears(self, id: AdministrationId) -> Sequence[Bookyear]:
        return await self.ask(lambda reader: reader.bookyears(id))

    @requires_of(Permission.READ_REPORTS)
    async def journals(self, id: AdministrationId) -> Sequence[Journal]:
        return await self.ask(lambda reader: reader.journals(id))

    @requires_of(Permission.READ_REPORTS)
    async def accounts(self, id: AdministrationId, numbers: Sequence[int] | None = None) -> Sequence[NamedAccount]:
        return await self.ask(lambda reader: reader.accounts(id, numbers))

    @requires_of(Permission.READ_REPORTS)
    async def dimensions(self, id: AdministrationId) -> Sequence[Dimension]:
        return [Dimension(COST_CENTRE, "Cost centre")]

    @requires_of(Permission.READ_REPORTS)
    async def cost_centres(self, id: AdministrationId, numbers: Sequence[int] | None = None) -> Sequence[CostCentre]:
        return await self.ask(lambda reader: reader.cost_centres(id, numbers))

    @requires_of(Permission.READ_RECEIVABLES)
    async def relations_by_number(self, id: AdministrationId, numbers: Sequence[int]) -> Mapping[int, Relation]:
        """For the names beside what the principal reads already: whoever reads anything reads receivables."""
        return await self.ask(lambda reader: reader.relations_by_number(id, numbers))

    @requires_of(Permission.READ_REPORTS)
    async def relations(self, id: AdministrationId, first: int, after: str | None) -> Page[Relation]:
        return await self.ask(lambda reader: reader.relations(id, first, after))

    # --- the ledger --------------------------------------------------------------------------------------------------

    @requires_of(Permission.READ_TRANSACTIONS)
    async def transactions(
        self, id: AdministrationId, filter: TransactionFilter, first: int, after: str | None, *, count: bool
    ) -> Page[TransactionRow]:
        return await self.ask(lambda reader: reader.transactions(id, filter, first, after, count=count))

    @requires_of(Permission.READ_TRANSACTIONS)
    async def booking(self, id: AdministrationId, code: str) -> Sequence[TransactionRow]:
        """Empty also where ``code`` is that of no booking at all."""
        key = BookingKey.parse(code)
        return await self.ask(lambda reader: reader.booking(id, key)) if key is not None else ()

    # --- reports -----------------------------------------------------------------------------------------------------

    @requires_of(Permission.READ_REPORTS)
    async def trial_balance(
        self, id: AdministrationId, from_: date, to: date, dimension: DimensionFilter | None
    ) -> TrialBalance:
        return await self.ask(lambda reader: reader.trial_balance(id, from_, to, dimension))

    @requires_of(Permission.READ_REPORTS)
    async def monthly_balances(
        self,
        id: AdministrationId,
        from_: date,
        to: date,
        account_classes: Sequence[int] | None,
        *,
        by_cost_centre: bool,
    ) -> Sequence[MonthlyBalance]:
        return await self.ask(
            lambda reader: reader.monthly_balances(id, from_, to, account_classes, by_cost_centre=by_cost_centre)
        )

    # --- open items --------------------------------------------------------------------------------------------------

    @requires_by_type(PERMISSIONS)
    async def ageing(
        self, id: AdministrationId, type: OutstandingItemType, bounds: Sequence[int]
    ) -> tuple[Bucket, ...]:
        """The buckets between the bounds, in days overdue. Raises ValueError, as ``ageing_buckets``."""
        return tuple(ageing_buckets(list(bounds)))

    @requires_by_type(PERMISSIONS)
    async def outstanding_summary(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, buckets: Sequence[Bucket]
    ) -> OutstandingSummary:
        return await self.ask(lambda reader: reader.outstanding_summary(id, type, as_of, buckets))

    @requires_by_type(PERMISSIONS)
    async def outstanding_by_relation(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, first: int
    ) -> Sequence[RelationTotal]:
        return await self.ask(lambda reader: reader.outstanding_by_relation(id, type, as_of, first))

    @requires_by_type(PERMISSIONS)
    async def outstanding_items(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, first: int, after: str | None
    ) -> Page[OutstandingItemRow]:
        return await self.ask(lambda reader: reader.outstanding_items(id, type, as_of, first, after))

    # --- fixed assets ------------------------------------------------------------------------------------------------

    @requires_of(Permission.READ_REPORTS)
    async def asset_origin(self, id: AdministrationId) -> AssetOrigin:
        return AssetOrigin.DERIVED_FROM_LEDGER

    @requires_of(Permission.READ_REPORTS)
    async def asset_categories(self, id: AdministrationId, as_of: date) -> Sequence[AssetCategory]:
        return await self.ask(lambda reader: reader.asset_categories(id, as_of))

    @requires_of(Permission.READ_REPORTS)
    async def fixed_assets(
        self, id: AdministrationId, as_of: date, first: int, after: str | None
    ) -> Page[FixedAssetRow]:
        return await self.ask(lambda reader: reader.fixed_assets(id, as_of, first, after))

    @requires_of(Permission.READ_REPORTS)
    async def depreciation_schedule(
        self, id: AdministrationId, as_of: date, months: int
    ) -> Sequence[DepreciationMonth]:
        return await self.ask(lambda reader: reader.depreciation_schedule(id, as_of, months))


OpenReading = Callable[[Principal], AbstractAsyncContextManager[Reading]]


def opening(readers: Readers) -> OpenReading:
    """Opens a principal's reading. No transaction begins before the first question that is allowed."""

    @asynccontextmanager
    async def open_reading(principal: Principal) -> AsyncIterator[Reading]:
        session = ReadingSession(lambda: readers(principal.organisation))
        try:
            yield Reading(principal, session)
        finally:
            await session.close()

    return open_reading
