"""Issue by issue, what real sources do: over HTTP, against PostgreSQL. The rules themselves are in ``tests/unit``."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.domain.import_run import ImportMode, ImportRun, ImportStatus, ImportTrigger
from monitr.domain.organisation import AdministrationId
from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.clock import Clock
from octopus_sandbox.switches import DateHeader, Nothing
from octopus_sandbox.testing import SandboxServer
from octopus_sandbox.trouble.faults import FaultKind
from tests.integration.importing.edits import Sell
from tests.integration.importing.soak import SOAK
from tests.integration.importing.test_faults import DOSSIER, LEDGER, OTHERS, edit, selected
from tests.integration.importing.truth import assert_equals_the_books, ledger_in, ledger_of
from tests.integration.importing.world import World, a_world, checks

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVERY_ROUTE = (LEDGER, *OTHERS, "getAccounts", "getRelations")
NO_ANSWERS = [FaultKind.NOT_FOUND, FaultKind.ERROR_OBJECT]
if SOAK:
    NO_ANSWERS += [FaultKind.HTML, FaultKind.EMPTY, FaultKind.NO_CONTENT, FaultKind.EMPTY_LIST]


async def at_once(seconds: float) -> None:
    """No waiting between the attempts of a read."""


@pytest_asyncio.fixture
async def world(engine: AsyncEngine) -> AsyncIterator[World]:
    switches = Switches(daily_limits=False)
    with SandboxServer(SandboxSettings(lines=120, bookyears=2, switches=switches), Clock(NOW)) as sandbox:
        async with a_world(engine, sandbox, sandbox.clock.now, sleep=at_once) as world:
            yield world


async def imported(world: World) -> AdministrationId:
    id = await selected(world)
    assert (await world.work(id)).status is ImportStatus.SUCCEEDED
    return id


async def deep_read(world: World, id: AdministrationId) -> ImportRun:
    await world.queue(id, trigger=ImportTrigger.DEEP_READ)
    await world.age_chunks(id, timedelta(days=1))
    return await world.work(id)


# --- 1. absence -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", NO_ANSWERS)
async def test_routes_that_are_gone_move_nothing_and_what_was_booked_meanwhile_arrives(
    world: World, kind: FaultKind
) -> None:
    id = await imported(world)
    before = await world.administration(id)
    edit(world, Sell(1, 300, 4321))
    world.sandbox.faults.next(EVERY_ROUTE, 10_000, kind=kind, status=404)

    run = await world.sync(id)

    assert run.status in (ImportStatus.WAITING, ImportStatus.FAILED)
    after = await world.administration(id)
    assert (after.watermark, after.last_successful_import_at) == (before.watermark, before.last_successful_import_at)

    world.sandbox.faults.clear()
    run = await (world.work(id) if run.status is ImportStatus.WAITING else world.sync(id))
    assert (run.status, checks(run)) == (ImportStatus.SUCCEEDED, {})
    await assert_equals_the_books(world, id, world.sandbox.truth(DOSSIER))


@pytest.mark.parametrize("kind", NO_ANSWERS)
@pytest.mark.parametrize("operation", [LEDGER, "getBookyears", "getModifiedAccountAmounts"])
async def test_a_first_import_without_one_route_is_no_success(world: World, kind: FaultKind, operation: str) -> None:
    id = await selected(world)
    world.sandbox.faults.next(operation, 10_000, kind=kind, status=404)

    run = await world.work(id)

    assert run.status is not ImportStatus.SUCCEEDED or checks(run)
    if operation != "getModifiedAccountAmounts":  # without totals it is verified without them
        assert run.status is not ImportStatus.SUCCEEDED


@pytest.mark.parametrize("form", list(Nothing) if SOAK else [Nothing.PAGE, Nothing.NO_CONTENT, Nothing.EMPTY_BODY])
async def test_no_dossier_is_locked_out_by_a_form_of_nothing(world: World, form: Nothing) -> None:
    world.sandbox.switch(nothing=form)
    id = await imported(world)
    for _ in range(2):  # a day on which nothing is booked, and one on which something is
        run = await world.sync(id)
        assert (run.status, checks(run)) == (ImportStatus.SUCCEEDED, {})
        edit(world, Sell(1, 300, 4321))
    run = await world.sync(id, ImportMode.FULL)

    assert (run.status, checks(run)) == (ImportStatus.SUCCEEDED, {})
    await assert_equals_the_books(world, id, world.sandbox.truth(DOSSIER))


# --- 2. clocks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [timedelta(hours=30), -timedelta(hours=30)])
@pytest.mark.parametrize("date_header", list(DateHeader) if SOAK else [DateHeader.OWN])
async def test_what_is_booked_while_our_clock_is_wrong_arrives(
    engine: AsyncEngine, ahead: timedelta, date_header: DateHeader
) -> None:
    settings = SandboxSettings(lines=120, bookyears=2, switches=Switches(daily_limits=False, date_header=date_header))
    off = ahead
    with SandboxServer(settings, Clock(NOW)) as sandbox:
        async with a_world(engine, sandbox, lambda: sandbox.clock.now() + off, sleep=at_once) as world:
            id = await imported(world)
            edit(world, Sell(1, 300, 4321))
            off = timedelta()
            sandbox.clock.advance(timedelta(hours=1))

            run = await world.sync(id)

            assert run.status is ImportStatus.SUCCEEDED
            await assert_equals_the_books(world, id, sandbox.truth(DOSSIER))


@pytest.mark.parametrize("skew", [timedelta(hours=-9), timedelta(hours=9)])
async def test_what_is_booked_while_octopus_s_clock_is_wrong_arrives(world: World, skew: timedelta) -> None:
    """By the changes alone: late stamps are found, not only missing totals."""
    world.sandbox.switch(clock_skew=int(skew.total_seconds()))
    id = await imported(world)
    world.sandbox.clock.advance(timedelta(hours=1))
    Sell(1, 300, 4321).in_(world.sandbox.books(DOSSIER))
    Sell(1, 300, -4321).in_(world.sandbox.books(DOSSIER))  # no total tells of them
    world.sandbox.clock.advance(timedelta(hours=1))

    run = await world.sync(id)

    assert run.status is ImportStatus.SUCCEEDED
    await assert_equals_the_books(world, id, world.sandbox.truth(DOSSIER))


# --- 3. totals whole, and a deep reading ----------------------------------------------------------------------------


async def test_bookings_that_synchronise_late_and_change_no_total_are_found_at_night(world: World) -> None:
    id = await imported(world)
    books = world.sandbox.books(DOSSIER)
    stamp = world.sandbox.clock.milliseconds() - 5 * 86_400_000
    world.sandbox.clock.advance(timedelta(days=1))
    with books.stamped(stamp):
        Sell(1, 300, 4321).in_(books)
        Sell(1, 300, -4321).in_(books)
    await world.sync(id)
    is_found = await ledger_of(world, id) == ledger_in(world.sandbox.truth(DOSSIER))

    run = await deep_read(world, id)

    assert not is_found
    assert run.trigger is ImportTrigger.DEEP_READ
    assert (run.status, checks(run)) == (ImportStatus.SUCCEEDED, {})
    await assert_equals_the_books(world, id, world.sandbox.truth(DOSSIER))


# --- 4. the list decides --------------------------------------------------------------------------------------------


async def test_a_bookyear_that_vanished_from_the_list_blocks_nothing_and_stays(world: World) -> None:
    """Octopus's totals still hold it."""
    id = await imported(world)
    before = await ledger_of(world, id)
    oldest = min(world.sandbox.books(DOSSIER).bookyears)
    world.sandbox.books(DOSSIER).unlist_bookyear(oldest)

    for mode in (ImportMode.INCREMENTAL, ImportMode.FULL):
        run = await world.sync(id, mode)
        assert run.status is ImportStatus.SUCCEEDED
        assert f"bookyear {oldest}" in (checks(run)["RECORDS_READABLE"][1] or "")
        assert await ledger_of(world, id) == before


async def test_a_bookyear_that_octopus_refuses_is_named_and_read_by_a_later_run(world: World) -> None:
    id = await selected(world)
    oldest = min(world.sandbox.books(DOSSIER).bookyears)
    world.sandbox.faults.next(LEDGER, 100, kind=FaultKind.REFUSED, bookyear=oldest)

    run = await world.work(id)

    assert run.status is ImportStatus.SUCCEEDED
    status, detail = checks(run)["RECORDS_READABLE"]
    assert status == "FAILED"
    assert f"bookyear {oldest}" in (detail or "")
    assert "does not let this user read" in (detail or "")

    world.sandbox.faults.clear()
    run = await world.sync(id)
    assert (run.status, checks(run)) == (ImportStatus.SUCCEEDED, {})
    await assert_equals_the_books(world, id, world.sandbox.truth(DOSSIER))
