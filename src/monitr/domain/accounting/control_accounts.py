"""The control accounts: those that hold, in one sum, what the open items hold one by one.

Octopus does not say which they are. They follow from the ledger: the accounts of the lines behind the items.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from monitr.domain.accounting.account import account_class
from monitr.domain.accounting.outstanding_items import OutstandingItemType


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """What is outstanding of one type, and the accounts of the ledger lines behind the items."""

    type: OutstandingItemType
    outstanding: Decimal
    accounts: frozenset[int]

    @property
    def balance(self) -> Decimal:
        """As the accounts hold it: debit positive."""
        return self.outstanding if self.type is OutstandingItemType.RECEIVABLE else -self.outstanding


class ItemLine(NamedTuple):
    """A ledger line of the booking of an open item, as it compares with the item."""

    account: int
    has_its_relation: bool
    debits_it: bool
    """The line's amount, debit positive, is the item's."""
    credits_it: bool
    """It is the item's with the other sign."""
    opens: bool
    """The booking is a year opening."""


def control_accounts(type: OutstandingItemType, lines: Iterable[ItemLine]) -> frozenset[int]:
    """Of the lines beside the items of one type."""
    return frozenset(line.account for line in lines if stands_behind(type, line))


def stands_behind(type: OutstandingItemType, line: ItemLine) -> bool:
    """Whether the item is what the line booked: the same relation and amount, on class 4. The lines of an opening are
    left out: they carry items forward in one sum, on accounts that may have been others when the items were booked."""
    books_it = line.debits_it if type is OutstandingItemType.RECEIVABLE else line.credits_it
    return books_it and line.has_its_relation and account_class(line.account) == 4 and not line.opens
