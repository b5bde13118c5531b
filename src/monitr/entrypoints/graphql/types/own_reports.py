"""Reports of one's own: the account mapping."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

import strawberry

from monitr.application.reading import own_reports as reading
from monitr.application.reading.reading import Reading
from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.statements import own_reports
from monitr.domain.accounting.statements.layout import NormalSide
from monitr.domain.accounting.statements.own_reports import ReportId
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.lookups import looks_up
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.execution.slices import Slices
from monitr.entrypoints.graphql.types.master_data import Account, DimensionValue, dimension_value_by
from monitr.entrypoints.graphql.types.node import Node


@strawberry.type
class ReportLine:
    """A named line of a report of one's own."""

    key: str
    """Names the line for rules and for `StatementLine.key`; unique in the report."""
    name: str
    """What people call it."""
    parent_key: str | None
    """The line that it is a part of; null: none."""
    side: NormalSide
    """In which its amounts are positive."""


@strawberry.type
class MappingRule:
    """Which accounts go into a line. Of several that fit the narrowest wins: account and dimension value, account, then
    the shorter range."""

    line_key: str
    """The `key` of the line that the accounts go into."""
    account_from: str
    """The first account number, included: `600000`."""
    account_to: str
    """The last account number, included."""
    dimension: str | None
    """`COST_CENTRE`: only what carries one of its values; null: whatever it carries."""
    dimension_code: str | None
    """Only what carries that value; null: any."""

    @classmethod
    def of(cls, rule: own_reports.MappingRule) -> Self:
        first, last = account_text(rule.account_from), account_text(rule.account_to)
        return shown(cls, rule, account_from=first, account_to=last)


@strawberry.type
class Report(Node):
    """A report of one's own, for all administrations of the organisation: named lines, and rules that say which
    accounts go where. The narrowest rule wins: account and dimension value, account, then the shorter range."""

    row: strawberry.Private[own_reports.Report]
    name: str
    """What people call it."""
    version: int
    """1 for the first; every change makes another."""
    changed_at: datetime
    """When this version was saved (UTC)."""
    changed_by: str
    """The `sub` of the token that saved it."""

    @strawberry.field
    def lines(self) -> list[ReportLine]:
        """In the order in which they were saved."""
        return [shown(ReportLine, line) for line in self.row.lines]

    @strawberry.field
    async def rules(self, info: Info) -> list[MappingRule]:
        """In the order in which they were saved."""
        return await Slices(info.context.turns).made(self.row.rules, MappingRule.of)

    @classmethod
    def of(cls, row: own_reports.Report) -> Self:
        return shown(cls, row, row=row)


_DIMENSION_VALUE = dimension_value_by("row.cost_centre")


@strawberry.type
class UnmappedPair:
    """An account, with a cost centre it is used with, that no rule of a report takes."""

    row: strawberry.Private[reading.UnmappedPair]
    administration_id: strawberry.Private[AdministrationId]
    account: Account
    """The account that no rule takes."""
    lines: int
    """How many ledger lines it has, year openings left out."""
    first_used_on: date
    """The effective date of the first of them."""
    last_used_on: date
    """The effective date of the last of them."""
    amount: Decimal
    """The sum of these lines, debit minus credit."""

    @strawberry.field
    @looks_up(_DIMENSION_VALUE)
    async def dimension_value(self, info: Info) -> DimensionValue | None:
        """Null: its lines without a cost centre."""
        return await _DIMENSION_VALUE.load(self, info)

    @classmethod
    def of(cls, administration: AdministrationId, row: reading.UnmappedPair) -> Self:
        return shown(cls, row, row=row, administration_id=administration, account=Account.of(row.account))


@strawberry.type
class OwnReportQueries:
    @strawberry.field
    async def reports(self, info: Info) -> list[Report]:
        """Reports of one's own, of the organisation, by name."""
        return [Report.of(row) for row in await info.context.reading.reports()]

    @strawberry.field
    async def report(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of one of `reports`.")]
    ) -> Report | None:
        """Null where there is none, or the id is malformed."""
        info.context.reading.expect(Reading.reports)
        rows = await info.context.reading.reports([ReportId(info.context.id(id))])
        return Report.of(rows[0]) if rows else None
