"""What Octopus's clock says, by the ``Date`` of its answers (RFC 9110, section 6.6.1)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(slots=True)
class FirstDate:
    """Of the answers about an open dossier, the first that names a moment (UTC)."""

    moment: datetime | None = None

    def hear(self, date: str | None) -> None:
        if self.moment is None and date is not None:
            self.moment = moment_of(date)


def moment_of(date: str) -> datetime | None:
    """None for what is no date."""
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
