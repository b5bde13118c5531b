"""Month by month: the sums from SQL, the rules from ``monitr.domain.accounting.balances``."""

import asyncio
from collections.abc import Sequence
from datetime import date

from monitr.adapters.sql.reading.basics import BasicsQueries
from monitr.adapters.sql.reading.books import BooksQueries
from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.reports import MonthlyBalance
from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.balances import NO_COST_CENTRE, Books, MonthFigures, monthly_balances
from monitr.domain.organisation import AdministrationId


class MonthlyBalanceQueries(BooksQueries, BasicsQueries):
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
        books = await self._books(
            id,
            from_,
            to,
            monthly=True,
            by_cost_centre=by_cost_centre,
            prefixes=classes,
        )
        # ten bookyears by cost centre are tens of thousands of figures: not on the event loop
        figures = await asyncio.to_thread(_computed, books, from_, to)
        numbers = sorted({row.account for row in figures})
        named = {number: NamedAccount(number, account_text(number), ()) for number in numbers}
        named |= {account.number: account for account in await self.accounts(id, numbers)}
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


def _computed(books: Books, from_: date, to: date) -> list[MonthFigures]:
    return list(monthly_balances(books, from_, to))
