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
        return _signed(self.type, self.outstanding)


class ItemLine(NamedTuple):
    """An open item beside a ledger line of its booking. ``opens``: that booking is a year opening."""

    relation: int | None
    amount: Decimal
    account: int
    line_relation: int | None
    line_amount: Decimal
    opens: bool


def control_accounts(type: OutstandingItemType, pairs: Iterable[ItemLine]) -> frozenset[int]:
    """Of the items of one type, each beside the lines of its booking."""
    return frozenset(pair.account for pair in pairs if stands_behind(type, pair))


def stands_behind(type: OutstandingItemType, pair: ItemLine) -> bool:
    """Whether the item is what the line booked: the same relation and amount, on class 4. The lines of an opening are
    left out: they carry items forward in one sum, on accounts that may have been others when the items were booked."""
    return (
        not pair.opens
        and account_class(pair.account) == 4
        and pair.relation is not None
        and pair.line_relation == pair.relation
        and pair.line_amount == _signed(type, pair.amount)
    )


def _signed(type: OutstandingItemType, amount: Decimal) -> Decimal:
    return amount if type is OutstandingItemType.RECEIVABLE else -amount
