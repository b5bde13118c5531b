"""The warning ahead: an authorisation that nothing prolongs ends 60 days after the user's consent (octopus.md 1.2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation

STAGES = (timedelta(days=14), timedelta(days=7), timedelta(days=1))
"""How long before the end a notice appears, and is worded more urgently."""


@dataclass(frozen=True, slots=True)
class Notice:
    """``since``: when this stage began; ``expires_at``: the deadline. Both in UTC. ``days`` is 14, 7 or 1."""

    days: int
    since: datetime
    expires_at: datetime

    @property
    def text(self) -> Explanation:
        """In words, with what to do about it."""
        urgency = {14: "in two weeks at most", 7: "within a week", 1: "within a day"}[self.days]
        return Explanation(
            ExplanationCode.AUTHORIZATION_EXPIRES_SOON,
            f"The authorisation at Octopus ends {urgency}: on {self.expires_at:%Y-%m-%d at %H:%M} UTC. "
            "Imports stop then; everything that was imported stays.",
            "Reconnect the integration before that day.",
        )


def notice(expires_at: datetime, now: datetime) -> Notice | None:
    """The stage that has begun last; None before the first one and once the authorisation has ended."""
    if now >= expires_at:
        return None
    begun = [stage for stage in STAGES if now >= expires_at - stage]
    return Notice(min(begun).days, expires_at - min(begun), expires_at) if begun else None
