"""Statements: balance sheet and profit and loss account, and the result month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from monitr.application.reading.ledger import DimensionFilter
from monitr.application.reading.master_data import NamedAccount
from monitr.domain.accounting.statements.columns import Column, Comparison, StatementInterval
from monitr.domain.accounting.statements.layout import Line, StatementKind
from monitr.domain.accounting.statements.monthly_results import MonthlyResult
from monitr.domain.accounting.statements.own_reports import ReportId
from monitr.domain.accounting.statements.rubrics import LegalForm, StatementModel
from monitr.domain.organisation import AdministrationId

MOST_COLUMNS = 240
"""Ten years of months beside those of the years before."""


class TooManyColumns(ValueError):
    """The statement would have more than ``MOST_COLUMNS``."""


@dataclass(frozen=True, slots=True)
class StatementQuestion:
    """From ``from_`` to ``to``, both inclusive. With a ``report`` its lines are shown, whatever the model."""

    kind: StatementKind
    from_: date
    to: date
    model: StatementModel = StatementModel.FULL
    legal_form: LegalForm = LegalForm.WITH_CAPITAL
    interval: StatementInterval = StatementInterval.TOTAL
    compare_with: Comparison = Comparison.NONE
    dimension: DimensionFilter | None = None
    report: ReportId | None = None


@dataclass(frozen=True, slots=True)
class StatementAccount:
    """An amount for each column; the account is named as in the bookyear of the question's last day."""

    account: NamedAccount
    amounts: Sequence[Decimal]


@dataclass(frozen=True, slots=True)
class StatementLine:
    line: Line
    amounts: Sequence[Decimal]
    accounts: Sequence[StatementAccount]


@dataclass(frozen=True, slots=True)
class Statement:
    """The rules are those of ``tests/contract/rules.md`` and ``docs/accounting.md``."""

    columns: Sequence[Column]
    lines: Sequence[StatementLine]
    unmapped: Sequence[StatementAccount]
    is_balanced: bool


class StatementReader(Protocol):
    """Of the administrations of one organisation."""

    async def statement(self, id: AdministrationId, question: StatementQuestion) -> Statement:
        """Raises TooManyColumns and NoSuchReport."""
        ...

    async def monthly_results(self, id: AdministrationId, from_: date, to: date) -> Sequence[MonthlyResult]: ...
