"""Reports of one's own: the account mapping."""

from datetime import date, datetime
from decimal import Decimal
from typing import Self

import strawberry

from monitr.application.reading import own_reports as reading
from monitr.application.reading.reading import Reading
from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.statements import own_reports
from monitr.domain.accounting.statements.layout import NormalSide
from monitr.domain.accounting.statements.own_reports import ReportId
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.execution.slices import Slices
from monitr.entrypoints.graphql.types.master_data import Account, DimensionValue


@strawberry.type
class ReportLine:
    key: str
    name: str
    parent_key: str | None
    side: NormalSide


@strawberry.type
class MappingRule:
    """Accounts from accountFrom to accountTo, both included; with a dimension what carries one of its values, with a
    dimensionCode that one."""

    line_key: str
    account_from: str
    account_to: str
    dimension: str | None
    dimension_code: str | None

    @classmethod
    def of(cls, rule: own_reports.MappingRule) -> Self:
        first, last = account_text(rule.account_from), account_text(rule.account_to)
        return shown(cls, rule, account_from=first, account_to=last)


@strawberry.type
class Report:
    """Named lines, and rules that say which accounts go where. The narrowest rule wins: account and dimension value,
    account, then the shorter range."""

    row: strawberry.Private[own_reports.Report]
    id: strawberry.ID
    name: str
    version: int
    changed_at: datetime
    changed_by: str

    @strawberry.field
    def lines(self) -> list[ReportLine]:
        return [shown(ReportLine, line) for line in self.row.lines]

    @strawberry.field
    async def rules(self, info: Info) -> list[MappingRule]:
        return await Slices(info.context.turns).made(self.row.rules, MappingRule.of)

    @classmethod
    def of(cls, row: own_reports.Report) -> Self:
        return shown(cls, row, row=row)


@strawberry.type
class UnmappedPair:
    row: strawberry.Private[reading.UnmappedPair]
    administration_id: strawberry.Private[AdministrationId]
    account: Account
    lines: int
    first_used_on: date
    last_used_on: date
    amount: Decimal
    """Debit minus credit."""

    @strawberry.field
    async def dimension_value(self, info: Info) -> DimensionValue | None:
        """null: lines without a cost centre."""
        number = self.row.cost_centre
        return None if number is None else await DimensionValue.load(info, self.administration_id, number)

    @classmethod
    def of(cls, administration: AdministrationId, row: reading.UnmappedPair) -> Self:
        return shown(cls, row, row=row, administration_id=administration, account=Account.of(row.account))


@strawberry.type
class OwnReportQueries:
    @strawberry.field
    async def reports(self, info: Info) -> list[Report]:
        """Of the organisation, by name."""
        return [Report.of(row) for row in await info.context.reading.reports()]

    @strawberry.field
    async def report(self, info: Info, id: strawberry.ID) -> Report | None:
        info.context.reading.expect(Reading.reports)
        rows = await info.context.reading.reports([ReportId(info.context.id(id))])
        return Report.of(rows[0]) if rows else None
