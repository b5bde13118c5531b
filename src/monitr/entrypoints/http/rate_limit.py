"""How often one user may ask: a token bucket for each, in this process."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Principal

MOST_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class RateLimit:
    """``per_minute`` requests at once, filled up again evenly over the minute. None: no limit.

    With several API processes each counts for itself. ``monotonic`` is in seconds.
    """

    def __init__(self, per_minute: int | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._monotonic = monotonic
        self._buckets: dict[tuple[OrganisationId, str], _Bucket] = {}

    def wait(self, principal: Principal) -> int | None:
        """None where the request may go on, and is counted; else the seconds until one may."""
        if self._per_minute is None:
            return None
        now, rate = self._monotonic(), self._per_minute / 60
        user = (principal.organisation, principal.subject)
        bucket = self._buckets.get(user)
        if bucket is None:
            self._forget_the_idle(now)
            bucket = self._buckets[user] = _Bucket(self._per_minute, now)
        bucket.tokens = min(self._per_minute, bucket.tokens + (now - bucket.filled_at) * rate)
        bucket.filled_at = now
        if bucket.tokens < 1:
            return max(1, ceil((1 - bucket.tokens) / rate))
        bucket.tokens -= 1
        return None

    def _forget_the_idle(self, now: float) -> None:
        """A bucket that was not used for a minute is full: nothing is lost with it."""
        if len(self._buckets) >= MOST_BUCKETS:
            self._buckets = {user: bucket for user, bucket in self._buckets.items() if now - bucket.filled_at < 60}
