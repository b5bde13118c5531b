"""The checks that prove an import, and what a difference means (DESIGN, decision 11)."""

from dataclasses import dataclass
from enum import StrEnum


class VerificationStatus(StrEnum):
    PASSED = "PASSED"
    WARNING = "WARNING"
    FAILED = "FAILED"
    NOT_AVAILABLE = "NOT_AVAILABLE"


_WORST_FIRST = (
    VerificationStatus.FAILED,
    VerificationStatus.WARNING,
    VerificationStatus.NOT_AVAILABLE,
    VerificationStatus.PASSED,
)


class CheckCode(StrEnum):
    BOOKINGS_BALANCE = "BOOKINGS_BALANCE"
    BOOKYEARS_BALANCE = "BOOKYEARS_BALANCE"
    ACCOUNT_AMOUNTS = "ACCOUNT_AMOUNTS"
    OUTSTANDING_ITEMS = "OUTSTANDING_ITEMS"
    ACCOUNTS_KNOWN = "ACCOUNTS_KNOWN"
    RELATIONS_KNOWN = "RELATIONS_KNOWN"
    COST_CENTRES_KNOWN = "COST_CENTRES_KNOWN"
    YEAR_OPENINGS = "YEAR_OPENINGS"
    RECORDS_READABLE = "RECORDS_READABLE"


@dataclass(frozen=True, slots=True)
class Check:
    """``detail`` is what a bookkeeper can act on: account, period, ours, Octopus's, difference. None where PASSED."""

    code: CheckCode
    status: VerificationStatus
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    checks: tuple[Check, ...]

    @property
    def status(self) -> VerificationStatus:
        """The worst of its checks; NOT_AVAILABLE without any."""
        present = {check.status for check in self.checks}
        return next((status for status in _WORST_FIRST if status in present), VerificationStatus.NOT_AVAILABLE)
