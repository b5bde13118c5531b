"""How often a read is tried, and how long it waits in between: it depends on who waits (decision 20).

This is the one place that asks again where no answer came: a network error, a hang, 5xx, 429, a list that broke off.
What only the import can judge it asks for again itself (``application/importing/session.py``): a ledger that broke off
in the middle, and an answer that contradicts another.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import structlog

from monitr.adapters.octopus.operations import Operation
from monitr.adapters.octopus.refusals import Refusal
from monitr.application.octopus import OctopusAsksToWait, OctopusUnavailable, Pause
from monitr.domain.words.sentence import Sentence

T = TypeVar("T")

OFTEN = (1.0, 5.0, 20.0, 60.0, 100.0)
"""A run's pauses, in seconds: three minutes together, as all of a run's."""
SELDOM = (3.0, 180.0)
RARELY = (10.0, 173.0)
HURRIED = (0.5, 1.0, 2.0, 4.0)
"""A person's pauses."""
LONGEST_REST = timedelta(minutes=5)
"""A run rests no longer for one answer: it keeps a worker's hand, and a transaction of 15 minutes at most."""
PERSONS_REST = timedelta(seconds=10)
MOST_HANGS = 2
"""An attempt at an answer that does not come takes as long as a slow answer may."""
JITTER = 0.25
"""Of a pause, on top of it: what fails together does not come back together."""

log = structlog.get_logger(__name__)


class Interrupted(OctopusUnavailable):
    """One attempt failed in a way that another may not: network, time-out, 5xx, a body that broke off.

    ``status`` is the HTTP status where there was one, ``is_empty`` whether it came without a body; ``wait`` is what
    Octopus asked for.
    """

    def __init__(
        self,
        said: Sentence | str,
        status: int | None = None,
        *,
        is_empty: bool = False,
        is_hang: bool = False,
        wait: timedelta | None = None,
    ) -> None:
        super().__init__(said)
        self.status = status
        self.is_empty = is_empty
        self.is_hang = is_hang
        self.wait = wait


class Throttled(Interrupted):
    """Octopus refuses for now: it is asked too often. Where that does not pass, the day is over for the operation."""

    def __init__(self, operation: Operation, refusal: Refusal) -> None:
        said = Sentence.of("octopus.TAKES_NONE_NOW", operation=operation.label, answer=refusal.summary)
        super().__init__(said, refusal.status, wait=refusal.wait)
        self.operation = operation


def interruption(operation: Operation, refusal: Refusal) -> Interrupted | None:
    """None for a refusal that does not pass by itself."""
    if refusal.is_transient:
        said = Sentence.of("octopus.ANSWERED", operation=operation.label, answer=refusal.summary)
        return Interrupted(said, refusal.status, is_empty=refusal.is_empty, wait=refusal.wait)
    return Throttled(operation, refusal) if refusal.is_throttle else None


@dataclass(slots=True)
class Attempts:
    """At one answer. ``left`` is how long they may still rest in all."""

    pauses: Iterator[float]
    left: timedelta
    sleep: Pause
    hangs: int = 0

    async def __call__(self, read: Callable[[], Awaitable[T]]) -> T:
        """Raises what the last attempt raised, or OctopusAsksToWait."""
        while True:
            try:
                return await read()
            except Interrupted as error:
                await self.rest(error)

    async def rest(self, error: Interrupted) -> None:
        """Until the next attempt. Raises the ``error`` where there is none, and OctopusAsksToWait where it asks for
        more than can be waited here."""
        pause = next(self.pauses, None)
        self.hangs += error.is_hang
        if pause is None or self.hangs == MOST_HANGS:
            raise error
        asked = error.wait or timedelta()
        rest = max(asked, timedelta(seconds=random.uniform(pause, pause * (1 + JITTER))))  # noqa: S311 - no secret
        if rest > self.left:
            raise OctopusAsksToWait(error.said, asked) if asked > self.left else error
        self.left -= rest
        log.info("octopus.waits", seconds=round(rest.total_seconds(), 1), reason=str(error))
        await self.sleep(rest.total_seconds())


@dataclass(frozen=True, slots=True)
class Retries:
    """Only reads are tried again: they are idempotent. ``attempts`` is how many there are at most."""

    attempts: int = 1 + len(OFTEN)
    sleep: Pause = asyncio.sleep

    def of_a_run(self, operation: Operation, sleep: Pause | None = None) -> Attempts:
        """The fewer calls a day has, the fewer attempts, so that an outage does not use them up."""
        return Attempts(self._at_most(_pauses(operation.daily_maximum)), LONGEST_REST, sleep or self.sleep)

    def of_a_person(self) -> Attempts:
        return Attempts(self._at_most(HURRIED), PERSONS_REST, self.sleep)

    def _at_most(self, pauses: tuple[float, ...]) -> Iterator[float]:
        return iter(pauses[: self.attempts - 1])


def _pauses(daily_maximum: int) -> tuple[float, ...]:
    """A run that waits for hours comes back eight times (``OUTAGE_WAITS``): where every attempt of it is counted, they
    are no more than a day has; but of two a day."""
    if daily_maximum <= 2:
        return RARELY
    return SELDOM if daily_maximum < 48 else OFTEN
