"""The result month by month: of the bookyear, of those before it, and what of it was appropriated."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from monitr.domain.accounting.balances import Books, Movement, OpeningEffect, months, opening_effects
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.statements.layout import StatementKind
from monitr.domain.accounting.statements.rubrics import is_appropriation


class MonthlyResult(NamedTuple):
    """At the end of the month (or of the span), debit minus credit: a profit is negative. ``month`` is its first day.

    ``result_of_year`` is of the bookyear so far, 69 and 79 apart (``transferred``); ``brought_forward`` is what
    bookyears before it left and openings have not moved to an account.
    """

    month: date
    result_of_year: Decimal
    brought_forward: Decimal
    transferred: Decimal
    is_balanced: bool


def monthly_results(books: Books, from_: date, to: date) -> Iterator[MonthlyResult]:
    """Movements may be summed over days that no month's end, and no end of the span, parts."""
    effects, transfers = opening_effects(books)
    rows: list[Movement | OpeningEffect] = [*books.movements, *effects]
    rows.sort(key=lambda row: row.day, reverse=True)
    sheet = ZERO
    result: dict[int, Decimal] = defaultdict(lambda: ZERO)
    appropriated: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for month, last_day in months(from_, to):
        while rows and rows[-1].day <= last_day:
            row = rows.pop()
            net = row.debit - row.credit
            if StatementKind.BALANCE_SHEET.holds(row.account):
                sheet += net
            elif StatementKind.PROFIT_AND_LOSS.holds(row.account):
                (appropriated if is_appropriation(row.account) else result)[row.bookyear] += net
        year = books.year_on(last_day)
        of_year, transferred = (ZERO, ZERO) if year is None else (result[year], appropriated[year])
        moved = sum((transfer.amount for transfer in transfers if transfer.day <= last_day), ZERO)
        of_all = sum(result.values(), ZERO) + sum(appropriated.values(), ZERO)
        before = of_all - of_year - transferred - moved
        yield MonthlyResult(month, of_year, before, transferred, not sheet + of_year + before + transferred)
