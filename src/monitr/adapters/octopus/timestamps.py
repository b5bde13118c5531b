"""Octopus's clock: timestamps without a zone, read as Brussels time."""

from datetime import UTC, datetime, timedelta

from monitr.domain.brussels import BRUSSELS

OVERLAP = timedelta(hours=3)
"""Read again before the moment asked for: the zone is not documented, and UTC is the other candidate (octopus.md
3.4)."""


def modified_since(instant: datetime) -> str:
    """``yyyy-MM-dd HH:mm:ss.SSS`` of an aware instant in Brussels, the overlap before it.

    The overlap is subtracted in UTC, so it is three true hours on the days on which the clocks change too. On the
    autumn day the text is ambiguous for an hour; the overlap covers both readings. Milliseconds are cut, never rounded
    up.
    """
    local = (instant.astimezone(UTC) - OVERLAP).astimezone(BRUSSELS)
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d}"
