"""What a principal may read: every question of the read side, with the permission that it requires.

Answers are as the port of the same name says (``CardReader``, ``LedgerReader`` and so on), for what the principal sees.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from monitr.application.reading.asking import Asking, answered_by, judges, requires, requires_of
from monitr.application.reading.audit import RecordedEntry
from monitr.application.reading.cards import AdministrationFilter, DatasetState, Provider, integration_seen_by, seen_by
from monitr.application.reading.fixed_assets import AssetOrigin, FixedAssetReader
from monitr.application.reading.freshness import Freshness
from monitr.application.reading.import_history import HistoryReader, RecordedEvent
from monitr.application.reading.ledger import LedgerReader
from monitr.application.reading.master_data import COST_CENTRE, Dimension, MasterDataReader
from monitr.application.reading.nodes import Node, node_seen_by
from monitr.application.reading.outstanding_items import PERMISSIONS, OutstandingReader
from monitr.application.reading.own_reports import OwnReportReader
from monitr.application.reading.pages import Page
from monitr.application.reading.places import Places
from monitr.application.reading.quota import CallsToday
from monitr.application.reading.reader import Reader, Readers
from monitr.application.reading.reports import ReportReader
from monitr.application.reading.session import ReadingSession
from monitr.application.reading.statements import StatementReader
from monitr.domain.accounting.outstanding_items import Bucket, OutstandingItemType, ageing_buckets
from monitr.domain.accounting.statements.own_reports import Report, ReportId
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.import_run import ImportRun, ImportRunId, ImportStatus
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.language import Language
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
        visible = self._among(ids, Permission.SEE_NAMES)
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

    @requires(Permission.SEE_NAMES)
    async def found_administrations(
        self, filter: AdministrationFilter, first: int, after: str | None, *, count: bool
    ) -> Page[Administration]:
        """As ``CardReader.found_administrations``, of those that the principal sees."""
        seen = replace(
            filter,
            in_vat_numbers=self.principal.may(Permission.SEE_IMPORTS),
            among=self.principal.reach(Permission.SEE_NAMES),
        )
        page = await self.ask(lambda reader: reader.found_administrations(seen, first, after, count=count))
        return replace(page, rows=[seen_by(self.principal, row) for row in page.rows])

    @judges(Permission.SEE_IMPORTS)
    async def calls_today(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Mapping[str, CallsToday]]:
        """As ``last_imports``; with an entry, which may be empty, for each of them."""
        visible = self._among(ids, Permission.SEE_IMPORTS)
        return await self.ask(lambda reader: reader.calls_today(visible)) if visible else {}

    @judges(Permission.SEE_IMPORTS)
    async def last_imports(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, ImportRun]:
        """Of those alone whose imports the principal sees."""
        visible = self._among(ids, Permission.SEE_IMPORTS)
        return await self.ask(lambda reader: reader.last_imports(visible)) if visible else {}

    @judges(Permission.SEE_IMPORTS)
    async def dataset_states(
        self, ids: Sequence[AdministrationId]
    ) -> Mapping[AdministrationId, Sequence[DatasetState]]:
        """As ``last_imports``."""
        visible = self._among(ids, Permission.SEE_IMPORTS)
        return await self.ask(lambda reader: reader.dataset_states(visible)) if visible else {}

    @judges(Permission.SEE_IMPORTS)
    async def next_import(
        self,
        of: Administration,
        integration: Integration | None,
        last: ImportRun | None,
        scheduled: datetime | None,
        now: datetime,
    ) -> datetime | None:
        """When its waiting run goes on, else when the schedule imports it (``scheduled``, where it does). In UTC.
        None also where the principal does not see its imports."""
        if not self.principal.may(Permission.SEE_IMPORTS, of.id):
            return None
        if last is not None and last.status is ImportStatus.WAITING:
            return last.goes_on_at(now)
        is_active = of.status is AdministrationStatus.ACTIVE
        return scheduled if is_active and integration is not None and integration.is_authorized else None

    def _among(self, ids: Sequence[AdministrationId], permission: Permission) -> Sequence[AdministrationId]:
        """Those for which a role grants it."""
        return [id for id in ids if self.principal.may(permission, id)]

    @requires(Permission.SEE_NAMES)
    async def nodes(self, ids: Sequence[UUID]) -> Mapping[UUID, Node]:
        """What has one of the ids, as far as the principal sees it."""
        found = await self.ask(lambda reader: reader.nodes(ids))
        return {id: seen for id, node in found.items() if (seen := node_seen_by(self.principal, node))}

    # --- import history ----------------------------------------------------------------------------------------------

    imports = answered_by(HistoryReader.imports, Permission.SEE_IMPORTS)
    timeline_of_administration = answered_by(HistoryReader.timeline, Permission.SEE_IMPORTS)
    import_changes = answered_by(HistoryReader.import_changes, Permission.READ_TRANSACTIONS)
    first_seen = answered_by(HistoryReader.first_seen, Permission.READ_REPORTS)

    @requires(Permission.SEE_IMPORTS)
    async def import_run(self, id: ImportRunId) -> ImportRun | None:
        """None also where it is of an administration that the principal does not see."""
        run = await self.ask(lambda reader: reader.import_run(id))
        return run if run and self.principal.may(Permission.SEE_IMPORTS, run.administration_id) else None

    @requires(Permission.SEE_IMPORTS)
    async def timeline_of_integration(self, id: IntegrationId, first: int, after: str | None) -> Page[RecordedEvent]:
        return await self.ask(lambda reader: reader.timeline(id, first, after))

    # --- master data -------------------------------------------------------------------------------------------------

    bookyears = answered_by(MasterDataReader.bookyears, Permission.READ_REPORTS)
    journals = answered_by(MasterDataReader.journals, Permission.READ_REPORTS)
    accounts = answered_by(MasterDataReader.accounts, Permission.READ_REPORTS)
    cost_centres = answered_by(MasterDataReader.cost_centres, Permission.READ_REPORTS)
    relations = answered_by(MasterDataReader.relations, Permission.READ_REPORTS)
    relations_by_number = answered_by(MasterDataReader.relations_by_number, Permission.READ_RECEIVABLES)
    """For the names beside what the principal reads already: whoever reads anything reads receivables."""

    @requires_of(Permission.READ_REPORTS)
    async def dimensions(self, id: AdministrationId) -> Sequence[Dimension]:
        return [Dimension(COST_CENTRE)]

    # --- the ledger and its reports ----------------------------------------------------------------------------------

    transactions = answered_by(LedgerReader.transactions, Permission.READ_TRANSACTIONS)
    bookings = answered_by(LedgerReader.bookings, Permission.READ_TRANSACTIONS)
    booking_lines = answered_by(LedgerReader.booking_lines, Permission.READ_TRANSACTIONS)
    trial_balance = answered_by(ReportReader.trial_balance, Permission.READ_REPORTS)
    monthly_balances = answered_by(ReportReader.monthly_balances, Permission.READ_REPORTS)
    statement = answered_by(StatementReader.statement, Permission.READ_REPORTS)
    monthly_results = answered_by(StatementReader.monthly_results, Permission.READ_REPORTS)

    unmapped = answered_by(OwnReportReader.unmapped, Permission.READ_REPORTS)

    @requires(Permission.READ_REPORTS)
    async def reports(self, ids: Sequence[ReportId] | None = None) -> Sequence[Report]:
        """As ``OwnReportReader.reports``: they are the organisation's, whatever a token leaves out."""
        return await self.ask(lambda reader: reader.reports(ids))

    @judges(Permission.READ_RECEIVABLES)
    async def freshness(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Freshness]:
        """Of those that the principal reads anything of: whoever reads anything reads receivables."""
        visible = self._among(ids, Permission.READ_RECEIVABLES)
        return await self.ask(lambda reader: reader.freshness(visible)) if visible else {}

    # --- open items --------------------------------------------------------------------------------------------------

    outstanding_reports = answered_by(OutstandingReader.outstanding_reports, PERMISSIONS)
    outstanding_by_relation = answered_by(OutstandingReader.outstanding_by_relation, PERMISSIONS)
    days_outstanding = answered_by(OutstandingReader.days_outstanding, PERMISSIONS)
    outstanding_items = answered_by(OutstandingReader.outstanding_items, PERMISSIONS)
    outstanding_item = answered_by(OutstandingReader.outstanding_item, PERMISSIONS)

    @requires_of(PERMISSIONS)
    async def ageing(
        self, id: AdministrationId, type: OutstandingItemType, bounds: Sequence[int]
    ) -> tuple[Bucket, ...]:
        """The buckets between the bounds, in days overdue. Raises ValueError, as ``ageing_buckets``."""
        return tuple(ageing_buckets(list(bounds)))

    # --- fixed assets ------------------------------------------------------------------------------------------------

    asset_categories = answered_by(FixedAssetReader.asset_categories, Permission.READ_REPORTS)
    fixed_assets = answered_by(FixedAssetReader.fixed_assets, Permission.READ_REPORTS)
    fixed_asset = answered_by(FixedAssetReader.fixed_asset, Permission.READ_REPORTS)
    depreciation_schedule = answered_by(FixedAssetReader.depreciation_schedule, Permission.READ_REPORTS)
    asset_movements = answered_by(FixedAssetReader.asset_movements, Permission.READ_REPORTS)
    asset_accounts = answered_by(FixedAssetReader.asset_accounts, Permission.READ_REPORTS)

    @requires_of(Permission.READ_REPORTS)
    async def asset_origin(self, id: AdministrationId) -> AssetOrigin:
        return AssetOrigin.DERIVED_FROM_LEDGER

    # --- the audit trail ---------------------------------------------------------------------------------------------

    @requires(Permission.SEE_AUDIT)
    async def audit_trail(self, subject: UUID | None, first: int, after: str | None) -> Page[RecordedEntry]:
        """As ``AuditReader.audit_trail``."""
        return await self.ask(lambda reader: reader.audit_trail(subject, first, after))


class OpenReading(Protocol):
    def __call__(
        self, principal: Principal, language: Language | None = None
    ) -> AbstractAsyncContextManager[Reading]: ...


def opening(readers: Readers, places: Places | None = None, *, of_one: bool = False) -> OpenReading:
    """Opens a principal's reading. No transaction begins before the first question that is allowed, and none before
    the principal has one of the places, which others may share. ``of_one``: as in ``ReadingSession``."""
    shared = Places() if places is None else places

    @asynccontextmanager
    async def open_reader(principal: Principal, language: Language | None) -> AsyncIterator[Reader]:
        async with shared.of(principal), readers(principal.organisation, language) as reader:
            yield reader

    @asynccontextmanager
    async def open_reading(principal: Principal, language: Language | None = None) -> AsyncIterator[Reading]:
        session = ReadingSession(lambda: open_reader(principal, language), of_one=of_one)
        try:
            yield Reading(principal, session, language)
        finally:
            await session.close()

    return open_reading
