"""The workshop against fakes: hands, breakdowns, and the order to stop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from monitr.adapters.jobs.heartbeat import Heartbeat
from monitr.adapters.jobs.workshop import PATIENCE, Workshop
from monitr.application.importing.give_up_import import GiveUpImport
from monitr.application.importing.ports import LeaseLost
from monitr.application.ports import Claim
from monitr.domain.import_run import ImportStatus
from tests.unit.fakes import FakeLeases, FakeTransactions, a_run, an_administration

SHORT = timedelta(milliseconds=20)

Work = Callable[[Claim], Awaitable[None]]


def now() -> datetime:
    return datetime.now(UTC)


class StillHeart:
    """A renewal that nothing is renewed with: these tests are over before a lease is."""

    def beat(self, claim: Claim, lease: timedelta) -> bool:
        return True

    def close(self) -> None: ...


class Desk:
    """A world with some queued runs, and a workshop in it."""

    def __init__(self, runs: int, lease: timedelta = timedelta(minutes=1)) -> None:
        administrations = [an_administration() for _ in range(runs)]
        self.world = FakeTransactions(administrations=administrations, runs=[a_run(one) for one in administrations])
        self.leases = FakeLeases(self.world, now)
        self.lease = lease

    @asynccontextmanager
    async def at_work(
        self,
        work_on: Work,
        sweep_every: timedelta = SHORT,
        grace: timedelta = SHORT,
        step: timedelta = timedelta(minutes=1),
    ) -> AsyncIterator[Workshop]:
        workshop = Workshop(
            self.leases,
            work_on,
            GiveUpImport(self.world, now),
            Heartbeat(StillHeart(), self.lease),
            "me",
            lease=self.lease,
            sweep_every=sweep_every,
            grace=grace,
            step=step,
        )
        stop = asyncio.Event()
        running = asyncio.create_task(workshop.run(stop))
        try:
            yield workshop
        finally:
            stop.set()
            await running

    async def end(self, claim: Claim) -> None:
        async with self.world(claim.organisation_id) as work:
            run = await work.imports.find(claim.organisation_id, claim.run_id)
            assert run is not None
            await work.imports.save(run.cancelled(now()))
            await work.commit()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # the fakes have no events
            await asyncio.sleep(0.005)


async def test_every_run_is_worked_on_once_and_two_at_a_time_at_most() -> None:
    desk = Desk(runs=7)
    worked: list[Claim] = []
    at_once = busy = 0

    async def work_on(claim: Claim) -> None:
        nonlocal at_once, busy
        busy += 1
        at_once = max(at_once, busy)
        await asyncio.sleep(0.01)
        await desk.end(claim)
        worked.append(claim)
        busy -= 1

    async with desk.at_work(work_on):
        await until(lambda: len(worked) == 7)

    assert len({claim.run_id for claim in worked}) == 7
    assert at_once == 2


async def test_a_wake_up_is_quicker_than_the_sweep() -> None:
    desk = Desk(runs=0)
    worked: list[Claim] = []

    async def work_on(claim: Claim) -> None:
        await desk.end(claim)
        worked.append(claim)

    async with desk.at_work(work_on, sweep_every=timedelta(minutes=1)) as workshop:
        await asyncio.sleep(0.02)
        administration = an_administration()
        run = a_run(administration)
        desk.world.committed.administrations[administration.id] = administration
        desk.world.committed.runs[run.id] = run
        await workshop.take_up()
        await until(lambda: len(worked) == 1)


async def test_a_wake_up_waits_for_a_free_hand_but_not_for_ever() -> None:
    desk = Desk(runs=2)
    forever = asyncio.Event()

    async def work_on(claim: Claim) -> None:
        await forever.wait()

    async with desk.at_work(work_on) as workshop:
        await until(lambda: len(desk.leases.leases) == 2)
        async with asyncio.timeout(2):
            await workshop.take_up()


async def test_at_the_order_to_stop_a_run_may_still_end() -> None:
    desk = Desk(runs=1)
    begun = asyncio.Event()

    async def work_on(claim: Claim) -> None:
        begun.set()
        await asyncio.sleep(0.05)
        await desk.end(claim)

    async with desk.at_work(work_on, grace=timedelta(seconds=5)):
        await begun.wait()

    assert [run.status for run in desk.world.runs] == [ImportStatus.CANCELLED]


async def test_a_run_that_does_not_end_in_the_grace_is_cancelled_and_can_be_taken_over_at_once() -> None:
    desk = Desk(runs=1)
    begun = asyncio.Event()
    undone: list[Claim] = []

    async def work_on(claim: Claim) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            undone.append(claim)

    async with desk.at_work(work_on):
        await begun.wait()

    assert len(undone) == 1
    assert await desk.leases.claim(None, "another", timedelta(minutes=1)) is not None


async def test_after_a_breakdown_the_lease_spaces_the_attempts() -> None:
    desk = Desk(runs=1)
    attempts: list[Claim] = []

    async def work_on(claim: Claim) -> None:
        attempts.append(claim)
        raise ValueError("a fault of ours")

    async with desk.at_work(work_on):
        await asyncio.sleep(0.2)

    assert len(attempts) == 1


async def test_a_run_that_breaks_off_again_and_again_fails_with_words() -> None:
    desk = Desk(runs=1, lease=SHORT)
    attempts: list[Claim] = []

    async def work_on(claim: Claim) -> None:
        attempts.append(claim)
        raise ValueError("a fault of ours")

    async with desk.at_work(work_on):
        await until(lambda: desk.world.runs[0].status is ImportStatus.FAILED)

    assert len(attempts) == PATIENCE
    error = desk.world.runs[0].error
    assert error is not None
    assert error.code == "INTERNAL"


async def test_a_run_that_was_taken_over_is_no_breakdown() -> None:
    desk = Desk(runs=1, lease=SHORT)
    attempts: list[Claim] = []

    async def work_on(claim: Claim) -> None:
        attempts.append(claim)
        raise LeaseLost

    async with desk.at_work(work_on):
        await until(lambda: len(attempts) > PATIENCE)

    assert desk.world.runs[0].status is ImportStatus.QUEUED


async def test_a_run_makes_way_at_its_checkpoint_from_the_order_to_stop_on() -> None:
    desk = Desk(runs=1)
    answers: list[bool] = []
    begun = asyncio.Event()

    async def work_on(claim: Claim) -> None:
        answers.append(await workshop.should_make_way(claim))
        begun.set()
        while not await workshop.should_make_way(claim):  # noqa: ASYNC110  # as a run does: at its checkpoints
            await asyncio.sleep(0.005)
        answers.append(True)

    async with desk.at_work(work_on, grace=timedelta(seconds=5)) as workshop:
        await begun.wait()

    assert answers == [False, True]


async def test_a_run_makes_way_after_its_step_where_another_waits_and_no_hand_is_free() -> None:
    desk = Desk(runs=3)  # for two hands
    asked: list[tuple[bool, bool]] = []
    over = asyncio.Event()

    async def work_on(claim: Claim) -> None:
        if len(asked) < 2:
            early = await workshop.should_make_way(claim)
            await asyncio.sleep(0.1)
            asked.append((early, await workshop.should_make_way(claim)))
        await over.wait()

    async with desk.at_work(work_on, step=timedelta(seconds=0.05)) as workshop:
        await until(lambda: len(asked) == 2)
        over.set()

    assert asked == [(False, True)] * 2


@pytest.mark.parametrize("runs", [1, 2])
async def test_a_run_goes_on_where_a_hand_is_free_or_nobody_waits(runs: int) -> None:
    desk = Desk(runs=runs)
    asked: list[bool] = []
    over = asyncio.Event()

    async def work_on(claim: Claim) -> None:
        await asyncio.sleep(0.02)
        asked.append(await workshop.should_make_way(claim))
        await over.wait()

    async with desk.at_work(work_on, step=timedelta()) as workshop:
        await until(lambda: len(asked) == runs)
        over.set()

    assert asked == [False] * runs


async def test_a_run_makes_way_at_once_for_what_a_dead_worker_left_behind() -> None:
    desk = Desk(runs=3)
    asked: list[bool] = []
    over = asyncio.Event()
    await desk.leases.claim(desk.world.runs[2].id, "dead", timedelta(seconds=0.1))

    async def work_on(claim: Claim) -> None:
        await asyncio.sleep(0.2)
        asked.append(await workshop.should_make_way(claim))
        await over.wait()

    async with desk.at_work(work_on) as workshop:
        await until(lambda: len(asked) == 2)
        over.set()

    assert asked == [True, True]
