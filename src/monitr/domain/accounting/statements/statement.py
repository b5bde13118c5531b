"""A statement: the figures of its columns in the lines of its layout."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from graphlib import TopologicalSorter
from typing import NamedTuple

from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.statements.column_figures import ColumnFigures
from monitr.domain.accounting.statements.layout import Layout, Line, NormalSide
from monitr.domain.accounting.statements.rubrics import is_appropriation

Amounts = tuple[Decimal, ...]
"""One for each column."""
_Nets = dict[int, list[Decimal]]
"""By account, debit minus credit in each column."""


class AccountAmounts(NamedTuple):
    account: int
    amounts: Amounts


class LineAmounts(NamedTuple):
    """Amounts have the sign of the line; ``accounts``, by number, are those with an amount that it is made of."""

    line: Line
    amounts: Amounts
    accounts: Sequence[AccountAmounts]


@dataclass(frozen=True, slots=True)
class StatementFigures:
    """``unmapped``: accounts with an amount that no line takes, debit minus credit."""

    lines: Sequence[LineAmounts]
    unmapped: Sequence[AccountAmounts]
    is_balanced: bool


def statement(
    layout: Layout, columns: Sequence[ColumnFigures], chosen: Callable[[int], bool] | None = None
) -> StatementFigures:
    """With ``chosen``, of those cost centres; an account stands where its whole balance stands all the same."""
    seated, unmapped = _seated(layout, columns, chosen)
    own = {line.key: _sums(line, seated[line.key].values(), len(columns)) for line in layout.lines}
    if layout.result is not None:
        own[layout.result] = tuple(ZERO - _of(figures.result, chosen) for figures in columns)
    totals = _totals(layout.lines, own)
    lines = [
        LineAmounts(line, totals[line.key], _by_number(seated[line.key], line.side.amount)) for line in layout.lines
    ]
    left = _by_number(unmapped, NormalSide.DEBIT.amount)
    agrees = chosen is not None or all(
        layout.proof({key: amounts[index] for key, amounts in totals.items()}, _result_of_period(figures))
        for index, figures in enumerate(columns)
    )
    return StatementFigures(lines, left, is_balanced=not left and agrees)


def _seated(
    layout: Layout, columns: Sequence[ColumnFigures], chosen: Callable[[int], bool] | None
) -> tuple[Mapping[str, _Nets], _Nets]:
    """What stands in each line, and what in none."""

    def nets() -> _Nets:
        return defaultdict(lambda: [ZERO] * len(columns))

    seated: Mapping[str, _Nets] = defaultdict(nets)
    unmapped = nets()
    for index, figures in enumerate(columns):
        whole: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for (account, _), net in figures.accounts.items():
            whole[account] += net
        for (account, cost_centre), net in figures.accounts.items():
            if layout.is_about(account) and (chosen is None or chosen(cost_centre)):
                keys = layout.seat(account, cost_centre).at(whole[account])
                for place in [seated[key] for key in keys] or [unmapped]:
                    place[account][index] += net
    return seated, unmapped


def _sums(line: Line, nets: Collection[Sequence[Decimal]], columns: int) -> Amounts:
    if not nets:
        return (ZERO,) * columns
    return tuple(line.side.amount(sum(amounts, ZERO)) for amounts in zip(*nets, strict=True))


def _totals(lines: Sequence[Line], own: Mapping[str, Amounts]) -> dict[str, Amounts]:
    """What stands in each line itself, and its parts."""
    parts = {line.key: line.parts for line in lines}
    totals: dict[str, Amounts] = {}
    for key in TopologicalSorter(parts).static_order():  # whatever a line adds up comes before it
        added = [[sign * amount for amount in totals[part]] for part, sign in parts[key].items()]
        totals[key] = tuple(sum(amounts, ZERO) for amounts in zip(own[key], *added, strict=True))
    return totals


def _by_number(nets: _Nets, shown: Callable[[Decimal], Decimal]) -> list[AccountAmounts]:
    return [AccountAmounts(account, tuple(map(shown, nets[account]))) for account in sorted(nets) if any(nets[account])]


def _of(by_cost_centre: Mapping[int, Decimal], chosen: Callable[[int], bool] | None) -> Decimal:
    return sum((net for number, net in by_cost_centre.items() if chosen is None or chosen(number)), ZERO)


def _result_of_period(figures: ColumnFigures) -> Decimal:
    """Credit minus debit: a profit is positive."""
    return ZERO - sum((net for (account, _), net in figures.accounts.items() if not is_appropriation(account)), ZERO)
