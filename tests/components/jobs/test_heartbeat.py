"""The heartbeat: leases are renewed by a thread, and losing one is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

from monitr.adapters.jobs.heartbeat import Heartbeat
from monitr.application.ports import Claim
from monitr.domain.import_run import ImportRunId
from tests.unit.fakes import MINE, FakeClaim

LEASE = timedelta(milliseconds=100)
PATIENCE_SECONDS = 5.0


def a_claim() -> Claim:
    return FakeClaim(ImportRunId(uuid4()), MINE, 1, attempt=1)


class Renewals:
    """Answers as told, and counts."""

    def __init__(self, answer: bool | Exception) -> None:
        self.answer = answer
        self.beaten = threading.Semaphore(0)
        self.closed = False

    def beat(self, claim: Claim, lease: timedelta) -> bool:
        self.beaten.release()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def close(self) -> None:
        self.closed = True


@contextmanager
def beating(renewals: Renewals) -> Iterator[Heartbeat]:
    heartbeat = Heartbeat(renewals, LEASE)
    heartbeat.start()
    try:
        yield heartbeat
    finally:
        heartbeat.stop()


def test_a_held_lease_is_renewed_again_and_again() -> None:
    renewals, lost = Renewals(True), threading.Event()

    with beating(renewals) as heartbeat:
        heartbeat.hold(a_claim(), lost.set)
        assert all(renewals.beaten.acquire(timeout=PATIENCE_SECONDS) for _ in range(10))

    assert not lost.is_set()
    assert renewals.closed


def test_a_lease_that_another_worker_took_is_told_and_not_renewed_any_more() -> None:
    renewals, lost = Renewals(False), threading.Event()

    with beating(renewals) as heartbeat:
        heartbeat.hold(a_claim(), lost.set)
        assert lost.wait(PATIENCE_SECONDS)
        assert renewals.beaten.acquire(timeout=PATIENCE_SECONDS)
        assert not renewals.beaten.acquire(timeout=LEASE.total_seconds())


def test_a_lease_outlives_a_database_that_is_away_but_not_longer_than_its_length() -> None:
    renewals, lost = Renewals(ConnectionError("the server closed the connection")), threading.Event()

    with beating(renewals) as heartbeat:
        heartbeat.hold(a_claim(), lost.set)
        assert renewals.beaten.acquire(timeout=PATIENCE_SECONDS)
        assert renewals.beaten.acquire(timeout=PATIENCE_SECONDS), "one failure is not the end"
        assert lost.wait(PATIENCE_SECONDS)


def test_a_dropped_lease_is_left_alone() -> None:
    renewals, claim = Renewals(True), a_claim()

    with beating(renewals) as heartbeat:
        heartbeat.hold(claim, lambda: None)
        heartbeat.drop(claim)
        assert not renewals.beaten.acquire(timeout=LEASE.total_seconds())
