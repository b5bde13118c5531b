"""The sandbox's time: real by default, movable by a test."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


class Clock:
    """Answers the present instant. It follows the machine's clock until `set` stops it at an instant of its own."""

    def __init__(self, start: datetime | None = None) -> None:
        """`start` is an aware datetime; without it the clock shows real time."""
        self._fixed = start
        self._offset = timedelta()

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return (self._fixed or datetime.now(UTC)).astimezone(UTC) + self._offset

    def today(self) -> date:
        """The present day in Brussels: Octopus's day."""
        return self.now().astimezone(BRUSSELS).date()

    def milliseconds(self) -> int:
        """The present instant as milliseconds since 1970, the grain of Octopus's timestamps."""
        return round(self.now().timestamp() * 1000)

    def advance(self, by: timedelta) -> None:
        self._offset += by

    def set(self, instant: datetime) -> None:
        """Stop the clock at an aware instant; `advance` still moves it."""
        self._fixed = instant
        self._offset = timedelta()
