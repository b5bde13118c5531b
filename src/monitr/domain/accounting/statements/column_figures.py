"""What the accounts hold in each column, from the books: balances at its end, or movements in it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from monitr.domain.accounting.balances import NO_COST_CENTRE, Books, Movement, OpeningEffect, opening_effects
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.statements.columns import Column
from monitr.domain.accounting.statements.layout import StatementKind

AccountPart = tuple[int, int]
"""An account, and a cost centre (0: none)."""


@dataclass(frozen=True, slots=True)
class ColumnFigures:
    """Debit minus credit. ``accounts``: of the classes of the statement. ``result``, of a balance sheet, by cost
    centre: classes 6 to 9 of all bookyears, less what openings have moved to an account."""

    accounts: Mapping[AccountPart, Decimal]
    result: Mapping[int, Decimal]


def column_figures(kind: StatementKind, books: Books, columns: Sequence[Column]) -> list[ColumnFigures]:
    """The movements of the books may be summed over days that no column parts."""
    if kind is StatementKind.BALANCE_SHEET:
        at = _balances(books, {column.to for column in columns})
        return [at[column.to] for column in columns]
    return _movements(books, columns)


def _balances(books: Books, days: set[date]) -> dict[date, ColumnFigures]:
    """At the end of each day. Opening effects come with their bookyear's first day."""
    effects, transfers = opening_effects(books)
    latest_first = sorted(_rows(books.movements, effects), key=lambda row: row.day, reverse=True)
    accounts: dict[AccountPart, Decimal] = defaultdict(lambda: ZERO)
    result: dict[int, Decimal] = defaultdict(lambda: ZERO)
    at: dict[date, ColumnFigures] = {}
    for day in sorted(days):
        while latest_first and latest_first[-1].day <= day:
            row = latest_first.pop()
            if StatementKind.BALANCE_SHEET.holds(row.account):
                accounts[row.account, row.cost_centre] += row.debit - row.credit
            elif StatementKind.PROFIT_AND_LOSS.holds(row.account):
                result[row.cost_centre] += row.debit - row.credit
        moved = sum((transfer.amount for transfer in transfers if transfer.day <= day), ZERO)
        not_moved = result | {NO_COST_CENTRE: result[NO_COST_CENTRE] - moved}
        at[day] = ColumnFigures(dict(accounts), not_moved)
    return at


def _movements(books: Books, columns: Sequence[Column]) -> list[ColumnFigures]:
    effects, _ = opening_effects(books)
    moved: dict[date, dict[AccountPart, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for row in _rows(books.movements, effects):
        if StatementKind.PROFIT_AND_LOSS.holds(row.account):
            moved[row.day][row.account, row.cost_centre] += row.debit - row.credit
    figures: list[ColumnFigures] = []
    for column in columns:
        accounts: dict[AccountPart, Decimal] = defaultdict(lambda: ZERO)
        for day in moved:
            if column.from_ <= day <= column.to:
                for part, amount in moved[day].items():
                    accounts[part] += amount
        figures.append(ColumnFigures(accounts, {}))
    return figures


def _rows(movements: Sequence[Movement], effects: Sequence[OpeningEffect]) -> Sequence[Movement | OpeningEffect]:
    """Everything that moves an account."""
    return [*movements, *effects]
