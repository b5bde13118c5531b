"""What our processes run: the program's own parts, as its entrypoints put them together.

Looking whether there is something to do, every few seconds of every day, is left out: a bell rings where something may
have come to be done, and an alarm at the moment for which something waits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from monitr.adapters.jobs.heartbeat import BEATS_IN_A_LEASE
from monitr.adapters.jobs.schedule import ImportSchedule
from monitr.adapters.jobs.workshop import SWEEP_EVERY
from monitr.application.ports import Claim
from monitr.application.use_cases import UseCases
from tests.simulation.house import Bench, House
from tests.simulation.processes import Killed, Process, Surroundings
from tests.simulation.shortcuts import RememberedSchedule

Answer = TypeVar("Answer")
_SELDOM = timedelta(hours=12)
_AFTER_A_TICK = (timedelta(minutes=5), timedelta(minutes=10, seconds=5))
_IN_TURN = "queue "
"""How the names of the chores begin that the ticks of the schedules are about."""


class Bell:
    """Wakes everybody who waits for it."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Event] = []

    def ring(self) -> None:
        for event in self._waiting:
            event.set()

    async def wait(self, at_most: float | None = None) -> None:
        event = asyncio.Event()
        self._waiting.append(event)
        try:
            await asyncio.wait_for(event.wait(), at_most)
        except TimeoutError:
            pass
        finally:
            self._waiting.remove(event)


class Watch(Protocol):
    """The observer, told by workers."""

    def begins(self, claim: Claim) -> None: ...

    def leaves(self, claim: Claim) -> None: ...


class World(Surroundings, Protocol):
    @property
    def bell(self) -> Bell: ...

    @property
    def watch(self) -> Watch: ...

    def fault(self, what: str) -> None:
        """Of the program."""
        ...


def a_worker(world: World) -> Process:
    async def run(process: Process, house: House) -> None:
        async def work_on(claim: Claim) -> None:
            world.watch.begins(claim)
            beating = asyncio.create_task(_beat(bench, timedelta(seconds=house.settings.lease)))
            try:
                await bench.importing(claim)
            finally:
                beating.cancel()
                if not process.is_dead:
                    world.watch.leaves(claim)
                    world.bell.ring()

        async def relay() -> None:
            while True:
                await bench.relay()
                await bench.workshop.take_up()
                await world.bell.wait()

        bench = house.bench(work_on)
        await asyncio.gather(bench.workshop.run(asyncio.Event()), relay())

    return Process("worker", world, run)


async def _beat(bench: Bench, lease: timedelta) -> None:
    while True:
        await asyncio.sleep(lease.total_seconds() / BEATS_IN_A_LEASE)
        bench.beat()


async def alarm(world: World) -> None:
    """Rings when the lease of a dead worker has ended, or the wait of a run is over: in place of the sweeps."""
    while True:
        due = min((run.due for run in world.storage.tables.unfinished()), default=None)
        seconds = None
        if due is not None:
            seconds = max((due - world.present()).total_seconds(), 0.0) + SWEEP_EVERY.total_seconds()
        before = world.present()
        await world.bell.wait(seconds)
        if seconds is not None and (world.present() - before).total_seconds() >= seconds:
            world.bell.ring()
            await asyncio.sleep(1)


def a_scheduler(world: World) -> Process:
    async def run(process: Process, of: House) -> None:
        chores = of.chores()
        schedules = [RememberedSchedule(cron) for cron in (of.settings.schedule, of.settings.deep_read) if cron]
        seldom = of.clock()
        while True:
            is_time_for_all = of.clock() >= seldom
            if is_time_for_all:
                seldom = of.clock() + _SELDOM
            for chore in chores:
                if is_time_for_all or chore.name.startswith(_IN_TURN):
                    try:
                        await chore.do()
                    except Exception as error:
                        world.fault(f"chore {chore.name!r}: {error!r}")
            world.bell.ring()
            await asyncio.sleep(_until_a_tick(schedules, of.clock()))

    return Process("scheduler", world, run)


def _until_a_tick(schedules: Sequence[ImportSchedule], now: datetime) -> float:
    moments = [
        tick + after
        for schedule in schedules
        for tick in (schedule.last_tick(now), next(schedule.ticks_after(now)))
        for after in _AFTER_A_TICK
    ]
    return min(((moment - now).total_seconds() for moment in moments if moment > now), default=3_600.0)


class Api:
    """The process that answers people; restarted where it was killed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._open: tuple[Process, UseCases] | None = None

    def process(self) -> Process:
        async def run(process: Process, house: House) -> None:
            self._open = process, house.cases()
            await asyncio.Event().wait()

        return Process("api", self._world, run)

    async def ask(self, what: Callable[[UseCases], Awaitable[Answer]]) -> Answer | None:
        """None where nobody answers: the process is away, or is killed meanwhile."""
        if self._open is None or self._open[0].is_dead:
            return None
        process, cases = self._open

        async def asked() -> Answer:
            return await what(cases)

        task = process.begin(asked())
        await asyncio.wait({task})
        self._world.bell.ring()
        if task.cancelled():
            return None
        if (error := task.exception()) is None:
            return task.result()
        if not isinstance(error, Killed):
            self._world.fault(f"a use case raised {error!r}")
        return None
