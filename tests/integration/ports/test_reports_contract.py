"""What holds for the reports of one's own, whoever keeps them."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from returns.result import Failure, Success

from monitr.application.own_reports import DeleteReport, ReportDraft, SaveReport
from monitr.application.ports import Transactions
from monitr.application.problems import ReportChanged, UnknownReport
from monitr.domain.accounting.statements.own_reports import Report, ReportId
from monitr.domain.organisation import OrganisationId
from tests.integration.ports.conftest import World
from tests.unit.fakes import MINE, NOON, a_principal, a_report

THEIRS = OrganisationId(uuid4())


async def found(transactions: Transactions, id: ReportId, by: OrganisationId = MINE) -> Report | None:
    async with transactions(by) as work:
        return await work.reports.find(by, id)


async def kept(transactions: Transactions, report: Report) -> Report:
    async with transactions(report.organisation_id) as work:
        await work.reports.save(report)
        await work.commit()
    return report


def drafted(report: Report) -> ReportDraft:
    return ReportDraft(report.id, report.version, report.name, report.lines, report.rules)


def saving(world: World) -> SaveReport:
    return SaveReport(world.transactions, lambda: NOON, uuid4)


async def test_a_report_is_found_as_it_was_saved(world: World) -> None:
    report = await kept(world.transactions, a_report())
    assert await found(world.transactions, report.id) == report
    changed = await kept(world.transactions, replace(report, version=2, lines=report.lines[::-1], rules=()))
    assert await found(world.transactions, report.id) == changed


async def test_what_was_not_committed_is_not_there(world: World) -> None:
    report = a_report()
    async with world.transactions(MINE) as work:
        await work.reports.save(report)
    assert await found(world.transactions, report.id) is None


async def test_a_report_of_another_organisation_is_neither_found_nor_removed_nor_replaced(world: World) -> None:
    theirs = await kept(world.transactions, a_report(organisation_id=THEIRS))
    assert await found(world.transactions, theirs.id) is None
    async with world.transactions(MINE) as work:
        await work.reports.remove(MINE, theirs.id)
        await work.commit()
    with pytest.raises(Exception, match=r"row-level security|another organisation"):
        async with world.transactions(MINE) as work:
            await work.reports.save(theirs)
    assert await found(world.transactions, theirs.id, THEIRS) == theirs


async def test_of_two_editors_at_once_the_second_is_given_what_the_first_has_saved(world: World) -> None:
    report = await kept(world.transactions, a_report())
    drafts = [replace(drafted(report), name=name) for name in ("Anna's", "Bert's")]

    outcomes = await asyncio.gather(*(saving(world)(a_principal(), draft) for draft in drafts))

    (saved,) = (outcome.unwrap() for outcome in outcomes if isinstance(outcome, Success))
    assert outcomes.count(Failure(ReportChanged(saved))) == 1
    assert await found(world.transactions, report.id) == saved
    assert saved.version == 2


async def test_whoever_edits_what_is_being_deleted_is_told(world: World) -> None:
    report = await kept(world.transactions, a_report())
    delete = DeleteReport(world.transactions)

    deleted, saved, again = await asyncio.gather(
        delete(a_principal(), report.id),
        saving(world)(a_principal(), drafted(report)),
        delete(a_principal(), report.id),
    )

    assert {deleted, again} == {Success(report.id), Failure(UnknownReport(report.id))}
    assert saved == Failure(UnknownReport(report.id)) or isinstance(saved, Success)
    assert await found(world.transactions, report.id) is None
