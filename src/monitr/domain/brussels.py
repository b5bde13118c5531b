"""The day in Brussels: where the books are kept, Octopus's daily maxima begin anew, and people read the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


def brussels_day(instant: datetime) -> date:
    """The date in Brussels at an aware instant."""
    return instant.astimezone(BRUSSELS).date()


def next_midnight(instant: datetime) -> datetime:
    """The next midnight in Brussels, in UTC: when a daily maximum is taken to start anew (octopus.md 3.1)."""
    return datetime.combine(brussels_day(instant) + timedelta(days=1), time(), BRUSSELS).astimezone(UTC)
