""" "Sync now" and the schedule, and cancelling what they started."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from returns.result import Failure

from monitr.application.cancel_import import CancelImport
from monitr.application.chores.scheduled_imports import ScheduledImports
from monitr.application.problems import ImportEnded, UnknownAdministration, UnknownImport
from monitr.application.start_imports import StartImports, UnknownBookyear
from monitr.domain.accounting.verification import Verification
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import ImportMode, ImportRun, ImportRunId, ImportStatus, ImportTrigger
from monitr.domain.integration import Integration
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Role
from monitr.domain.words.sentence import Sentence
from tests.unit.fakes import (
    MINE,
    NOON,
    FakeTransactions,
    a_principal,
    a_run,
    an_administration,
    an_integration,
    an_integration_awaiting_consent,
)

HOUR = timedelta(hours=1)
YESTERDAY, MONTHS_AGO = NOON - timedelta(days=1), NOON - timedelta(days=90)
INCREMENTAL, FULL = ImportMode.INCREMENTAL, ImportMode.FULL


def succeeded(administration: Administration, at: datetime) -> ImportRun:
    return a_run(administration).begin(at).succeed(at, Verification(()))


class World:
    """An integration that was connected months ago, with one administration that was imported yesterday; it is noon,
    the cool-down is an hour."""

    def __init__(self, integration: Integration | None = None, *, watermark: datetime | None = YESTERDAY) -> None:
        self.integration = integration or an_integration(authorized_at=MONTHS_AGO)
        self.mine = an_administration(integration_id=self.integration.id, watermark=watermark)
        self.transactions = FakeTransactions([self.integration], administrations=[self.mine])
        self.start = StartImports(self.transactions, lambda: NOON, uuid4, HOUR)
        self.cancel = CancelImport(self.transactions, lambda: NOON)

    def has(self, *rows: Administration | ImportRun) -> None:
        for row in rows:
            if isinstance(row, ImportRun):
                self.transactions.committed.runs[row.id] = row
            else:
                self.transactions.committed.administrations[row.id] = row


async def test_sync_now_queues_an_import_and_wakes_a_worker() -> None:
    world = World()

    started = (await world.start(a_principal(), [world.mine.id], INCREMENTAL)).unwrap()

    (run,) = started.imports
    assert (run.administration_id, run.status, run.queued_at) == (world.mine.id, ImportStatus.QUEUED, NOON)
    assert (run.mode, run.trigger) == (INCREMENTAL, ImportTrigger.SYNC_NOW)
    assert world.transactions.runs == [run]
    assert world.transactions.wake_ups == [run.id]


async def test_a_full_import_is_one_that_was_asked_for_as_such() -> None:
    world = World()

    started = (await world.start(a_principal(), [world.mine.id], FULL)).unwrap()

    assert [run.mode for run in started.imports] == [FULL]


@pytest.mark.parametrize("trigger", [ImportTrigger.SYNC_NOW, ImportTrigger.SCHEDULE])
@pytest.mark.parametrize(
    ("watermark", "days", "mode"),
    [
        (NOON - timedelta(days=29), 30, INCREMENTAL),
        (NOON - timedelta(days=30), 30, FULL),
        (MONTHS_AGO, 30, FULL),
        (MONTHS_AGO, 91, INCREMENTAL),
        (YESTERDAY, 1, FULL),
        (None, 91, FULL),
    ],
)
async def test_what_changed_is_asked_for_only_as_long_as_octopus_remembers_what_was_deleted(
    trigger: ImportTrigger, watermark: datetime | None, days: int, mode: ImportMode
) -> None:
    world = World(watermark=watermark)
    start = replace(world.start, changes_remembered=timedelta(days=days))

    started = (await start(a_principal(), [world.mine.id], INCREMENTAL, trigger)).unwrap()

    assert [run.mode for run in started.imports] == [mode]


@pytest.mark.parametrize("status", [AdministrationStatus.NOT_FOUND, AdministrationStatus.ACCESS_LOST])
async def test_a_dossier_that_could_not_be_reached_can_be_tried_again(status: AdministrationStatus) -> None:
    world = World()
    world.has(world.mine.unreachable(status))

    assert len((await world.start(a_principal(), [world.mine.id], INCREMENTAL)).unwrap().imports) == 1


@pytest.mark.parametrize(
    "active",
    [
        a_run(),
        a_run().begin(NOON),
        a_run()
        .begin(NOON)
        .wait(NOON + HOUR, Explanation(ExplanationCode.QUOTA_SPENT, Sentence.verbatim("No more requests today."))),
    ],
)
async def test_an_import_that_is_active_already_is_answered_instead_of_a_second_one(active: ImportRun) -> None:
    world = World()
    world.has(under_way := replace(active, administration_id=world.mine.id))

    started = (await world.start(a_principal(), [world.mine.id], FULL)).unwrap()

    assert started.imports == (under_way,)
    assert world.transactions.runs == [under_way]
    assert world.transactions.wake_ups == []


async def test_several_administrations_have_a_run_or_a_refusal_each() -> None:
    world = World()
    cooling, active = (an_administration(integration_id=world.integration.id) for _ in range(2))
    world.has(cooling, succeeded(cooling, NOON), active, under_way := a_run(active))

    started = (await world.start(a_principal(), [active.id, world.mine.id, cooling.id], INCREMENTAL)).unwrap()

    assert {run.administration_id for run in started.imports} == {world.mine.id, active.id}
    assert started.joined == {under_way.id}
    assert under_way in started.imports
    assert [(refused.administration_id, refused.code) for refused in started.refused] == [(cooling.id, "COOL_DOWN")]


async def test_an_administration_that_is_named_twice_is_imported_once() -> None:
    world = World()

    started = (await world.start(a_principal(), [world.mine.id, world.mine.id], INCREMENTAL)).unwrap()

    assert len(started.imports) == len(world.transactions.runs) == 1


async def test_the_answers_come_in_the_order_asked() -> None:
    world = World()
    others = [an_administration(integration_id=world.integration.id, watermark=YESTERDAY) for _ in range(6)]
    world.has(*others, *(succeeded(row, NOON) for row in others[::2]))

    started = (await world.start(a_principal(), [row.id for row in others], INCREMENTAL)).unwrap()

    assert [run.administration_id for run in started.imports] == [row.id for row in others[1::2]]
    assert [refusal.administration_id for refusal in started.refused] == [row.id for row in others[::2]]


@pytest.mark.parametrize("mode", [INCREMENTAL, FULL])
async def test_bookyears_are_read_again_by_an_import_of_the_changes_whatever_the_mode(mode: ImportMode) -> None:
    world = World()
    world.transactions.bookyears[world.mine.id] = {1, 2, 3}

    started = (await world.start(a_principal(), [world.mine.id], mode, bookyears=[3, 1, 3])).unwrap()

    assert [(run.mode, run.bookyears) for run in started.imports] == [(INCREMENTAL, (1, 3))]


async def test_what_was_never_imported_is_read_whole_with_all_its_bookyears() -> None:
    world = World(watermark=None)
    world.transactions.bookyears[world.mine.id] = {1}

    started = (await world.start(a_principal(), [world.mine.id], INCREMENTAL, bookyears=[1])).unwrap()

    assert [run.mode for run in started.imports] == [FULL]


async def test_a_bookyear_that_one_of_them_does_not_have_is_unknown_and_starts_nothing() -> None:
    world = World()
    world.has(other := an_administration(integration_id=world.integration.id))
    world.transactions.bookyears |= {world.mine.id: {1, 2}, other.id: {1}}

    with pytest.raises(UnknownBookyear, match=f"{other.id} has no bookyear 2"):
        await world.start(a_principal(), [world.mine.id, other.id], INCREMENTAL, bookyears=[1, 2])
    assert world.transactions.runs == []


async def test_one_unknown_administration_fails_all() -> None:
    world = World()
    removed = an_administration(integration_id=world.integration.id).delete(NOON, HOUR)
    theirs = an_administration(organisation_id=OrganisationId(uuid4()))
    world.has(removed, theirs)

    for id in (removed.id, theirs.id, AdministrationId(uuid4())):
        outcome = await world.start(a_principal(), [world.mine.id, id], INCREMENTAL)
        assert outcome == Failure(UnknownAdministration(id))
    assert world.transactions.runs == []


async def test_nothing_is_queued_when_the_commit_fails() -> None:
    world = World()
    world.transactions.commit_fails = True

    with pytest.raises(ConnectionError):
        await world.start(a_principal(), [world.mine.id], INCREMENTAL)

    assert world.transactions.runs == world.transactions.wake_ups == []


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "integration", [an_integration().rejected(), an_integration_awaiting_consent(), an_integration().delete()]
)
@pytest.mark.parametrize("trigger", [ImportTrigger.SYNC_NOW, ImportTrigger.SCHEDULE])
async def test_without_a_valid_authorisation_it_has_to_be_reconnected_first(
    integration: Integration, trigger: ImportTrigger
) -> None:
    world = World(integration)

    started = (await world.start(a_principal(), [world.mine.id], INCREMENTAL, trigger)).unwrap()

    assert [(refused.administration_id, refused.code) for refused in started.refused] == [
        (world.mine.id, "RECONNECT_REQUIRED")
    ]
    assert world.transactions.runs == []


async def test_an_administration_whose_integration_is_gone_has_to_be_reconnected_first() -> None:
    world = World()
    world.transactions.committed.integrations.clear()

    started = (await world.start(a_principal(), [world.mine.id], INCREMENTAL)).unwrap()

    assert [refused.code for refused in started.refused] == ["RECONNECT_REQUIRED"]


@pytest.mark.parametrize(
    ("ago", "cools_down"),
    [
        (timedelta(), True),
        (HOUR - timedelta(seconds=1), True),
        (HOUR, False),
        (timedelta(days=1), False),
    ],
)
@pytest.mark.parametrize("mode", ImportMode)
async def test_after_a_successful_import_it_cools_down(ago: timedelta, cools_down: bool, mode: ImportMode) -> None:
    world = World()
    world.has(succeeded(world.mine, NOON - ago))

    started = (await world.start(a_principal(), [world.mine.id], mode)).unwrap()

    assert [refused.code for refused in started.refused] == (["COOL_DOWN"] if cools_down else [])
    assert len(started.imports) == (0 if cools_down else 1)


async def test_a_refusal_says_when_the_next_import_can_be_started() -> None:
    world = World()
    world.has(succeeded(world.mine, NOON - timedelta(minutes=20)))

    (refused,) = (await world.start(a_principal(), [world.mine.id], INCREMENTAL)).unwrap().refused

    assert refused.message == "It was imported at 11:40 UTC. The next import can be started at 12:40 UTC."


@pytest.mark.parametrize(
    "last",
    [
        a_run()
        .begin(NOON)
        .fail(NOON, Explanation(ExplanationCode.OCTOPUS_UNAVAILABLE, Sentence.verbatim("Octopus did not answer."))),
        a_run().cancelled(NOON),
    ],
)
async def test_there_is_no_cool_down_after_a_failed_or_cancelled_import(last: ImportRun) -> None:
    world = World()
    world.has(
        succeeded(world.mine, NOON - timedelta(minutes=5)),
        replace(last, administration_id=world.mine.id),
    )

    assert len((await world.start(a_principal(), [world.mine.id], INCREMENTAL)).unwrap().imports) == 1


@pytest.mark.parametrize(("reconnected_before_the_import", "imports"), [(False, 1), (True, 0)])
async def test_there_is_no_cool_down_after_reconnecting(reconnected_before_the_import: bool, imports: int) -> None:
    imported_at = NOON - timedelta(minutes=20)
    away = timedelta(minutes=-1 if reconnected_before_the_import else 1)
    world = World(an_integration(authorized_at=imported_at + away))
    world.has(succeeded(world.mine, imported_at))

    assert len((await world.start(a_principal(), [world.mine.id], INCREMENTAL)).unwrap().imports) == imports


async def test_the_cool_down_of_one_administration_does_not_hold_up_another() -> None:
    world = World()
    another = an_administration(integration_id=world.integration.id)
    world.has(another, succeeded(another, NOON))

    assert len((await world.start(a_principal(), [world.mine.id], INCREMENTAL)).unwrap().imports) == 1


async def test_the_schedule_does_not_wait_for_the_cool_down() -> None:
    world = World()
    world.has(succeeded(world.mine, NOON))

    started = (await world.start(a_principal(), [world.mine.id], INCREMENTAL, ImportTrigger.SCHEDULE)).unwrap()

    assert [run.trigger for run in started.imports] == [ImportTrigger.SCHEDULE]


# --- cancelling -----------------------------------------------------------------------------------------------------


async def test_a_queued_import_is_cancelled_at_once() -> None:
    world = World()
    world.has(queued := a_run(world.mine))

    cancelled = (await world.cancel(a_principal(), queued.id)).unwrap()

    assert cancelled == world.transactions.run(queued.id)
    assert (cancelled.status, cancelled.finished_at) == (ImportStatus.CANCELLED, NOON)


async def test_an_import_that_is_worked_on_is_stopped_at_its_next_checkpoint() -> None:
    world = World()
    world.has(running := a_run(world.mine).begin(NOON))

    cancelled = (await world.cancel(a_principal(), running.id)).unwrap()

    assert cancelled == world.transactions.run(running.id) == replace(running, cancel_requested=True)


@pytest.mark.parametrize(
    "end",
    [
        lambda run: run.begin(NOON).succeed(NOON, Verification(())),
        lambda run: run.begin(NOON).fail(NOON, Explanation(ExplanationCode.INTERNAL, Sentence.verbatim("x"))),
        lambda run: run.cancelled(NOON),
    ],
    ids=["succeeded", "failed", "cancelled"],
)
async def test_an_import_that_has_ended_cannot_be_cancelled(end: Callable[[ImportRun], ImportRun]) -> None:
    world = World()
    world.has(ended := end(a_run(world.mine)))

    assert await world.cancel(a_principal(), ended.id) == Failure(ImportEnded(ended.id))
    assert world.transactions.runs == [ended]
    assert world.transactions.audit() == []


async def test_after_a_cancelled_import_the_next_one_can_be_started() -> None:
    world = World()
    world.has(queued := a_run(world.mine))
    await world.cancel(a_principal(), queued.id)

    assert len((await world.start(a_principal(), [world.mine.id], INCREMENTAL)).unwrap().imports) == 1


async def test_an_import_that_is_unknown_or_of_others_or_of_what_was_removed_cannot_be_cancelled() -> None:
    world = World()
    theirs = a_run(an_administration(organisation_id=OrganisationId(uuid4())))
    removed = an_administration().delete(NOON, HOUR)
    world.has(theirs, removed, of_removed := a_run(removed), of_nothing := a_run())

    for id in (theirs.id, of_removed.id, of_nothing.id, ImportRunId(uuid4())):
        assert await world.cancel(a_principal(), id) == Failure(UnknownImport(id))
    assert {run.status for run in world.transactions.runs} == {ImportStatus.QUEUED}


@pytest.mark.parametrize(("reaches_it", "status"), [(True, ImportStatus.CANCELLED), (False, ImportStatus.QUEUED)])
async def test_who_is_narrowed_to_other_administrations_cannot_cancel_it(
    reaches_it: bool, status: ImportStatus
) -> None:
    world = World()
    world.has(queued := a_run(world.mine))
    reach = frozenset({world.mine.id if reaches_it else AdministrationId(uuid4())})

    await world.cancel(a_principal(roles=frozenset({Role.ENTITY_ADMIN}), administrations=reach), queued.id)

    assert world.transactions.run(queued.id).status is status


async def test_an_import_whose_rows_vanish_meanwhile_is_unknown() -> None:
    """Purged between the look at whose it is and its cancellation."""
    world = World()
    world.has(queued := a_run(world.mine))

    async with world.transactions(MINE) as purging:
        await purging.administrations.find(MINE, world.mine.id)
        cancelling = asyncio.create_task(world.cancel(a_principal(), queued.id))
        await asyncio.sleep(0)
        world.transactions.committed.runs.clear()

    assert await cancelling == Failure(UnknownImport(queued.id))


# --- the schedule ---------------------------------------------------------------------------------------------------

TICK = NOON - timedelta(minutes=10)


@dataclass
class FakeSchedule:
    """One tick ten minutes ago; what is ``late`` is due in an hour, everything else at the tick."""

    late: frozenset[AdministrationId] = frozenset()

    def last_tick(self, now: datetime) -> datetime:
        return TICK

    def due_at(self, tick: datetime, administration: AdministrationId) -> datetime:
        return NOON + HOUR if administration in self.late else tick


@dataclass
class FakeScheduledAdministrations:
    waiting: list[tuple[OrganisationId, AdministrationId]]
    is_alone: bool = True
    asked_since: list[datetime] = field(default_factory=list)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[bool]:
        yield self.is_alone

    async def not_imported_since(
        self, tick: datetime, trigger: ImportTrigger
    ) -> Sequence[tuple[OrganisationId, AdministrationId]]:
        self.asked_since.append(tick)
        return self.waiting


def scheduled(
    world: World, administrations: FakeScheduledAdministrations, late: Administration | None = None
) -> ScheduledImports:
    schedule = FakeSchedule(frozenset({late.id} if late else ()))
    return ScheduledImports(administrations, world.start, schedule, lambda: NOON)


async def test_the_schedule_queues_an_incremental_import_of_whatever_the_tick_has_not_imported() -> None:
    world = World()
    administrations = FakeScheduledAdministrations([(MINE, world.mine.id)])

    assert await scheduled(world, administrations)() == 1
    assert [(run.mode, run.trigger) for run in world.transactions.runs] == [(INCREMENTAL, ImportTrigger.SCHEDULE)]
    assert administrations.asked_since == [TICK]


async def test_the_schedule_reads_the_whole_of_what_was_not_imported_for_months() -> None:
    world = World(watermark=MONTHS_AGO)

    assert await scheduled(world, FakeScheduledAdministrations([(MINE, world.mine.id)]))() == 1
    assert [run.mode for run in world.transactions.runs] == [FULL]


async def test_a_deep_reading_is_queued_though_the_administration_was_imported_since_the_tick() -> None:
    world = World()
    world.has(world.mine, succeeded(world.mine, NOON))
    administrations = FakeScheduledAdministrations([(MINE, world.mine.id)])
    deep = ScheduledImports(administrations, world.start, FakeSchedule(), lambda: NOON, ImportTrigger.DEEP_READ)

    assert await deep() == 1
    assert (world.transactions.runs[-1].mode, world.transactions.runs[-1].trigger) == (
        INCREMENTAL,
        ImportTrigger.DEEP_READ,
    )


async def test_a_run_of_a_moment_that_has_not_come_is_not_the_tick_s() -> None:
    """The clock was ahead once: the schedule goes on as soon as it is right again."""
    world = World()
    world.has(world.mine, replace(succeeded(world.mine, NOON), queued_at=NOON + 48 * HOUR))

    assert await scheduled(world, FakeScheduledAdministrations([(MINE, world.mine.id)]))() == 1


async def test_sync_now_does_not_cool_down_from_a_moment_that_has_not_come() -> None:
    world = World()
    world.has(world.mine, succeeded(world.mine, NOON + 48 * HOUR))

    started = (await world.start(a_principal(), [world.mine.id], INCREMENTAL)).unwrap()

    assert not started.refused


async def test_an_administration_whose_turn_has_not_come_yet_is_left_for_later() -> None:
    world = World()

    assert await scheduled(world, FakeScheduledAdministrations([(MINE, world.mine.id)]), late=world.mine)() == 0
    assert world.transactions.runs == []


async def test_of_two_schedulers_one_queues() -> None:
    world = World()
    administrations = FakeScheduledAdministrations([(MINE, world.mine.id)], is_alone=False)

    assert await scheduled(world, administrations)() == 0
    assert administrations.asked_since == []


async def test_an_administration_that_is_removed_in_this_moment_does_not_hold_up_the_others() -> None:
    world = World()
    waiting = [(MINE, AdministrationId(uuid4())), (MINE, world.mine.id)]

    assert await scheduled(world, FakeScheduledAdministrations(waiting))() == 1
    assert [run.administration_id for run in world.transactions.runs] == [world.mine.id]
