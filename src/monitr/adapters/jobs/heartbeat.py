"""The heartbeat of the leases: a plain thread with a connection of its own, so that no busy event loop can stop it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import structlog

from monitr.application.ports import Claim

logger = structlog.get_logger(__name__)

Lost = Callable[[], None]
"""Told, in the heartbeat's thread, that another worker may have the run now: stop working on it."""

BEATS_IN_A_LEASE = 5


class Renewal(Protocol):
    """Synchronous, and used by one thread. Any exception means that nothing is known; the next beat connects again."""

    def beat(self, claim: Claim, lease: timedelta) -> bool:
        """The claim holds for ``lease`` from now; False where another worker has taken it."""
        ...

    def close(self) -> None: ...


class Heartbeat(threading.Thread):
    """Renews every lease that is held. One that another worker took, or that could not be renewed for nearly its whole
    length, is lost: its holder is told."""

    def __init__(self, renewal: Renewal, lease: timedelta) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._renewal = renewal
        self._lease = lease
        self._interval = lease.total_seconds() / BEATS_IN_A_LEASE
        self._held: dict[tuple[object, int], _Held] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def hold(self, claim: Claim, lost: Lost) -> None:
        with self._lock:
            self._held[_key(claim)] = _Held(claim, lost)

    def drop(self, claim: Claim) -> None:
        with self._lock:
            self._held.pop(_key(claim), None)

    def stop(self) -> None:
        """Returns when the thread has ended and its connection is closed."""
        self._stopped.set()
        self.join()

    def run(self) -> None:
        while not self._stopped.wait(self._interval):
            self.beat()
        self._renewal.close()

    def beat(self) -> None:
        """Renew what is held."""
        with self._lock:
            held = list(self._held.values())
        for one in held:
            self._renew(one)

    def _renew(self, held: "_Held") -> None:
        begun = time.monotonic()
        try:
            still_mine = self._renewal.beat(held.claim, self._lease)
        except Exception as error:  # the database is away: the lease stands until its end
            logger.warning("lease_not_renewed", run=str(held.claim.run_id), error=type(error).__name__)
            still_mine = time.monotonic() - held.renewed_at < self._lease.total_seconds() - self._interval
        else:
            held.renewed_at = begun
        if not still_mine:
            logger.warning("lease_lost", run=str(held.claim.run_id))
            self.drop(held.claim)
            held.lost()


@dataclass(slots=True)
class _Held:
    claim: Claim
    lost: Lost
    renewed_at: float = field(default_factory=time.monotonic)


def _key(claim: Claim) -> tuple[object, int]:
    return claim.run_id, claim.fence
