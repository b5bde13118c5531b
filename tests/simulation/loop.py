"""An event loop whose time is simulated: what waits takes no time, and equal seeds take equal turns.

Time moves only when nothing is left to do but wait, and then at once to the next moment at which something happens.
Statements to PostgreSQL are real, and take no simulated time: they are answered one after the other, in the order in
which they were sent, however fast the server is. Where one waits for a lock, the others go on until it has it.
"""

import asyncio
import os
import random
import select
import selectors
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from unittest.mock import patch

Event = tuple[selectors.SelectorKey, int]
Result = TypeVar("Result")
Blocked = Callable[[Sequence[int]], frozenset[int]]
"""Of sockets to PostgreSQL, those whose sessions wait for a lock of another session."""

_LONG_MILLISECONDS = 50
"""A statement that takes longer may be waiting for a lock."""


class NothingLeft(Exception):
    """Everybody waits, and for nothing that will ever happen."""


def _none_is_blocked(sockets: Sequence[int]) -> frozenset[int]:
    return frozenset()


class _InTurn(selectors.PollSelector):
    """Sockets are heard in the order in which they were registered, and only when nobody can go on without them."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        super().__init__()
        self._pass_time = pass_time
        self.blocked: Blocked = _none_is_blocked
        self.own: int | None = None

    def select(self, timeout: float | None = None) -> list[Event]:
        if timeout is not None and timeout <= 0:
            return []
        awaited = [key for key in self.get_map().values() if key.fd != self.own]
        if awaited and (event := self._first_answer(awaited)):
            return [event]
        if timeout is None:
            raise NothingLeft
        self._pass_time(timeout)
        return []

    def _first_answer(self, awaited: Sequence[selectors.SelectorKey]) -> Event | None:
        """None where all of them wait for locks."""
        while True:
            blocked: frozenset[int] = frozenset()
            for key in awaited:
                if key.fd in blocked:
                    continue
                if event := _answer(key, _LONG_MILLISECONDS):
                    return event
                blocked = self.blocked([each.fd for each in awaited])
                if key.fd not in blocked:  # slow
                    break
            else:
                if {key.fd for key in awaited} <= blocked:
                    return None


def _answer(key: selectors.SelectorKey, milliseconds: int) -> Event | None:
    poll = select.poll()
    wanted = (select.POLLIN if key.events & selectors.EVENT_READ else 0) | (
        select.POLLOUT if key.events & selectors.EVENT_WRITE else 0
    )
    poll.register(key.fd, wanted)
    for _, happened in poll.poll(milliseconds):
        ready = (selectors.EVENT_READ if happened & ~select.POLLOUT else 0) | (
            selectors.EVENT_WRITE if happened & ~select.POLLIN else 0
        )
        return key, ready & key.events
    return None


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Begins at an instant. Threads are not started: what would be done in one is done at once."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._passed, self._now = 0.0, start
        self._in_turn = _InTurn(self._pass)
        super().__init__(self._in_turn)
        self._in_turn.own = next(iter(self._in_turn.get_map().values())).fd

    def time(self) -> float:
        return self._passed

    def now(self) -> datetime:
        """The simulated instant, in UTC."""
        return self._now

    def ask_about_locks(self, blocked: Blocked) -> None:
        self._in_turn.blocked = blocked

    def run_in_executor(  # type: ignore[override]  # the stubs tie the result to a type variable of their own
        self, executor: Executor | None, func: Callable[..., Result], *args: Any
    ) -> asyncio.Future[Result]:
        done: asyncio.Future[Result] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    def _pass(self, seconds: float) -> None:
        self._passed += seconds
        self._now = self._start + timedelta(seconds=self._passed)


@contextmanager
def simulated(start: datetime, seed: int) -> Iterator[SimulatedLoop]:
    """A loop, and chance from the seed: ids, secrets and jitter are the same again."""
    chance = random.Random(f"chance of {seed}")
    loop = SimulatedLoop(start)
    before = random.getstate()
    random.seed(seed)
    with (
        patch.object(os, "urandom", chance.randbytes),
        patch.object(random, "_urandom", chance.randbytes),
        patch("psycopg.waiting.monotonic", loop.time),
    ):
        try:
            yield loop
        finally:
            random.setstate(before)
            loop.close()


def utc(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)
