"""The daily maxima (octopus.md 3.1): calls counted per operation, Brussels day, and dossier or login."""

from collections import Counter
from datetime import date

from octopus_sandbox.clock import Clock
from octopus_sandbox.switches import QuotaScope, Switches


class Quota:
    """Counts every call that passed its token check, refused ones included."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: Counter[tuple[date, str, str]] = Counter()
        self.forgotten = 0
        """How often all of them were forgotten."""

    def take(self, operation: str, limit: int | None, login: str, dossier: int | None, switches: Switches) -> bool:
        """Count a call; whether it is within the maximum. None is no maximum."""
        key = (self._clock.today(), operation, self._whom(login, dossier, switches))
        self._counts[key] += 1
        return limit is None or not switches.daily_limits or self._counts[key] <= limit

    def used(self, operation: str, *, dossier: int | None = None, login: str | None = None) -> int:
        """Today's calls of an operation for a dossier, or for a login."""
        whom = f"login {login}" if login is not None else f"dossier {dossier}"
        return self._counts[self._clock.today(), operation, whom]

    def reset(self) -> None:
        """Forget today's calls: of every login and dossier."""
        self._counts.clear()
        self.forgotten += 1

    @staticmethod
    def _whom(login: str, dossier: int | None, switches: Switches) -> str:
        if dossier is None or switches.quota_scope is QuotaScope.LOGIN:
            return f"login {login}"
        return f"dossier {dossier}"
