"""Statements: balance sheet and profit and loss account, and the result month by month."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Self

import strawberry

from monitr.application.reading import statements
from monitr.application.reading.own_reports import NoSuchReport
from monitr.application.reading.reading import Reading
from monitr.application.reading.statements import MOST_COLUMNS, StatementQuestion, TooManyColumns
from monitr.domain import administration
from monitr.domain.accounting.statements.columns import Comparison, StatementInterval
from monitr.domain.accounting.statements.layout import StatementKind
from monitr.domain.accounting.statements.own_reports import ReportId
from monitr.domain.accounting.statements.rubrics import LegalForm, StatementModel
from monitr.domain.organisation import AdministrationId
from monitr.domain.words.sentence import Sentence, quoted
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.paging import books_span, given
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.execution.slices import Slices
from monitr.entrypoints.graphql.types import filters
from monitr.entrypoints.graphql.types.filters import FromDay, OfLegalForm, OfModel, ToDay
from monitr.entrypoints.graphql.types.freshness import Freshness
from monitr.entrypoints.graphql.types.master_data import Account
from monitr.entrypoints.graphql.types.own_reports import UnmappedPair
from monitr.entrypoints.graphql.types.scalars import month_text


@strawberry.type
class StatementColumn:
    """The days of one column of a statement."""

    label: str
    """`2026-03`, `2026-Q1`, the bookyear's description, or the two days."""
    from_: date = strawberry.field(name="from")
    """The first day, included."""
    to: date
    """The last day, included."""
    is_comparison: bool
    """Whether it is the comparison of the column before it."""


@strawberry.type
class StatementAccount:
    """An account on a line, or on none."""

    account: Account
    """Named as in the bookyear of the last day."""
    amounts: list[Decimal]
    """One for each column, with the sign of the line; of `Statement.unmapped` debit minus credit."""

    @classmethod
    def of(cls, row: statements.StatementAccount) -> Self:
        return shown(cls, row, account=Account.of(row.account))


@strawberry.type
class StatementLine:
    """A rubric of the model, a total, or a line of a report of one's own."""

    row: strawberry.Private[statements.StatementLine]
    key: str
    """The NBB's rubric (22/27, 9901), RESULT for the year's result not yet appropriated, or the key of the report's
    own line."""
    level: int
    """How far it is indented; 0 is outermost."""
    is_sum: bool
    """Whether it is the sum of other lines."""
    amounts: list[Decimal]
    """One for each column, in the sign that `Statement` explains."""

    @strawberry.field
    def name(self, info: Info) -> str:
        """In the reader's language (`Accept-Language`: nl, fr, en)."""
        return self.row.line.names.in_language(info.context.language, self.key)

    @strawberry.field
    def accounts(self) -> list[StatementAccount]:
        """What the line is made of, by number; empty for a sum."""
        return [StatementAccount.of(each) for each in self.row.accounts]

    @classmethod
    def of(cls, row: statements.StatementLine) -> Self:
        return shown(cls, row.line, row=row, amounts=row.amounts)


@strawberry.type
class Statement:
    """Balance sheet: balances at the end of each column. Profit and loss: movements of each column; the
    appropriation (69, 79) stands apart, below 9905. Amounts have the sign of their rubric: assets and charges debit
    minus credit, everything else credit minus debit; a result is positive where it is a profit."""

    row: strawberry.Private[statements.Statement]
    administration_id: strawberry.Private[AdministrationId]
    kind: StatementKind
    """Balance sheet or profit and loss account, as asked."""
    model: StatementModel | None
    """As asked; null with a report of one's own."""
    legal_form: LegalForm | None
    """As asked; null with a report of one's own."""
    report_id: strawberry.ID | None
    """Of the report of one's own; null for a model of the annual accounts."""
    is_balanced: bool
    """Nothing is unmapped, and in every column assets = liabilities, or 9905 = the ledger's result. With a dimension
    only that nothing is unmapped."""

    @strawberry.field
    def columns(self) -> list[StatementColumn]:
        """In the order of time, each comparison behind its column; a column without data is zero."""
        return [shown(StatementColumn, column) for column in self.row.columns]

    @strawberry.field
    def lines(self) -> list[StatementLine]:
        """All lines, in the order of the model."""
        return [StatementLine.of(line) for line in self.row.lines]

    @strawberry.field
    def unmapped(self) -> list[StatementAccount]:
        """Accounts with an amount that no line takes, debit minus credit; isBalanced is false then."""
        return [StatementAccount.of(each) for each in self.row.unmapped]

    @strawberry.field
    async def freshness(self, info: Info) -> Freshness:
        """How far the figures can be trusted; read in the same snapshot."""
        return await Freshness.load(info, self.administration_id)

    @classmethod
    def of(cls, administration: AdministrationId, question: StatementQuestion, row: statements.Statement) -> Self:
        return shown(
            cls,
            question,
            row=row,
            administration_id=administration,
            **({} if question.report is None else {"model": None, "legal_form": None}),
            report_id=question.report and strawberry.ID(str(question.report)),
            is_balanced=row.is_balanced,
        )


@strawberry.type
class MonthlyResult:
    """What makes classes 1 to 5 balance at the end of a month. Debit minus credit: a profit is negative."""

    month: str
    """The calendar month: `2026-03`."""
    result_of_year: Decimal
    """Classes 6 to 9 of the bookyear so far, without 69 and 79: a profit is negative."""
    brought_forward: Decimal
    """The result of earlier bookyears that the books had not moved to an account by then."""
    transferred: Decimal
    """69 and 79 of the bookyear so far."""
    is_balanced: bool
    """Classes 1 to 5 and these three are zero together at the month's end, or at `to` where that cuts the month."""


@strawberry.type
class StatementFields:
    """Of an administration."""

    row: strawberry.Private[administration.Administration]

    @strawberry.field
    async def statement(
        self,
        info: Info,
        kind: Annotated[StatementKind, strawberry.argument(description="Balance sheet or profit and loss account.")],
        from_: FromDay,
        to: ToDay,
        model: OfModel = StatementModel.FULL,
        legal_form: OfLegalForm = LegalForm.WITH_CAPITAL,
        report: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="A report of one's own, whose lines take the place of the model's."),
        ] = strawberry.UNSET,
        interval: Annotated[
            StatementInterval | None, strawberry.argument(description="How the days are cut into columns; null: TOTAL.")
        ] = StatementInterval.TOTAL,
        compare_with: Annotated[
            Comparison | None, strawberry.argument(description="What stands beside each column; null: NONE.")
        ] = Comparison.NONE,
        dimension: filters.DimensionFilter | None = strawberry.UNSET,
    ) -> Statement:
        """The balance sheet or the profit and loss account, after a model of the annual accounts (NBB) or a report of
        one's own. BAD_USER_INPUT for an unknown report and for more than 240 columns."""
        info.context.reading.expect(Reading.statement, self.row.id)
        wanted = given(report)
        question = StatementQuestion(
            kind,
            *books_span(from_, to),
            model=model or StatementModel.FULL,
            legal_form=legal_form or LegalForm.WITH_CAPITAL,
            interval=interval or StatementInterval.TOTAL,
            compare_with=compare_with or Comparison.NONE,
            dimension=filters.dimension_filter(dimension, "dimension"),
            report=None if wanted is None else ReportId(info.context.id(wanted)),
        )
        try:
            return Statement.of(self.row.id, question, await info.context.reading.statement(self.row.id, question))
        except TooManyColumns:
            raise BadUserInput("interval", Sentence.of("input.TOO_MANY_COLUMNS", most=MOST_COLUMNS)) from None
        except NoSuchReport:
            raise _no_report(wanted) from None

    @strawberry.field
    async def unmapped(
        self,
        info: Info,
        report: Annotated[strawberry.ID, strawberry.argument(description="The `id` of one of `Query.reports`.")],
    ) -> list[UnmappedPair]:
        """Accounts (with the cost centres they are used with) that no rule of the report takes, the most recently
        used first: their regular lines, of all classes and bookyears."""
        info.context.reading.expect(Reading.unmapped, self.row.id)
        try:
            rows = await info.context.reading.unmapped(self.row.id, ReportId(info.context.id(report)))
        except NoSuchReport:
            raise _no_report(report) from None
        return await Slices(info.context.turns).made(rows, partial(UnmappedPair.of, self.row.id))

    @strawberry.field
    async def monthly_results(self, info: Info, from_: FromDay, to: ToDay) -> list[MonthlyResult]:
        """Of each month of the span, oldest first: the result by which the balance sheet balances. 600 months at
        most."""
        info.context.reading.expect(Reading.monthly_results, self.row.id)
        rows = await info.context.reading.monthly_results(self.row.id, *filters.months_span(from_, to))
        return [shown(MonthlyResult, row, month=month_text(row.month)) for row in rows]


def _no_report(id: str | None) -> BadUserInput:
    return BadUserInput("report", Sentence.of("input.NO_REPORT", value=quoted(id or "")))
