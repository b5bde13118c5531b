"""Reports of one's own, and what they leave out of the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from monitr.application.reading.master_data import NamedAccount
from monitr.domain.accounting.statements.own_reports import Report, ReportId
from monitr.domain.organisation import AdministrationId


class NoSuchReport(LookupError):
    """The organisation has no report with that id."""


@dataclass(frozen=True, slots=True)
class UnmappedPair:
    """An account with a cost centre (None: lines without one), and its regular lines: how many, on which effective
    dates first and last, and their sum, debit minus credit."""

    account: NamedAccount
    cost_centre: int | None
    lines: int
    first_used_on: date
    last_used_on: date
    amount: Decimal


class OwnReportReader(Protocol):
    """Of one organisation."""

    async def reports(self, ids: Sequence[ReportId] | None = None) -> Sequence[Report]:
        """Those that there are, all of them without ``ids``, by name."""
        ...

    async def unmapped(self, id: AdministrationId, report: ReportId) -> Sequence[UnmappedPair]:
        """What no rule of the report takes, the most recently used first. Raises NoSuchReport."""
        ...
