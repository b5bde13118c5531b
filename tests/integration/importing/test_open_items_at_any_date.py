"""Open items of past days after imports, against the sandbox's own truth: documents less matchings up to the day."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.reading import SqlReaders
from monitr.application.reading.outstanding_items import OutstandingFilter, OutstandingItemRow
from monitr.domain.accounting.open_items_at import OutstandingBasis
from monitr.domain.accounting.outstanding_items import OutstandingItemType, ageing_buckets
from monitr.domain.import_run import ImportStatus
from monitr.domain.organisation import AdministrationId
from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.books import Books
from octopus_sandbox.clock import Clock
from octopus_sandbox.testing import SandboxServer
from octopus_sandbox.truth.answers import OpenItem
from tests.integration.importing.world import World, a_world

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOSSIER = 49001
PAST = [date(2024, 3, 31), date(2025, 12, 31), date(2026, 1, 15), date(2026, 9, 30), date(2026, 11, 21)]


async def items(
    world: World, id: AdministrationId, type: OutstandingItemType, days: list[date]
) -> dict[date, tuple[OutstandingBasis, Decimal, list[tuple[object, ...]]]]:
    async with SqlReaders(world.engine, world.clock)(world.organisation) as reader:
        reports = await reader.outstanding_reports(id, type, ageing_buckets([30]), days)
        return {
            day: (report.basis, report.totals.ageing.amount, sorted(_ours(row) for row in page.rows))
            for day, report in reports.items()
            for page in [await reader.outstanding_items(id, type, day, OutstandingFilter(), 5_000, None)]
        }


def _ours(row: OutstandingItemRow) -> tuple[object, ...]:
    whole = (row.booking_code, row.relation, row.document_date, row.due_date or row.document_date)
    return (*whole, row.amount, row.amount_outstanding, row.currency, row.description or "", row.reference or "")


def _theirs(item: OpenItem) -> tuple[object, ...]:
    code = f"{item.bookyear}-{item.journal_key}-{item.document_number}"
    whole = (code, item.relation, item.date, item.due or item.date)
    return (*whole, item.amount, item.outstanding, item.currency, item.comment, item.reference)


async def synchronised(world: World, id: AdministrationId) -> None:
    run = await world.sync(id)
    assert run.status is ImportStatus.SUCCEEDED, run.error


def take_some_matchings_away(books: Books) -> None:
    for matching in books.matchings.all()[::15]:
        books.unmatch(matching.debit, matching.credit)


@pytest.mark.parametrize("told", [True, False], ids=["removals are told", "removals are not told"])
async def test_past_days_are_what_the_books_say_after_the_first_import_and_after_changes(
    engine: AsyncEngine, told: bool
) -> None:
    """Where removals are not told, the report tells them; of items of a year opening it does not."""
    switches = Switches(daily_limits=False, first_opening_has_open_items=told, removed_matchings=told)
    clock = Clock(NOON)
    with SandboxServer(SandboxSettings(lines=3_000, bookyears=3, switches=switches), clock) as sandbox:
        async with a_world(engine, sandbox, clock.now) as world:
            (administration,) = await world.select(await world.connect(), DOSSIER)
            await synchronised(world, administration.id)
            first = await _compared(world, administration.id, sandbox, PAST)
            take_some_matchings_away(sandbox.books(DOSSIER))
            clock.advance(timedelta(days=1))
            await synchronised(world, administration.id)
            assert await _compared(world, administration.id, sandbox, PAST) != first
            for type in OutstandingItemType:
                found = await items(world, administration.id, type, [NOON.date()])
                assert found[NOON.date()][0] is OutstandingBasis.SNAPSHOT


async def _compared(world: World, id: AdministrationId, sandbox: SandboxServer, days: list[date]) -> object:
    found = {type: await items(world, id, type, days) for type in OutstandingItemType}
    for type, reports in found.items():
        for day, (basis, total, rows) in reports.items():
            theirs = sandbox.truth(DOSSIER).open_items(type.value, day)
            assert basis is OutstandingBasis.REBUILT
            assert total == sum(item.outstanding for item in theirs)
            assert rows == sorted(map(_theirs, theirs))
    return found
