"""How instants are spelled: modifiedTimeStamp as `yyyy-MM-dd HH:mm:ss.SSS`, no zone (octopus.md 3.4), and headers."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from octopus_sandbox.clock import BRUSSELS
from octopus_sandbox.switches import Switches, TimestampZone

_SPELLING = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}")


@dataclass(frozen=True, slots=True)
class Span:
    """A span of moments of modification, in milliseconds since 1970, both ends inclusive."""

    since: int
    until: int

    def __contains__(self, moment: int) -> bool:
        return self.since <= moment <= self.until


EVER = Span(-(2**62), 2**62)


def span(since: str | None, until: str | None, switches: Switches) -> Span:
    """The span that two timestamps mean; one that is absent bounds nothing. Raises ValueError for a bad spelling."""
    exclusive = 0 if switches.inclusive_bounds else 1
    return Span(
        EVER.since if since is None else milliseconds(since, switches.timestamp_zone) + exclusive,
        EVER.until if until is None else milliseconds(until, switches.timestamp_zone) - exclusive,
    )


def milliseconds(text: str, zone: TimestampZone) -> int:
    """Milliseconds since 1970 of a timestamp in that zone."""
    if not _SPELLING.fullmatch(text):
        raise ValueError(text)
    local = datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f")  # noqa: DTZ007 - the zone follows
    aware = local.replace(tzinfo=BRUSSELS if zone is TimestampZone.BRUSSELS else UTC)
    return round(aware.timestamp() * 1000)


def spelled(moment: int, zone: TimestampZone) -> str:
    """The timestamp of a moment, as a caller would send it."""
    local = datetime.fromtimestamp(moment / 1000, BRUSSELS if zone is TimestampZone.BRUSSELS else UTC)
    return f"{local:%Y-%m-%d %H:%M:%S}.{moment % 1000:03d}"


def http_date(instant: datetime) -> str:
    """An instant in UTC as RFC 9110 5.6.7 spells it."""
    return format_datetime(instant, usegmt=True)
