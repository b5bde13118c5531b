"""Save and delete reports of one's own: named lines, and rules that say which accounts go where."""

from dataclasses import dataclass
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.ports import Clock, NewId, Transactions
from monitr.application.problems import InvalidReport, ReportChanged, UnknownReport
from monitr.domain.accounting.statements.own_reports import MappingRule, Report, ReportId, ReportLine, flaw
from monitr.domain.audit import report_deleted, report_saved
from monitr.domain.roles import Forbidden, Permission, Principal


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """What an editor sends. ``id`` is None for a new report; else ``version`` is the one that was edited."""

    id: ReportId | None
    version: int | None
    name: str
    lines: tuple[ReportLine, ...]
    rules: tuple[MappingRule, ...]


@dataclass(frozen=True, slots=True)
class SaveReport:
    """Of two who have edited the same version the second gets the report as the first has left it, and keeps the own
    changes to make them there."""

    transactions: Transactions
    clock: Clock
    new_id: NewId
    requires: ClassVar[Permission] = Permission.MANAGE_REPORTS

    async def __call__(
        self, principal: Principal, draft: ReportDraft
    ) -> Result[Report, Forbidden | UnknownReport | ReportChanged | InvalidReport]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        if (found := flaw(draft.lines, draft.rules)) is not None:
            return Failure(InvalidReport(found.why, found.line_key, found.rules))
        async with self.transactions(principal.organisation) as work:
            before = None
            if draft.id is not None:
                before = await work.reports.find(principal.organisation, draft.id)
                if before is None:
                    return Failure(UnknownReport(draft.id))
                if before.version != draft.version:
                    return Failure(ReportChanged(before))
            report = self._made(principal, draft, before)
            await work.reports.save(report)
            await work.audit.append(report_saved(report, before))
            await work.commit()
        return Success(report)

    def _made(self, principal: Principal, draft: ReportDraft, before: Report | None) -> Report:
        return Report(
            before.id if before else ReportId(self.new_id()),
            principal.organisation,
            draft.name,
            before.version + 1 if before else 1,
            draft.lines,
            draft.rules,
            self.clock(),
            principal.subject,
        )


@dataclass(frozen=True, slots=True)
class DeleteReport:
    transactions: Transactions
    requires: ClassVar[Permission] = Permission.MANAGE_REPORTS

    async def __call__(self, principal: Principal, id: ReportId) -> Result[ReportId, Forbidden | UnknownReport]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        async with self.transactions(principal.organisation) as work:
            report = await work.reports.find(principal.organisation, id)
            if report is None:
                return Failure(UnknownReport(id))
            await work.reports.remove(principal.organisation, id)
            await work.audit.append(report_deleted(report, principal.subject))
            await work.commit()
        return Success(id)
