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
from monitr.entrypoints.graphql.execution.lookups import looks_up
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.freshness import Freshness
from monitr.entrypoints.graphql.types.master_data import Account, DimensionValue, dimension_value_by
from monitr.entrypoints.graphql.types.scalars import month_text


@strawberry.type
class OpeningEffect:
    """A movement that no transaction shows: an opening that differs from the closing before it. It is part of the row's
    debit or credit."""

    bookyear: int
    """The one that was opened, by its `number`."""
    date: dt.date
    """That bookyear's first day."""
    kind: EffectKind
    """Why the opening differs."""
    amount: Decimal
    """The difference, debit minus credit."""


@strawberry.type
class TrialBalanceRow:
    """An account with anything to show: closing = opening + debit - credit."""

    account: Account
    """Named as in the bookyear of `to`."""
    opening: Decimal
    """Debit minus credit. Classes 0 to 5: everything before `from`, and the bookyear's opening entries where `from` is
    its first day. Classes 6 to 9: the bookyear of `from` so far."""
    debit: Decimal
    """What was debited in the span."""
    credit: Decimal
    """What was credited in the span; positive."""
    closing: Decimal
    """Debit minus credit, at `to`."""
    opening_effects: list[OpeningEffect]
    """Those inside `debit` and `credit`, oldest first. One on `from` itself is part of `opening`, and not listed."""

    @classmethod
    def of(cls, row: reports.TrialBalanceRow) -> Self:
        account = NamedAccount(row.account, row.name, row.bookyears, first_seen_at=row.first_seen_at)
        effects = [shown(OpeningEffect, effect, date=effect.day) for effect in row.effects]
        return shown(cls, row, account=Account.of(account), opening_effects=effects)


@strawberry.type
class TrialBalanceTotals:
    """The sums over the rows of a trial balance."""

    opening: Decimal
    """Zero with `resultBroughtForward`, where `from` starts a bookyear."""
    debit: Decimal
    """What was debited in the span."""
    credit: Decimal
    """What was credited in the span; positive."""
    closing: Decimal
    """Zero with `resultBroughtForward` less `resultTransferred`, where `from` starts a bookyear."""


@strawberry.type
class TrialBalance:
    """One row for each account with anything to show. Year openings are never counted twice, however many bookyears lie
    in between."""

    rows: list[TrialBalanceRow]
    """One row for each account with anything to show, by account number."""
    totals: TrialBalanceTotals
    """The sums over all rows."""
    result_brought_forward: Decimal | None
    """What classes 6 to 9 of earlier bookyears left, and the books had not moved to an account by `from`. Debit minus
    credit: a profit is negative. Null with a dimension filter."""
    result_transferred: Decimal | None
    """The part of the movements that openings inside the span moved. Null with a dimension filter."""
    complete_from: date | None
    """The first day of the oldest bookyear that is read completely: figures that need an older one are not there yet.
    Null: none is."""
    administration_id: strawberry.Private[AdministrationId]

    @strawberry.field
    async def freshness(self, info: Info) -> Freshness:
        """How far the figures can be trusted; read in the same snapshot."""
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


_DIMENSION_VALUE = dimension_value_by("cost_centre")


@strawberry.type
class MonthlyBalance:
    """The movement of an account in a month, and its balance at the end. Debit minus credit."""

    month: str
    """The calendar month: `2026-03`."""
    account: Account
    """The account that the amounts are of."""
    movement: Decimal
    """What was booked in the month, debit minus credit."""
    balance: Decimal
    """At the end of the month, or at `to` where that cuts it; debit minus credit."""
    administration_id: strawberry.Private[AdministrationId]
    cost_centre: strawberry.Private[int | None]

    @strawberry.field
    @looks_up(_DIMENSION_VALUE)
    async def dimension_value(self, info: Info) -> DimensionValue | None:
        """With `byDimension`; null without it, and for what carries none."""
        return await _DIMENSION_VALUE.load(self, info)

    @classmethod
    def of(cls, administration: AdministrationId, row: reports.MonthlyBalance) -> Self:
        month, account = month_text(row.month), Account.of(row.account)
        return shown(cls, row, month=month, account=account, administration_id=administration)
