"""Statements: balance sheet and profit and loss account, and the result month by month."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Self

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
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.paging import books_span, given
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.execution.slices import Slices
from monitr.entrypoints.graphql.types import filters
from monitr.entrypoints.graphql.types.filters import FromDay
from monitr.entrypoints.graphql.types.freshness import Freshness
from monitr.entrypoints.graphql.types.master_data import Account
from monitr.entrypoints.graphql.types.own_reports import UnmappedPair
from monitr.entrypoints.graphql.types.scalars import month_text


@strawberry.type
class StatementColumn:
    label: str
    from_: date = strawberry.field(name="from")
    to: date
    is_comparison: bool


@strawberry.type
class StatementAccount:
    account: Account
    amounts: list[Decimal]

    @classmethod
    def of(cls, row: statements.StatementAccount) -> Self:
        return shown(cls, row, account=Account.of(row.account))


@strawberry.type
class StatementLine:
    row: strawberry.Private[statements.StatementLine]
    key: str = strawberry.field(
        description="The NBB's rubric (22/27, 9901), RESULT for the year's result not yet appropriated, or the key of "
        "the report's own line."
    )
    level: int
    is_sum: bool
    amounts: list[Decimal] = strawberry.field(description="One for each column.")

    @described("In the reader's language.")
    def name(self, info: Info) -> str:
        return self.row.line.names.in_language(info.context.language, self.key)

    @described("What the line is made of, by number; empty for a sum.")
    def accounts(self) -> list[StatementAccount]:
        return [StatementAccount.of(each) for each in self.row.accounts]

    @classmethod
    def of(cls, row: statements.StatementLine) -> Self:
        return shown(cls, row.line, row=row, amounts=row.amounts)


@strawberry.type(
    description="Balance sheet: balances at the end of each column. Profit and loss: movements of each column; the "
    "appropriation (69, 79) stands apart, below 9905. Amounts have the sign of their rubric: assets and charges debit "
    "minus credit, everything else credit minus debit; a result is positive where it is a profit."
)
class Statement:
    row: strawberry.Private[statements.Statement]
    administration_id: strawberry.Private[AdministrationId]
    kind: StatementKind
    model: StatementModel | None
    legal_form: LegalForm | None
    report_id: strawberry.ID | None
    is_balanced: bool = strawberry.field(
        description="Nothing is unmapped, and in every column assets = liabilities, or 9905 = the ledger's result."
    )

    @strawberry.field
    def columns(self) -> list[StatementColumn]:
        return [shown(StatementColumn, column) for column in self.row.columns]

    @described("All lines, in the order of the model.")
    def lines(self) -> list[StatementLine]:
        return [StatementLine.of(line) for line in self.row.lines]

    @described("Accounts with an amount that no line takes, debit minus credit; isBalanced is false then.")
    def unmapped(self) -> list[StatementAccount]:
        return [StatementAccount.of(each) for each in self.row.unmapped]

    @strawberry.field
    async def freshness(self, info: Info) -> Freshness:
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
    month: str
    result_of_year: Decimal = strawberry.field(
        description="Classes 6 to 9 of the bookyear so far, without 69 and 79: a profit is negative."
    )
    brought_forward: Decimal
    transferred: Decimal = strawberry.field(description="69 and 79 of the bookyear so far.")
    is_balanced: bool = strawberry.field(
        description="Classes 1 to 5 and these three are zero together at the month's end."
    )


@strawberry.type
class StatementFields:
    """Of an administration."""

    row: strawberry.Private[administration.Administration]

    @strawberry.field
    async def statement(
        self,
        info: Info,
        kind: StatementKind,
        from_: FromDay,
        to: date,
        model: StatementModel | None = StatementModel.FULL,
        legal_form: LegalForm | None = LegalForm.WITH_CAPITAL,
        report: strawberry.ID | None = strawberry.UNSET,
        interval: StatementInterval | None = StatementInterval.TOTAL,
        compare_with: Comparison | None = Comparison.NONE,
        dimension: filters.DimensionFilter | None = strawberry.UNSET,
    ) -> Statement:
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

    @described(
        "Accounts (with the cost centres they are used with) that no rule of the report takes, the most recently used "
        "first: their regular lines, of all classes and bookyears."
    )
    async def unmapped(self, info: Info, report: strawberry.ID) -> list[UnmappedPair]:
        info.context.reading.expect(Reading.unmapped, self.row.id)
        try:
            rows = await info.context.reading.unmapped(self.row.id, ReportId(info.context.id(report)))
        except NoSuchReport:
            raise _no_report(report) from None
        return await Slices(info.context.turns).made(rows, partial(UnmappedPair.of, self.row.id))

    @strawberry.field
    async def monthly_results(self, info: Info, from_: FromDay, to: date) -> list[MonthlyResult]:
        info.context.reading.expect(Reading.monthly_results, self.row.id)
        rows = await info.context.reading.monthly_results(self.row.id, *filters.months_span(from_, to))
        return [shown(MonthlyResult, row, month=month_text(row.month)) for row in rows]


def _no_report(id: str | None) -> BadUserInput:
    return BadUserInput("report", Sentence.of("input.NO_REPORT", value=repr(id)))
