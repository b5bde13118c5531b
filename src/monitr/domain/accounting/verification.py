"""The checks that prove an import, and what a difference means (decision 11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.money import ZERO


class VerificationStatus(StrEnum):
    """How an import was proven; of several checks the worst: FAILED, WARNING, NOT_AVAILABLE, PASSED."""

    PASSED = "PASSED"
    """It agrees with Octopus to the cent."""
    WARNING = "WARNING"
    """Something is odd, but no figure is wrong by it."""
    FAILED = "FAILED"
    """Figures differ, or lines do not balance: the check's detail says where."""
    NOT_AVAILABLE = "NOT_AVAILABLE"
    """There is nothing to compare with (yet)."""


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
        return worst_of(check.status for check in self.checks)


def worst_of(statuses: Iterable[VerificationStatus]) -> VerificationStatus:
    """NOT_AVAILABLE where there are none."""
    present = frozenset(statuses)
    return next((status for status in _WORST_FIRST if status in present), VerificationStatus.NOT_AVAILABLE)


DIFFERENCES_SHOWN = 5


class AmountsReading(StrEnum):
    """How Octopus's ``accounts/amounts`` are to be read: not documented (octopus.md 2.6, INF), decided from the
    data."""

    MOVEMENTS = "movements"
    MOVEMENTS_WITHOUT_OPENINGS = "movements without year openings"
    CUMULATIVE = "cumulative balances"
    CUMULATIVE_WITHOUT_OPENINGS = "cumulative balances without year openings"


@dataclass(frozen=True, slots=True)
class AmountCell:
    """One account in one period of a bookyear: the sum of our lines, the part of it that is year openings, and
    Octopus's figure, None where it has none. Signed, debit positive."""

    bookyear: int
    period: int
    account: int
    ours: Decimal
    opening: Decimal
    octopus: Decimal | None


@dataclass(frozen=True, slots=True)
class Difference:
    bookyear: int
    period: int
    account: int
    ours: Decimal
    octopus: Decimal

    def __str__(self) -> str:
        return (
            f"account {account_text(self.account)}, period {self.period}: {self.ours} here, {self.octopus} in Octopus,"
            f" difference {self.ours - self.octopus}"
        )


@dataclass(frozen=True, slots=True)
class AmountsReport:
    reading: AmountsReading
    compared: int
    differences: tuple[Difference, ...]

    @property
    def lacking(self) -> frozenset[tuple[int, int]]:
        """Bookyear and account, where Octopus has an amount and there is none here in any period that differs."""
        ours = {(it.bookyear, it.account) for it in self.differences if it.ours}
        return frozenset((it.bookyear, it.account) for it in self.differences) - ours

    def __str__(self) -> str:
        """The first difference of each account, and how many more accounts there are."""
        first: dict[tuple[int, int], Difference] = {}
        for difference in self.differences:  # in the order of bookyear, account and period
            first.setdefault((difference.bookyear, difference.account), difference)
        shown = "; ".join(map(str, list(first.values())[:DIFFERENCES_SHOWN]))
        more = len(first) - DIFFERENCES_SHOWN
        rest = f"; and {more} more accounts" if more > 0 else ""
        return f"Octopus's totals, read as {self.reading}, differ: {shown}{rest}."


def compare_amounts(cells: Sequence[AmountCell]) -> AmountsReport:
    """Our sums against Octopus's, under the reading that leaves the fewest differences (the first of equals)."""
    in_order = sorted(cells, key=lambda cell: (cell.bookyear, cell.account, cell.period))
    reports: list[AmountsReport] = []
    for reading in AmountsReading:
        reports.append(_compare(in_order, reading))
        if not reports[-1].differences:
            break
    return min(reports, key=lambda report: len(report.differences))


def _compare(cells: Sequence[AmountCell], reading: AmountsReading) -> AmountsReport:
    without_openings = reading in (
        AmountsReading.MOVEMENTS_WITHOUT_OPENINGS,
        AmountsReading.CUMULATIVE_WITHOUT_OPENINGS,
    )
    cumulative = reading in (AmountsReading.CUMULATIVE, AmountsReading.CUMULATIVE_WITHOUT_OPENINGS)
    differences: list[Difference] = []
    running: dict[tuple[int, int], tuple[Decimal, Decimal]] = {}
    for cell in cells:
        movement = cell.ours - cell.opening if without_openings else cell.ours
        if cumulative:
            before, last = running.get((cell.bookyear, cell.account), (ZERO, ZERO))
            ours = before + movement
            octopus = last if cell.octopus is None else cell.octopus
            running[cell.bookyear, cell.account] = ours, octopus
        else:
            ours, octopus = movement, cell.octopus or ZERO
        if ours != octopus:
            differences.append(Difference(cell.bookyear, cell.period, cell.account, ours, octopus))
    return AmountsReport(reading, len(cells), tuple(differences))
