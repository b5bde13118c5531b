"""Trial balance and monthly balances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from monitr.application.reading.ledger import DimensionFilter
from monitr.application.reading.master_data import NamedAccount
from monitr.domain.accounting.balances import ExplainedEffect
from monitr.domain.organisation import AdministrationId

MOST_SUMS = 50_000
"""Rows of one report. Ten years of monthly balances of four hundred accounts."""


class TooManySums(Exception):
    """The report would have more than ``most`` rows, or be made of more sums than that."""

    def __init__(self, most: int = MOST_SUMS) -> None:
        super().__init__(most)
        self.most = most


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """closing = opening + debit - credit. ``name`` as in the bookyear of ``to``; ``effects`` are what of debit and
    credit no line shows, oldest first; ``first_seen_at`` as in NamedAccount."""

    account: int
    name: str
    bookyears: tuple[int, ...]
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal
    effects: Sequence[ExplainedEffect] = ()
    first_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The rules are those of the comment on TrialBalance in ``tests/contract/frontend.graphql``. Rows by account
    number."""

    rows: Sequence[TrialBalanceRow]
    result_brought_forward: Decimal | None
    result_transferred: Decimal | None
    complete_from: date | None


class MonthlyBalance(NamedTuple):
    """``month`` is its first day; ``cost_centre`` None: no breakdown asked for, or lines without one."""

    month: date
    account: NamedAccount
    cost_centre: int | None
    movement: Decimal
    balance: Decimal


class ReportReader(Protocol):
    """Of the administrations of one organisation."""

    async def trial_balance(
        self, id: AdministrationId, from_: date, to: date, dimension: DimensionFilter | None
    ) -> TrialBalance:
        """Raises TooManySums, and TooManyLines for what it takes of a month in part, like the next one."""
        ...

    async def monthly_balances(
        self,
        id: AdministrationId,
        from_: date,
        to: date,
        account_classes: Sequence[int] | None,
        *,
        by_cost_centre: bool,
    ) -> Sequence[MonthlyBalance]:
        """For each month of the span: the movement in it and the balance at its end (or at ``to``)."""
        ...
