"""An object by its id alone, of whatever type it is."""

from typing import Annotated, assert_never

import strawberry

from monitr.application.reading.asking import NotPermitted
from monitr.application.reading.audit import RecordedEntry
from monitr.application.reading.opaque_ids import OpaqueId, RowKind, asset_of, line_of
from monitr.domain import administration, import_run, integration, webhooks
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.accounting.statements import own_reports
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.paging import LATEST_DAY
from monitr.entrypoints.graphql.types.administrations import Administration
from monitr.entrypoints.graphql.types.audit import AuditEntry
from monitr.entrypoints.graphql.types.cards import Integration
from monitr.entrypoints.graphql.types.fixed_assets import FixedAsset
from monitr.entrypoints.graphql.types.imports import ImportRun
from monitr.entrypoints.graphql.types.ledger import Transaction
from monitr.entrypoints.graphql.types.node import Node
from monitr.entrypoints.graphql.types.outstanding_items import OutstandingItem
from monitr.entrypoints.graphql.types.own_reports import Report
from monitr.entrypoints.graphql.types.webhooks import WebhookTarget


@strawberry.type
class NodeQueries:
    @strawberry.field
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="As in a field `id`.")]
    ) -> Node | None:
        """Administration, Integration, ImportRun, Transaction, OutstandingItem, FixedAsset, WebhookTarget, Report,
        AuditEntry: any id that the schema has given out. null where the caller may not see it."""
        opaque = OpaqueId.parse(id)
        try:
            return await (_row_with_an_id(info, id) if opaque is None else _row_of_books(info, opaque))
        except NotPermitted:
            return None


async def _row_with_an_id(info: Info, id: str) -> Node | None:
    match await info.context.loaders.nodes.load(info.context.id(id)):
        case None:
            return None
        case administration.Administration() as row:
            return Administration.of(row)
        case integration.Integration() as row:
            return Integration.of(row)
        case import_run.ImportRun() as run:
            return ImportRun.of(run)
        case webhooks.WebhookTarget() as target:
            return WebhookTarget.of(target, info.context.use_cases.webhooks.cursor)
        case own_reports.Report() as report:
            return Report.of(report)
        case RecordedEntry() as recorded:
            return AuditEntry.of(recorded)


async def _row_of_books(info: Info, id: OpaqueId) -> Node | None:
    if await info.context.loaders.administrations.load(id.administration) is None:
        return None
    match id.kind:
        case RowKind.LINE:
            return await _line(info, id)
        case RowKind.RECEIVABLE | RowKind.PAYABLE:
            return await _item(info, id)
        case RowKind.ASSET:
            return await _asset(info, id)
        case other:
            assert_never(other)


async def _line(info: Info, id: OpaqueId) -> Transaction | None:
    if (named := line_of(id)) is None:
        return None
    booking, ordinal = named
    lines = await info.context.reading.booking_lines(id.administration, [booking], 1, ordinal - 1)
    return Transaction.of(id.administration, lines[booking][0]) if lines.get(booking) else None


async def _item(info: Info, id: OpaqueId) -> OutstandingItem | None:
    """As it stands today."""
    type, today = OutstandingItemType(id.kind.value), info.context.today()
    row = await info.context.reading.outstanding_item(id.administration, type, today, id.key)
    return OutstandingItem.of(id.administration, type, row) if row else None


async def _asset(info: Info, id: OpaqueId) -> FixedAsset | None:
    """As it stands today, or, where it is acquired later, after that."""
    if (asset := asset_of(str(id))) is None:
        return None
    for day in (info.context.today(), LATEST_DAY):
        if row := await info.context.reading.fixed_asset(id.administration, day, asset):
            return FixedAsset.of(id.administration, row)
    return None
