"""Whatever happens in Octopus, an incremental import leaves what a full import would."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.domain.import_run import ImportMode, ImportStatus
from monitr.domain.organisation import AdministrationId
from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.clock import Clock
from octopus_sandbox.switches import AmountBalance, ElementOrder, LineNumbers, OpeningVariant
from octopus_sandbox.testing import SandboxServer
from tests.integration.importing.edits import Edit, Sell, edits
from tests.integration.importing.soak import examples, phases
from tests.integration.importing.truth import assert_equals_the_books, imported
from tests.integration.importing.world import World, a_world, checks

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOSSIER = 49001


def a_sandbox(**switches: object) -> SandboxServer:
    """Small books of three bookyears, on a clock that stands still until a test moves it."""
    given = Switches(daily_limits=False, **switches)  # type: ignore[arg-type]  # switches by name
    return SandboxServer(SandboxSettings(lines=300, bookyears=3, switches=given), Clock(NOW))


async def selected(world: World) -> AdministrationId:
    (administration,) = await world.select(await world.connect(), DOSSIER)
    return administration.id


async def synchronised(world: World, id: AdministrationId, mode: ImportMode = ImportMode.INCREMENTAL) -> None:
    run = await world.sync(id, mode)
    assert run.status is ImportStatus.SUCCEEDED, run.error
    found = checks(run)
    failed = {code for code, (status, _) in found.items() if status == "FAILED"}
    if "YEAR_OPENINGS" in found:  # something was booked in an old year, and the opening after it not run again:
        failed.discard("OUTSTANDING_ITEMS")  # then Octopus's open items and balances do not agree either
    assert not failed, found


histories = st.lists(st.lists(edits, min_size=1, max_size=4), min_size=1, max_size=3)
"""Edits, and after each list of them an import."""


@settings(
    max_examples=examples(ordinarily=2, in_a_soak=150),
    deadline=None,
    phases=phases(),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    history=histories,
    opening=st.sampled_from(OpeningVariant),
    numbers=st.sampled_from(LineNumbers),
    amounts=st.sampled_from(AmountBalance),
)
async def test_incremental_imports_equal_a_full_one_into_another_organisation(
    engine: AsyncEngine,
    history: list[list[Edit]],
    opening: OpeningVariant,
    numbers: LineNumbers,
    amounts: AmountBalance,
) -> None:
    with a_sandbox(
        opening=opening, line_numbers=numbers, amount_balance=amounts, element_order=ElementOrder.LINES_SHUFFLED
    ) as sandbox:
        books = sandbox.books(DOSSIER)
        async with (
            a_world(engine, sandbox, sandbox.clock.now) as mine,
            a_world(engine, sandbox, sandbox.clock.now) as theirs,
        ):
            id = await selected(mine)
            await mine.work(id)
            for done in history:
                sandbox.clock.advance(timedelta(hours=7))
                for edit in done:
                    sandbox.clock.advance(timedelta(minutes=1))
                    edit.in_(books)
                sandbox.clock.advance(timedelta(minutes=1))
                await synchronised(mine, id)
                await assert_equals_the_books(mine, id, sandbox.truth(DOSSIER))

            other = await selected(theirs)
            await theirs.work(other)
            assert await imported(mine, id) == await imported(theirs, other)


async def test_a_full_import_of_unchanged_books_writes_no_line(engine: AsyncEngine) -> None:
    with a_sandbox(element_order=ElementOrder.LINES_SHUFFLED) as sandbox:
        async with a_world(engine, sandbox, sandbox.clock.now) as world:
            id = await selected(world)
            await world.work(id)
            versions = """
                SELECT ctid::text, xmin::text FROM ledger_line WHERE administration_id = :id UNION ALL
                SELECT ctid::text, xmin::text FROM account_month WHERE administration_id = :id ORDER BY 1, 2"""
            before = await world.rows(versions, id=id)

            sandbox.clock.advance(timedelta(days=1))
            await synchronised(world, id, ImportMode.FULL)

            assert await world.rows(versions, id=id) == before
            assert len(before) > 300


async def test_a_new_bookyear_leaves_the_books_complete(engine: AsyncEngine) -> None:
    with a_sandbox() as sandbox:
        async with a_world(engine, sandbox, sandbox.clock.now) as world:
            id = await selected(world)
            await world.work(id)
            since = (await world.administration(id)).complete_from
            sandbox.clock.advance(timedelta(hours=7))
            books = sandbox.books(DOSSIER)
            newest = max(books.bookyears.values(), key=lambda year: year.end)
            books.carry_forward(books.add_bookyear(newest.end + timedelta(days=1)).id)

            await synchronised(world, id)

            assert (await world.administration(id)).complete_from == since is not None
            await assert_equals_the_books(world, id, sandbox.truth(DOSSIER))


@pytest.mark.parametrize("minutes", [1, 179])
async def test_a_booking_that_was_written_while_octopus_was_read_is_not_lost(engine: AsyncEngine, minutes: int) -> None:
    """The overlap of three hours reads it again, whatever zone Octopus's clock shows (octopus.md 3.4)."""
    with a_sandbox() as sandbox:
        async with a_world(engine, sandbox, sandbox.clock.now) as world:
            id = await selected(world)
            await world.work(id)
            books = sandbox.books(DOSSIER)
            books.clock.advance(-timedelta(minutes=minutes))
            Sell(1, 1, 5000).in_(books)
            books.clock.advance(timedelta(hours=9))

            await synchronised(world, id)

            await assert_equals_the_books(world, id, sandbox.truth(DOSSIER))
