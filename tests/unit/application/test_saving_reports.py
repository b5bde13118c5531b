from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from returns.result import Failure, Success

from monitr.application.own_reports import DeleteReport, ReportDraft, SaveReport
from monitr.application.problems import InvalidReport, ReportChanged, UnknownReport
from monitr.domain.accounting.statements.own_reports import Report, ReportId
from monitr.domain.audit import AuditAction
from tests.unit.fakes import MINE, NOON, FakeTransactions, a_principal, a_report

NEW = UUID(int=7)
STORED = a_report(version=3, changed_by="bert")


def saving(world: FakeTransactions) -> SaveReport:
    return SaveReport(world, lambda: NOON, lambda: NEW)


def a_draft(of: Report = STORED, **changes: object) -> ReportDraft:
    return replace(ReportDraft(of.id, of.version, of.name, of.lines, of.rules), **changes)  # type: ignore[arg-type]  # of the test's own choice


async def test_a_new_report_has_version_1_and_says_who_made_it() -> None:
    world = FakeTransactions()
    outcome = await saving(world)(a_principal(), a_draft(id=None, version=None))
    made = Report(ReportId(NEW), MINE, "Margin", 1, STORED.lines, STORED.rules, NOON, "anna")
    assert (outcome, world.reports) == (Success(made), [made])
    (entry,) = world.audit()
    assert (entry.action, entry.subject, entry.subject_name) == (AuditAction.SETTINGS_CHANGED, NEW, "Margin")


async def test_a_changed_report_has_the_next_version() -> None:
    world = FakeTransactions(reports=[STORED])
    outcome = await saving(world)(a_principal(), a_draft(name="Marge"))
    changed = replace(STORED, name="Marge", version=4, changed_by="anna")
    assert (outcome, world.reports) == (Success(changed), [changed])
    assert "“Margin”" in str(world.audit()[0].detail)


@pytest.mark.parametrize("version", [None, 2, 4])
async def test_another_version_than_the_current_one_changes_nothing(version: int | None) -> None:
    world = FakeTransactions(reports=[STORED])
    outcome = await saving(world)(a_principal(), a_draft(version=version))
    assert outcome == Failure(ReportChanged(STORED))
    assert "bert" in outcome.failure().message
    assert (world.reports, world.audit()) == ([STORED], [])


async def test_lines_and_rules_with_a_flaw_are_refused_before_anything_is_read() -> None:
    world = FakeTransactions()
    outcome = await saving(world)(a_principal(), a_draft(lines=STORED.lines[:1]))
    problem = outcome.failure()
    assert isinstance(problem, InvalidReport)
    assert problem.message == "The rule for 600000 to 699999 COST_CENTRE 3 names the line “costs”, which is not there."
    assert (problem.line_key, problem.rules) == (None, STORED.rules[1:])
    assert (world.reports, world.lock_orders) == ([], [])


async def test_a_report_that_is_not_there_is_unknown() -> None:
    world, id = FakeTransactions(reports=[a_report(organisation_id=uuid4())]), world_id()
    assert await saving(world)(a_principal(), a_draft(id=id)) == Failure(UnknownReport(id))
    assert await DeleteReport(world)(a_principal(), id) == Failure(UnknownReport(id))


def world_id() -> ReportId:
    return ReportId(uuid4())


async def test_a_deleted_report_is_gone_and_in_the_trail() -> None:
    world = FakeTransactions(reports=[STORED])
    assert await DeleteReport(world)(a_principal(), STORED.id) == Success(STORED.id)
    assert world.reports == []
    assert [(entry.action, entry.subject) for entry in world.audit()] == [(AuditAction.SETTINGS_CHANGED, STORED.id)]
