"""Statements: sums from SQL, the rules from ``monitr.domain.accounting.statements``.

As many statements are sent whatever the columns, lines and accounts: for the books, for the names of the accounts,
with a column for each bookyear for the bookyears, and for a report of one's own.
"""

import asyncio
from collections.abc import Sequence
from datetime import date

from monitr.adapters.sql.reading.balances import chosen
from monitr.adapters.sql.reading.books import BooksQueries, boundaries_of
from monitr.adapters.sql.reading.own_reports import OwnReportQueries
from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.statements import (
    MOST_COLUMNS,
    Statement,
    StatementAccount,
    StatementLine,
    StatementQuestion,
    TooManyColumns,
)
from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.balances import Books, months
from monitr.domain.accounting.statements.column_figures import column_figures
from monitr.domain.accounting.statements.columns import Column, StatementInterval, columns
from monitr.domain.accounting.statements.layout import Layout, StatementKind
from monitr.domain.accounting.statements.monthly_results import MonthlyResult, monthly_results
from monitr.domain.accounting.statements.own_reports import layout_of
from monitr.domain.accounting.statements.rubrics import statutory_layout
from monitr.domain.accounting.statements.statement import AccountAmounts, StatementFigures, statement
from monitr.domain.organisation import AdministrationId

_RESULT_CLASSES = [str(klass) for klass in range(10) if StatementKind.PROFIT_AND_LOSS.holds(klass * 100000)]


class StatementQueries(BooksQueries, OwnReportQueries):
    async def statement(self, id: AdministrationId, question: StatementQuestion) -> Statement:
        return await self._statement(id, question, await self._layout(question))

    async def _layout(self, question: StatementQuestion) -> Layout:
        if question.report is None:
            return statutory_layout(question.kind, question.model, question.legal_form)
        report = await self._report(question.report)
        return layout_of(question.kind, report.lines, report.rules)

    async def _statement(self, id: AdministrationId, question: StatementQuestion, layout: Layout) -> Statement:
        """Whatever lines it has."""
        shown = await self._columns(id, question)
        books = await self._books(
            id,
            boundaries_of([(column.from_, column.to) for column in shown] or [(question.from_, question.to)]),
            by_cost_centre=question.dimension is not None or layout.by_cost_centre,
            prefixes=_RESULT_CLASSES if layout.kind is StatementKind.PROFIT_AND_LOSS else None,
            nets=True,
        )
        # ten years of months are tens of thousands of sums: not on the event loop
        figures = await asyncio.to_thread(_figures, layout, books, shown, question)
        accounts = [*figures.unmapped, *(account for line in figures.lines for account in line.accounts)]
        numbers = sorted({each.account for each in accounts})
        named = {number: NamedAccount(number, account_text(number), ()) for number in numbers}
        named |= {account.number: account for account in await self._named_accounts(id, numbers, as_on=question.to)}

        def with_names(amounts: Sequence[AccountAmounts]) -> list[StatementAccount]:
            return [StatementAccount(named[each.account], each.amounts) for each in amounts]

        return Statement(
            shown,
            [StatementLine(each.line, each.amounts, with_names(each.accounts)) for each in figures.lines],
            with_names(figures.unmapped),
            figures.is_balanced,
        )

    async def _columns(self, id: AdministrationId, question: StatementQuestion) -> list[Column]:
        by_bookyear = question.interval is StatementInterval.BOOKYEAR
        bookyears = await self.bookyears(id) if by_bookyear else ()
        found = columns(question.from_, question.to, question.interval, question.compare_with, bookyears)
        if len(found) > MOST_COLUMNS:
            raise TooManyColumns(f"it would have {len(found)} columns, {MOST_COLUMNS} are allowed")
        return found

    async def monthly_results(self, id: AdministrationId, from_: date, to: date) -> Sequence[MonthlyResult]:
        spans = ((max(month, from_), last_day) for month, last_day in months(from_, to))
        books = await self._books(id, boundaries_of(spans), nets=True)
        return await asyncio.to_thread(lambda: list(monthly_results(books, from_, to)))


def _figures(layout: Layout, books: Books, shown: Sequence[Column], question: StatementQuestion) -> StatementFigures:
    return statement(layout, column_figures(layout.kind, books, shown), chosen(question.dimension))
