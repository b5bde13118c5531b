"""The trial balance and the monthly ones: sums from SQL, the rules from ``monitr.domain.accounting.balances``."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import islice

from monitr.adapters.sql.reading.basics import BasicsQueries
from monitr.adapters.sql.reading.books import BooksQueries, boundaries_of
from monitr.application.reading.ledger import DimensionFilter
from monitr.application.reading.master_data import COST_CENTRE, NamedAccount
from monitr.application.reading.reports import MOST_SUMS, MonthlyBalance, TooManySums, TrialBalance, TrialBalanceRow
from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.balances import (
    NO_COST_CENTRE,
    MonthFigures,
    monthly_balances,
    months,
    trial_balance,
)
from monitr.domain.organisation import AdministrationId


class BalanceQueries(BooksQueries, BasicsQueries):
    async def trial_balance(
        self, id: AdministrationId, from_: date, to: date, dimension: DimensionFilter | None
    ) -> TrialBalance:
        books = await self._books(id, boundaries_of([(from_, to)]), by_cost_centre=dimension is not None)
        figures = trial_balance(books, from_, to, chosen(dimension))
        shown = {account: row for account, row in sorted(figures.accounts.items()) if row.shows_anything}
        named = {account.number: account for account in await self._named_accounts(id, list(shown), as_on=to)}
        return TrialBalance(
            [
                TrialBalanceRow(
                    number,
                    account.name,
                    account.bookyears,
                    row.opening,
                    row.debit,
                    row.credit,
                    row.closing,
                    figures.effects.get(number, ()),
                    account.first_seen_at,
                )
                for number, row in shown.items()
                for account in (named.get(number) or NamedAccount(number, account_text(number), ()),)
            ],
            figures.result_brought_forward,
            figures.result_transferred,
            books.years[0].first_day if books.years else None,
        )

    async def monthly_balances(
        self,
        id: AdministrationId,
        from_: date,
        to: date,
        account_classes: Sequence[int] | None,
        *,
        by_cost_centre: bool,
    ) -> Sequence[MonthlyBalance]:
        """By month, then account, then cost centre, lines without one first."""
        classes = None if account_classes is None else [str(klass) for klass in account_classes if 0 <= klass <= 9]
        if classes == []:
            return []
        spans = ((max(month, from_), last_day) for month, last_day in months(from_, to))
        books = await self._books(id, boundaries_of(spans), by_cost_centre=by_cost_centre, prefixes=classes, nets=True)
        # ten bookyears by cost centre are tens of thousands of figures: not on the event loop
        figures = await asyncio.to_thread(lambda: list(islice(monthly_balances(books, from_, to), MOST_SUMS + 1)))
        if len(figures) > MOST_SUMS:
            raise TooManySums
        numbers = sorted({row.account for row in figures})
        named = {number: NamedAccount(number, account_text(number), ()) for number in numbers}
        named |= {account.number: account for account in await self.accounts(id, numbers)}
        return await asyncio.to_thread(_named, figures, named)


def _named(figures: Sequence[MonthFigures], named: Mapping[int, NamedAccount]) -> Sequence[MonthlyBalance]:
    return [
        MonthlyBalance(
            row.month,
            named[row.account],
            row.cost_centre if row.cost_centre != NO_COST_CENTRE else None,
            row.movement,
            row.balance,
        )
        for row in figures
    ]


def chosen(dimension: DimensionFilter | None) -> Callable[[int], bool] | None:
    """Which cost centres the filter asks for; a code that is no number, or another dimension, has none."""
    if dimension is None:
        return None
    if dimension.dimension != COST_CENTRE:
        return lambda cost_centre: False
    if dimension.without:
        return lambda cost_centre: cost_centre == NO_COST_CENTRE
    if dimension.code is None:
        return lambda cost_centre: cost_centre != NO_COST_CENTRE
    return lambda cost_centre: cost_centre != NO_COST_CENTRE and str(cost_centre) == dimension.code
