"""Days sales and days payables outstanding (``tests/contract/rules.md``, 18)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from monitr.domain.accounting.account import account_group
from monitr.domain.accounting.ledger import JournalType
from monitr.domain.accounting.money import ZERO, to_cents
from monitr.domain.accounting.outstanding_items import OutstandingItemType

DAYS = 365


@dataclass(frozen=True, slots=True)
class Trade:
    """What is sold, or bought, in a year: the accounts of ``groups``, and of the group ``vat`` what ``journal`` books.
    ``sign`` makes it positive of amounts that are debit positive."""

    groups: frozenset[str]
    vat: str
    journal: JournalType
    sign: int

    @property
    def all_groups(self) -> list[str]:
        """Of three digits."""
        return sorted({*self.groups, self.vat})

    def takes(self, account: int, journal_type: int) -> bool:
        group = account_group(account, 3)
        return group in self.groups or (group == self.vat and journal_type == self.journal)


def _groups(*first_digits: str) -> frozenset[str]:
    return frozenset(f"{two}{digit}" for two in first_digits for digit in range(10))


TRADE = {
    OutstandingItemType.RECEIVABLE: Trade(_groups("70", "74") - {"740"}, "451", JournalType.SALES, -1),
    OutstandingItemType.PAYABLE: Trade(_groups("60", "61") - {"609"}, "411", JournalType.PURCHASES, 1),
}


def year_up_to(day: date) -> tuple[date, date]:
    """The first and the last of the days that count."""
    return day - timedelta(days=DAYS - 1), day


def days_outstanding(
    type: OutstandingItemType, total: Decimal, booked: Iterable[tuple[int, int, Decimal]]
) -> Decimal | None:
    """``total`` is outstanding; ``booked``: account, journal type and amount, debit positive, of those days. None where
    nothing was sold or bought, or more was taken back."""
    trade = TRADE[type]
    traded = trade.sign * sum((amount for account, journal, amount in booked if trade.takes(account, journal)), ZERO)
    return to_cents(total * DAYS / traded) if traded > 0 else None
