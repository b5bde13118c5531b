"""Trial balance and monthly balances."""

import datetime as dt
from datetime import date
from decimal import Decimal
from typing import Self

import strawberry

from monitr.application.reading import reports
from monitr.application.reading.master_data import NamedAccount
from monitr.domain.accounting.balances import EffectKind
from monitr.domain.accounting.money import ZERO
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.freshness import Freshness
from monitr.entrypoints.graphql.types.master_data import Account, DimensionValue
from monitr.entrypoints.graphql.types.scalars import month_text


@strawberry.type
class OpeningEffect:
    """A movement that no transaction shows: an opening that differs from the closing before it."""

    bookyear: int
    date: dt.date
    kind: EffectKind
    amount: Decimal


@strawberry.type
class TrialBalanceRow:
    """closing = opening + debit - credit."""

    account: Account
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal
    opening_effects: list[OpeningEffect]

    @classmethod
    def of(cls, row: reports.TrialBalanceRow) -> Self:
        account = NamedAccount(row.account, row.name, row.bookyears, first_seen_at=row.first_seen_at)
        effects = [shown(OpeningEffect, effect, date=effect.day) for effect in row.effects]
        return shown(cls, row, account=Account.of(account), opening_effects=effects)


@strawberry.type
class TrialBalanceTotals:
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal


@strawberry.type
class TrialBalance:
    rows: list[TrialBalanceRow]
    totals: TrialBalanceTotals
    result_brought_forward: Decimal | None
    result_transferred: Decimal | None
    complete_from: date | None
    administration_id: strawberry.Private[AdministrationId]

    @strawberry.field
    async def freshness(self, info: Info) -> Freshness:
        return await Freshness.load(info, self.administration_id)

    @classmethod
    def of(cls, administration: AdministrationId, balance: reports.TrialBalance) -> Self:
        rows = balance.rows
        totals = TrialBalanceTotals(
            opening=sum((row.opening for row in rows), ZERO),
            debit=sum((row.debit for row in rows), ZERO),
            credit=sum((row.credit for row in rows), ZERO),
            closing=sum((row.closing for row in rows), ZERO),
        )
        shown_rows = [TrialBalanceRow.of(row) for row in rows]
        return shown(cls, balance, rows=shown_rows, totals=totals, administration_id=administration)


@strawberry.type
class MonthlyBalance:
    """The movement of a month (YYYY-MM) and the balance at its end."""

    month: str
    account: Account
    movement: Decimal
    balance: Decimal
    administration_id: strawberry.Private[AdministrationId]
    cost_centre: strawberry.Private[int | None]

    @strawberry.field
    async def dimension_value(self, info: Info) -> DimensionValue | None:
        if self.cost_centre is None:
            return None
        return await DimensionValue.load(info, self.administration_id, self.cost_centre)

    @classmethod
    def of(cls, administration: AdministrationId, row: reports.MonthlyBalance) -> Self:
        month, account = month_text(row.month), Account.of(row.account)
        return shown(cls, row, month=month, account=account, administration_id=administration)
