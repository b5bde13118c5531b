"""The schedule: when every active administration is imported, in Brussels time, spread over some minutes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice

from croniter import croniter

from monitr.domain.brussels import BRUSSELS
from monitr.domain.organisation import AdministrationId

LONGEST_JITTER = timedelta(minutes=10)
"""Spreads the calls to Octopus; an expression that fires more often is spread over half of its interval."""
_TICKS_OF_A_FORTNIGHT = 100


@dataclass(frozen=True, slots=True)
class ImportSchedule:
    """``cron`` has five fields and is read in Europe/Brussels. All instants given and returned are UTC.

    A tick in the hour that summer time skips fires at the hour's end; the hour that comes twice counts once.
    """

    cron: str

    def last_tick(self, now: datetime) -> datetime:
        """The newest tick that is not after ``now``."""
        iterator = self._iterator(now + timedelta(microseconds=1))  # get_prev is exclusive
        return next(_in_utc(iterator.get_prev))

    def ticks_after(self, now: datetime) -> Iterator[datetime]:
        iterator = self._iterator(now)
        return _in_utc(iterator.get_next)

    def due_at(self, tick: datetime, administration: AdministrationId) -> datetime:
        """When this administration's import of the tick is due: the same answer in every process, another each tick."""
        window = min(LONGEST_JITTER, (next(self.ticks_after(tick)) - tick) / 2)
        digest = sha256(administration.bytes + tick.isoformat().encode()).digest()
        return tick + window * (int.from_bytes(digest[:4]) / 2**32)

    def next_import(self, now: datetime, administration: AdministrationId) -> datetime:
        """When the schedule imports it next: for the last tick, where that is still to come, or for the next one."""
        pending = self.due_at(self.last_tick(now), administration)
        return pending if pending > now else self.due_at(next(self.ticks_after(now)), administration)

    def two_intervals(self, now: datetime) -> timedelta:
        """The longest time that two scheduled imports in a row may take, jitter included."""
        ticks = list(islice(self.ticks_after(now), _TICKS_OF_A_FORTNIGHT))
        return max(last - first for first, last in zip(ticks, ticks[2:], strict=False)) + LONGEST_JITTER

    def _iterator(self, start: datetime) -> croniter:
        return croniter(self.cron, start.astimezone(BRUSSELS))


def _in_utc(step: Callable[[type[datetime]], datetime]) -> Iterator[datetime]:
    """Without the ticks of the hour's second coming in autumn. (croniter's own ``fold`` is not reliable.)"""
    while True:
        tick = step(datetime).astimezone(UTC)
        if not tick.astimezone(BRUSSELS).fold:
            yield tick
