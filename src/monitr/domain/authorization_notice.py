"""The warning ahead: an authorisation that nothing prolongs ends 60 days after the user's consent (octopus.md 1.2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.words.sentence import Sentence

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
        urgency = Sentence.of({14: "IN_TWO_WEEKS", 7: "WITHIN_A_WEEK", 1: "WITHIN_A_DAY"}[self.days])
        code = ExplanationCode.AUTHORIZATION_EXPIRES_SOON
        return Explanation.of(code, urgency=urgency, expires_at=self.expires_at)


def notice(expires_at: datetime, now: datetime) -> Notice | None:
    """The stage that has begun last; None before the first one and once the authorisation has ended."""
    if now >= expires_at:
        return None
    begun = [stage for stage in STAGES if now >= expires_at - stage]
    return Notice(min(begun).days, expires_at - min(begun), expires_at) if begun else None
