"""The sandbox's time: real by default, movable by a test, or somebody else's."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


def _machine_time() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Octopus's own clock: answers, stamps, tokens and daily maxima go by it, and by no other.

    It follows `source` until `set` stops it at an instant of its own. `skew` is how far it is ahead (or, below zero,
    behind) of that; trouble lasts by the time without it, for it is not Octopus that measures it.
    """

    def __init__(
        self,
        start: datetime | None = None,
        *,
        source: Callable[[], datetime] = _machine_time,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`start` is an aware datetime at which the clock stands; without it the clock shows the time of `source`.

        `wait` lets so many seconds pass where an answer is slow on purpose.
        """
        self._fixed = start
        self._source = source
        self._offset = timedelta()
        self.skew = timedelta()
        self.wait = wait

    def now(self) -> datetime:
        """The present instant as Octopus has it, in UTC."""
        return self.unskewed() + self.skew

    def unskewed(self) -> datetime:
        """The present instant as it would be if Octopus's clock were right, in UTC."""
        return (self._fixed or self._source()).astimezone(UTC) + self._offset

    def today(self) -> date:
        """The present day in Brussels: Octopus's day."""
        return self.now().astimezone(BRUSSELS).date()

    def milliseconds(self) -> int:
        """The present instant as milliseconds since 1970, the grain of Octopus's timestamps."""
        return round(self.now().timestamp() * 1000)

    def advance(self, by: timedelta) -> None:
        self._offset += by

    def set(self, instant: datetime) -> None:
        """Stop the clock at an aware instant; `advance` still moves it, and `skew` counts on top."""
        self._fixed = instant
        self._offset = timedelta()
