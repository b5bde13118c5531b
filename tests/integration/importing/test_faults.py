"""Octopus answers wrongly, or the worker is killed: no fault leaves wrong figures, none outlives its cause."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import cycle
from random import Random
from typing import NamedTuple

import pytest
import pytest_asyncio
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.domain.import_run import ImportMode, ImportRun, ImportStatus
from monitr.domain.organisation import AdministrationId
from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.clock import Clock
from octopus_sandbox.switches import Duplicates, OpeningVariant
from octopus_sandbox.testing import SandboxServer
from octopus_sandbox.trouble.faults import FaultKind
from tests.integration.importing.edits import ChangeAmounts, Delete, Edit, OpenAgain, Sell
from tests.integration.importing.soak import SOAK
from tests.integration.importing.truth import (
    assert_equals_the_books,
    imported,
    ledger_in,
    ledger_of,
)
from tests.integration.importing.world import World, a_world, checks

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOSSIER = 49001
LEDGER = "getReportModifiedBooking"
OTHERS = (
    "getBookyears",
    "getJournals",
    "getModifiedAccounts",
    "getCostCentres",
    "getModifiedRelations",
    "getModifiedAccountAmounts",
    "getModifiedBalancingRelations",
    "getReportOpenClient",
    "getReportOpenSupplier",
)
FIELDS = {
    LEDGER: "bookingAmount",
    "getBookyears": "startDate",
    "getJournals": "name",
    "getModifiedAccounts": "accountKey",
    "getCostCentres": "costCentreKey",
    "getModifiedRelations": "name",
    "getModifiedAccountAmounts": "balance",
    "getModifiedBalancingRelations": "debetBalancedBookingAmount",
    "getReportOpenClient": "openBookingAmount",
    "getReportOpenSupplier": "documentDate",
}
EDITS = (Sell(1, 300, 4321), ChangeAmounts(7, 1, 99), Delete(11, 0, 0), OpenAgain(0, 0, 0))
"""In both bookyears, so the second is opened again."""
SAID = {"OCTOPUS_UNAVAILABLE", "OCTOPUS_INVALID_ANSWER", "QUOTA_SPENT", "DOSSIER_NOT_FOUND", "ACCESS_LOST"}
"""The codes that a run may end or wait with."""


KINDS = [kind for kind in FaultKind if kind is not FaultKind.HANG]
"""An Octopus that hangs takes minutes: ``octopus/test_octopus_patience.py`` tries it in virtual time."""


class Stage(StrEnum):
    FIRST = "a first import"
    FULL = "a full import"
    CHANGES = "an incremental import"


class Case(NamedTuple):
    kind: FaultKind
    operation: str
    stage: Stage
    times: int
    """More than a read is tried."""


def cases() -> list[Case]:
    """Every other kind for the ledger; a seeded sample of the rest, or in a soak all of it."""
    every = [
        Case(kind, operation, stage, times)
        for operation in (LEDGER, *OTHERS)
        for kind in KINDS
        for stage in Stage
        for times in (1, 12)
    ]
    if SOAK:
        return every
    turns = zip(KINDS[::2], cycle(Stage), cycle((12, 1)), strict=False)
    of_the_ledger = [Case(kind, LEDGER, stage, times) for kind, stage, times in turns]
    return of_the_ledger + Random(20261122).sample([case for case in every if case not in of_the_ledger], 4)


async def at_once(seconds: float) -> None:
    """No waiting between the attempts of a read."""


@pytest_asyncio.fixture
async def world(engine: AsyncEngine) -> AsyncIterator[World]:
    switches = Switches(daily_limits=False)
    with SandboxServer(SandboxSettings(lines=150, bookyears=2, switches=switches), Clock(NOW)) as sandbox:
        async with a_world(engine, sandbox, sandbox.clock.now, sleep=at_once) as world:
            yield world


async def selected(world: World) -> AdministrationId:
    (administration,) = await world.select(await world.connect(), DOSSIER)
    return administration.id


def edit(world: World, *edits: Edit) -> None:
    world.sandbox.clock.advance(timedelta(hours=7))
    for done in edits:
        done.in_(world.sandbox.books(DOSSIER))
    world.sandbox.clock.advance(timedelta(minutes=1))


async def begun(world: World, stage: Stage) -> tuple[AdministrationId, ImportMode]:
    """Up to where the stage's run is to be worked on."""
    id = await selected(world)
    if stage is Stage.FIRST:
        return id, ImportMode.FULL
    await world.work(id)
    if stage is Stage.CHANGES:
        edit(world, *EDITS)
        return id, ImportMode.INCREMENTAL
    world.sandbox.clock.advance(timedelta(hours=7))
    return id, ImportMode.FULL


async def done(world: World, id: AdministrationId, stage: Stage, mode: ImportMode) -> ImportRun:
    return await (world.work(id) if stage is Stage.FIRST else world.sync(id, mode))


async def assert_nothing_is_wrong_in_silence(world: World, id: AdministrationId, run: ImportRun) -> None:
    """A run that stops says why; one that ends agrees with the books, or its verification says that it does not."""
    if run.status is ImportStatus.SUCCEEDED:
        agrees = await ledger_of(world, id) == ledger_in(world.sandbox.truth(DOSSIER))
        assert agrees or checks(run), "a wrong ledger, and no check has seen it"
    else:
        assert run.status in (ImportStatus.WAITING, ImportStatus.FAILED)
        assert run.error is not None
        assert run.error.code in SAID


@pytest.mark.parametrize("case", cases(), ids=lambda case: "-".join(map(str, case)))
async def test_a_fault_is_repaired_or_reported_and_gone_with_its_cause(world: World, case: Case) -> None:
    id, mode = await begun(world, case.stage)
    before = set(await ledger_of(world, id))
    world.sandbox.faults.next(
        case.operation, case.times, kind=case.kind, status=503, seconds=0.05, field=FIELDS[case.operation]
    )

    run = await done(world, id, case.stage, mode)

    await assert_nothing_is_wrong_in_silence(world, id, run)
    if case.stage is Stage.FULL:  # nothing has changed in Octopus
        assert before == set(await ledger_of(world, id)), "a fault took lines away"

    world.sandbox.faults.clear()
    world.sandbox.clock.advance(timedelta(hours=1))
    if run.status is ImportStatus.WAITING:
        run = await world.work(id)
        assert run.status is ImportStatus.SUCCEEDED, run.error
    run = await world.sync(id, ImportMode.FULL)

    assert (run.status, checks(run)) == (ImportStatus.SUCCEEDED, {})
    await assert_equals_the_books(world, id, world.sandbox.truth(DOSSIER))


@pytest.mark.parametrize("kind", [FaultKind.NOT_FOUND, FaultKind.EMPTY, FaultKind.FEWER_ELEMENTS, FaultKind.HTML])
async def test_an_octopus_that_has_lost_its_mind_takes_nothing_away(world: World, kind: FaultKind) -> None:
    """Every answer but the tokens is spoiled, for as long as it takes."""
    id, mode = await begun(world, Stage.FULL)
    before = await ledger_of(world, id)
    for operation in (LEDGER, *OTHERS, "getAccounts", "getRelations"):
        world.sandbox.faults.next(operation, 1_000, kind=kind, status=200)

    run = await world.sync(id, mode)

    assert await ledger_of(world, id) == before
    await assert_nothing_is_wrong_in_silence(world, id, run)
    assert run.status is not ImportStatus.SUCCEEDED or checks(run)


@pytest.mark.parametrize("duplicates", [Duplicates.LINES, Duplicates.DOCUMENTS])
async def test_what_octopus_sends_twice_is_imported_once(world: World, duplicates: Duplicates) -> None:
    world.sandbox.switch(duplicates=duplicates)
    id = await selected(world)

    run = await world.work(id)

    assert run.status is ImportStatus.SUCCEEDED
    assert set(checks(run)) <= {"RECORDS_READABLE", "OUTSTANDING_ITEMS", "MATCHINGS"}
    assert await ledger_of(world, id) == ledger_in(world.sandbox.truth(DOSSIER))


async def test_special_openings_are_found_where_type_minus_one_is_refused_for_one_bookyear(world: World) -> None:
    world.sandbox.switch(opening=OpeningVariant.SPECIAL_TYPE, all_types_of_one_bookyear=False)
    id = await selected(world)

    run = await world.work(id)

    assert (run.status, checks(run)) == (ImportStatus.SUCCEEDED, {})
    await assert_equals_the_books(world, id, world.sandbox.truth(DOSSIER))


# --- the worker is killed -------------------------------------------------------------------------------------------


class Effects:
    """Counts what happens outside of the process: requests answered, transactions committed. At the Nth the task that
    does the work is cancelled, like a killed process: what is not committed by then never happened."""

    def __init__(self) -> None:
        self.count = 0
        self.deadly: int | None = None
        self.victim: asyncio.Task[None] | None = None

    def happened(self, *_: object) -> None:
        if self.victim is not None:
            self.count += 1
            if self.count == self.deadly:
                self.victim.cancel()

    @contextmanager
    def in_(self, engine: AsyncEngine) -> Iterator[None]:
        event.listen(engine.sync_engine, "commit", self.happened)
        try:
            yield
        finally:
            event.remove(engine.sync_engine, "commit", self.happened)

    async def work(self, world: World, id: AdministrationId, kill_at: int | None) -> None:
        self.deadly = kill_at
        self.victim = asyncio.ensure_future(world.importer()(await world.claim(id)))
        with suppress(asyncio.CancelledError):
            await self.victim
        self.victim = None


async def history(engine: AsyncEngine, stage: Stage, kill_at: int | None) -> tuple[Effects, object]:
    """The same every time, but for the kill: how many effects it had, and every row that it left."""
    effects = Effects()
    switches = Switches(daily_limits=False, opening=OpeningVariant.SPECIAL_TYPE)
    with (
        SandboxServer(SandboxSettings(lines=150, bookyears=2, switches=switches), Clock(NOW)) as sandbox,
        effects.in_(engine),
    ):
        now = sandbox.clock.now
        async with a_world(engine, sandbox, now, on_request=effects.happened, sleep=at_once) as world:
            id = await selected(world)
            if stage is Stage.CHANGES:
                await world.work(id)
                edit(world, *EDITS)
                await world.queue(id)
            await effects.work(world, id, kill_at)
            if await world.rows(UNFINISHED, id=id):
                published = await world.rows(PUBLISHED, id=id)
                sandbox.calls.clear()
                sandbox.clock.advance(timedelta(seconds=30))
                run = await world.work(id)
                assert run.status is ImportStatus.SUCCEEDED, run.error
                again = [
                    (int(call.path.split("/")[-3]), int(call.query["journalTypeId"]))
                    for call in sandbox.calls.of(LEDGER)
                ]
                assert not set(published) & set(again), "what was published is not read again"
            await assert_equals_the_books(world, id, sandbox.truth(DOSSIER))
            return effects, await imported(world, id)


UNFINISHED = "SELECT id FROM import_run WHERE administration_id = :id AND status IN ('QUEUED', 'RUNNING')"
PUBLISHED = """
    SELECT c.bookyear, c.journal_type FROM ledger_chunk c JOIN import_run r ON r.id = c.run_id
    WHERE c.administration_id = :id AND r.status = 'RUNNING'"""


def moments(effects: int) -> Sequence[int]:
    """A seeded sample that holds the first and the last, or in a soak every one."""
    if SOAK:
        return range(1, effects + 1)
    return sorted({1, effects, *Random(20261122).sample(range(2, effects), 3)})


@pytest.mark.parametrize("stage", [Stage.FIRST, Stage.CHANGES])
async def test_a_worker_that_is_killed_at_any_moment_is_as_if_it_had_not_been(
    engine: AsyncEngine, stage: Stage
) -> None:
    undisturbed, expected = await history(engine, stage, None)

    for moment in moments(undisturbed.count):
        _, rows = await history(engine, stage, moment)
        assert rows == expected, f"killed at effect {moment} of {undisturbed.count}"
