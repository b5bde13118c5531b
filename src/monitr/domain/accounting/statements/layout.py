"""What a statement looks like: its lines, how they are totalled, and which accounts stand in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from monitr.domain.accounting.account import Names, account_class
from monitr.domain.accounting.money import ZERO

_class = lru_cache(maxsize=65536)(account_class)


class StatementKind(StrEnum):
    """Balance sheet or profit and loss account."""

    BALANCE_SHEET = "BALANCE_SHEET"
    """Classes 1 to 5: balances at the end of each column."""
    PROFIT_AND_LOSS = "PROFIT_AND_LOSS"
    """Classes 6 to 9: movements of each column."""

    def holds(self, account: int) -> bool:
        """Class 0 is in no statement; 8 and 9 start every bookyear at zero like 6 and 7 (rules.md, 10)."""
        klass = _class(account)
        return 1 <= klass <= 5 if self is StatementKind.BALANCE_SHEET else klass >= 6


class NormalSide(StrEnum):
    """In which an amount is positive."""

    DEBIT = "DEBIT"
    """Debit minus credit: assets and charges."""
    CREDIT = "CREDIT"
    """Credit minus debit: equity, liabilities and income."""

    def amount(self, net: Decimal) -> Decimal:
        """An amount, debit minus credit, as this side shows it."""
        return net if self is NormalSide.DEBIT else ZERO - net


@dataclass(frozen=True, slots=True)
class Line:
    """``side``: in which its amounts are positive. ``parts``: the lines that it adds up, each with 1 or -1, beside its
    own accounts. ``level`` is 0 or more."""

    key: str
    names: Names
    level: int
    side: NormalSide
    parts: Mapping[str, int]

    @property
    def is_sum(self) -> bool:
        return bool(self.parts)


class Seat(NamedTuple):
    """Where an account stands: the keys of its lines by the sign of its balance; none where no line takes it."""

    usual: tuple[str, ...]
    with_debit: tuple[str, ...]
    with_credit: tuple[str, ...]

    @classmethod
    def always(cls, *keys: str) -> "Seat":
        return cls(keys, keys, keys)

    def at(self, balance: Decimal) -> tuple[str, ...]:
        """``balance`` is debit minus credit."""
        if not balance:
            return self.usual
        return self.with_debit if balance > 0 else self.with_credit


@dataclass(frozen=True, slots=True)
class Layout:
    """``lines`` in the order in which they are shown. ``seat`` is asked for an account and a cost centre (0: none);
    ``by_cost_centre`` says whether its answer depends on that.

    ``result``: the line that shows the result of the year not yet appropriated. ``proof``: whether the totals, by the
    keys of their lines, agree with each other and with the ledger's result (credit minus debit). ``classes``: those of
    its kind that it is about, where it is not about all of them.
    """

    kind: StatementKind
    lines: Sequence[Line]
    seat: Callable[[int, int], Seat]
    by_cost_centre: bool = False
    result: str | None = None
    proof: Callable[[Mapping[str, Decimal], Decimal], bool] = lambda totals, result: True
    classes: frozenset[int] | None = None

    def is_about(self, account: int) -> bool:
        return self.classes is None or _class(account) in self.classes
