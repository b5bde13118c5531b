"""The workshop of one worker process: claims runs and works on a few of them at a time."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from monitr.adapters.jobs.heartbeat import Heartbeat
from monitr.application.importing.ports import LeaseLost
from monitr.application.ports import Claim, Leases
from monitr.domain.import_run import ImportRunId

logger = structlog.get_logger(__name__)

WorkOnRun = Callable[[Claim], Awaitable[None]]
"""Works on a claimed run until it has ended, waits for something, or is cancelled: then its transaction rolls back."""

LEASE = timedelta(seconds=25)
SWEEP_EVERY = timedelta(seconds=5)
"""With the lease it bounds how long the run of a dead worker lies idle: 30 seconds."""


def sweep_of(lease: timedelta) -> timedelta:
    """The sweep that goes with a lease: often enough that it hardly adds to it."""
    return min(SWEEP_EVERY, lease / 5)


HANDS = 2
"""Runs at a time in one process: one can load while the other waits for Octopus."""
PATIENCE = 5
"""How often a run may break off here by a fault; then it is given up. The leases space the attempts."""
GRACE = timedelta(seconds=8)
"""How long a run may go on after the order to stop, in the hope that its chunk ends: of the ten seconds that a process
has, what is left is for undoing the transaction and for closing everything."""
STEP = timedelta(seconds=60)
"""After so long a run makes way at its next checkpoint for whoever waits. Going on later costs it two calls of Octopus,
of which there are 150 a day."""


class Workshop:
    """``wake`` makes it look for runs at once; it looks by itself every ``sweep_every``, so no wake-up is needed."""

    def __init__(
        self,
        leases: Leases,
        work_on: WorkOnRun,
        give_up: WorkOnRun,
        heartbeat: Heartbeat,
        worker: str,
        *,
        hands: int = HANDS,
        lease: timedelta = LEASE,
        sweep_every: timedelta = SWEEP_EVERY,
        grace: timedelta = GRACE,
        step: timedelta = STEP,
    ) -> None:
        self._leases = leases
        self._work_on = work_on
        self._give_up = give_up
        self._breakdowns: Counter[ImportRunId] = Counter()
        self._heartbeat = heartbeat
        self._worker = worker
        self._hands = hands
        self._lease = lease
        self._sweep_seconds = sweep_every.total_seconds()
        self._grace_seconds = grace.total_seconds()
        self._woken = asyncio.Event()
        self._hand_free = asyncio.Event()
        self._hand_free.set()
        self._step_seconds = step.total_seconds()
        self._tasks: set[asyncio.Task[None]] = set()
        self._begun: dict[ImportRunId, float] = {}
        self._stopping = False

    async def should_make_way(self, claim: Claim) -> bool:
        """Asked by a run at its checkpoints: whether it had better end here, to be gone on with by whoever is free.

        At the order to stop; for the run of a dead worker that nobody else has a hand for; and, after its step, for any
        run that waits for a hand.
        """
        if self._stopping:
            return True
        if len(self._tasks) < self._hands:
            return False
        worked = time.monotonic() - self._begun.get(claim.run_id, time.monotonic())
        try:
            return await self._leases.is_wanted(claim, abandoned=worked < self._step_seconds)
        except Exception:  # the database is away: the run will notice by itself
            logger.warning("waiting_runs_unknown", exc_info=True)
            return False

    async def take_up(self) -> None:
        """The bounded step of a wake-up: wait for a free hand, but not for long, and look for runs.

        Meanwhile the broker keeps further wake-ups for workers that have a hand free.
        """
        try:
            await asyncio.wait_for(self._hand_free.wait(), self._sweep_seconds)
        except TimeoutError:
            return  # whoever has a hand free finds the run with the next sweep
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; then what is under way may end for the time of grace, and what does not is cancelled."""
        stopped = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._woken.clear()
                await self._claim_all(stop)
                await self._rest(stopped)
        finally:
            self._stopping = True
            stopped.cancel()
            await self._finish()

    async def _claim_all(self, stop: asyncio.Event) -> None:
        """As many runs as there are free hands."""
        while len(self._tasks) < self._hands and not stop.is_set():
            try:
                claim = await self._leases.claim(None, self._worker, self._lease)
            except Exception:  # the database is away: try again with the next sweep
                logger.warning("claim_failed", exc_info=True)
                return
            if claim is None:
                return
            self._begin(claim)

    async def _rest(self, stopped: asyncio.Task[bool]) -> None:
        woken = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait(
                {woken, stopped, *self._tasks}, timeout=self._sweep_seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            woken.cancel()

    def _begin(self, claim: Claim) -> None:
        self._begun[claim.run_id] = time.monotonic()
        task = asyncio.create_task(self._work(claim), name=f"run {claim.run_id}")
        self._tasks.add(task)
        if len(self._tasks) == self._hands:
            self._hand_free.clear()
        task.add_done_callback(self._done)
        self._heartbeat.hold(claim, self._cancel_from_outside(task))

    @staticmethod
    def _cancel_from_outside(task: asyncio.Task[None]) -> Callable[[], None]:
        """The heartbeat lives in another thread."""
        loop = asyncio.get_running_loop()

        def cancel() -> None:
            loop.call_soon_threadsafe(task.cancel)

        return cancel

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._hand_free.set()

    async def _work(self, claim: Claim) -> None:
        log = logger.bind(run=str(claim.run_id), organisation=str(claim.organisation_id), fence=claim.fence)
        log.info("run_claimed")
        try:
            await self._work_on(claim)
        except asyncio.CancelledError:
            log.warning("run_interrupted")
            if self._stopping:
                await self._release(claim)
            raise
        except LeaseLost:
            log.warning("run_taken_over")
        except Exception:
            log.exception("run_broke_off", attempt=claim.attempt)
            await self._after_breakdown(claim)
        else:
            log.info("run_left")
            self._breakdowns.pop(claim.run_id, None)
            await self._release(claim)
        finally:
            self._begun.pop(claim.run_id, None)
            self._heartbeat.drop(claim)

    async def _after_breakdown(self, claim: Claim) -> None:
        """The lease is kept to its end, which spaces the attempts."""
        self._breakdowns[claim.run_id] += 1
        if self._breakdowns[claim.run_id] < PATIENCE:
            return
        del self._breakdowns[claim.run_id]
        try:
            await self._give_up(claim)
        except Exception:
            logger.exception("run_not_given_up", run=str(claim.run_id))

    async def _release(self, claim: Claim) -> None:
        try:
            await self._leases.release(claim)
        except Exception:  # it ends by itself
            logger.warning("lease_not_released", run=str(claim.run_id), exc_info=True)

    async def _finish(self) -> None:
        if not self._tasks:
            return
        _, unfinished = await asyncio.wait(set(self._tasks), timeout=self._grace_seconds)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
