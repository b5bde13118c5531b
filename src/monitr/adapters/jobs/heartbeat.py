"""The heartbeat of the leases: a thread with its own event loop and connection, so that no busy loop can stop it."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import structlog

from monitr.application.ports import Claim, Leases

logger = structlog.get_logger(__name__)

OpenLeases = Callable[[], AbstractAsyncContextManager[Leases]]
"""Opens leases on a connection of their own, for the event loop that calls it."""

Lost = Callable[[], None]
"""Told, in the heartbeat's thread, that another worker may have the run now: stop working on it."""


class Heartbeat(threading.Thread):
    """Renews every lease that is held, several times within its length.

    A lease that another worker took, or that could not be renewed for its whole length, is lost: its holder is told.
    """

    def __init__(self, open_leases: OpenLeases, lease: timedelta) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._open_leases = open_leases
        self._lease = lease
        self._interval = lease.total_seconds() / 5
        self._held: dict[Claim, tuple[Lost, float]] = {}  # with the moment of the last renewal
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def hold(self, claim: Claim, lost: Lost) -> None:
        with self._lock:
            self._held[claim] = (lost, time.monotonic())

    def drop(self, claim: Claim) -> None:
        with self._lock:
            self._held.pop(claim, None)

    def stop(self) -> None:
        """Returns when the thread has ended and its connection is closed."""
        self._stopped.set()
        self.join()

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                asyncio.run(self._beat())
            except Exception:  # the heart must not stop for anything but the order to
                logger.exception("heartbeat_restarts")
                self._stopped.wait(self._interval)

    async def _beat(self) -> None:
        async with self._open_leases() as leases:
            while not self._stopped.wait(self._interval):  # the thread has nothing else to do
                with self._lock:
                    held = list(self._held)
                for claim in held:
                    await self._renew(leases, claim)

    async def _renew(self, leases: Leases, claim: Claim) -> None:
        begun = time.monotonic()
        try:
            still_mine = await asyncio.wait_for(leases.renew(claim, self._lease), self._interval * 2)
        except Exception:  # the database is away: the lease stands until its end
            logger.warning("lease_not_renewed", run=str(claim.run_id), exc_info=True)
            still_mine = begun - self._renewed_at(claim) < self._lease.total_seconds() - self._interval
        else:
            if still_mine:
                self._note(claim, begun)
        if not still_mine:
            self._give_up(claim)

    def _renewed_at(self, claim: Claim) -> float:
        with self._lock:
            return self._held[claim][1] if claim in self._held else time.monotonic()

    def _note(self, claim: Claim, when: float) -> None:
        with self._lock:
            if claim in self._held:
                self._held[claim] = (self._held[claim][0], when)

    def _give_up(self, claim: Claim) -> None:
        with self._lock:
            lost, _ = self._held.pop(claim, (None, 0.0))
        if lost is not None:
            logger.warning("lease_lost", run=str(claim.run_id))
            lost()
