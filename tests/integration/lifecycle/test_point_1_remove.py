"""Point 1: remove an administration, restore it, purge it."""

import asyncio
from datetime import timedelta

import pytest
from returns.result import Failure
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.application.list_dossiers import ListDossiers
from monitr.application.problems import UnknownAdministration
from monitr.domain.administration import AdministrationStatus
from monitr.domain.import_run import ImportMode, ImportStatus
from monitr.domain.timeline import Agent
from tests.integration.lifecycle.life import RETENTION, Life, a_life, until

LEDGER = "SELECT * FROM ledger_line WHERE administration_id = :id ORDER BY 2, 3, 4, 5, 6"


async def test_it_is_gone_from_every_answer_at_once(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)

        await life.removed(mine.id)

        assert await life.cards() == {integration: []}
        async with life.readers(life.world.organisation) as reader:
            assert await reader.administrations([mine.id]) == {}
        listed = await ListDossiers(life.world.transactions, life.world.octopus)(life.principal, integration)
        assert [each.administration for each in listed.unwrap() if each.dossier.number == mine.dossier] == [None]
        assert await life.remove_administration(life.principal, mine.id) == Failure(UnknownAdministration(mine.id))


async def test_a_run_that_is_under_way_stops_at_its_next_checkpoint(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        (mine,) = await life.selected(await life.connected(), 49001)
        life.octopus.faults.next("getReportModifiedBooking", kind="delay", seconds=0.5)
        claim = await life.world.claim(mine.id)
        importing = asyncio.create_task(life.world.importer()(claim))
        await until(lambda: life.octopus.calls.of("getReportModifiedBooking", 49001), importing)

        await life.removed(mine.id)
        await importing

        assert (await life.world.run(claim.run_id)).status is ImportStatus.CANCELLED
        read_ahead = 1
        assert len(life.octopus.calls.of("getReportModifiedBooking", 49001)) <= 1 + read_ahead


async def test_nothing_ever_imports_it_again(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        mine = await life.imported(await life.connected())
        await life.start_imports(life.principal, [mine.id], ImportMode.INCREMENTAL)

        await life.removed(mine.id)

        started = await life.start_imports(life.principal, [mine.id], ImportMode.INCREMENTAL)
        assert started == Failure(UnknownAdministration(mine.id))
        assert [status for _, _, status in await life.runs(mine.id)] == ["SUCCEEDED", "CANCELLED"]
        due = await life.world.rows(
            "SELECT 1 FROM import_run WHERE administration_id = :id AND status IN ('QUEUED', 'RUNNING', 'WAITING')",
            id=mine.id,
        )
        assert due == []


@pytest.mark.parametrize(
    ("days", "mode", "inserted"),
    [(29, "INCREMENTAL", 0), (30, "FULL", 0)],
    ids=["young watermark", "old watermark"],
)
async def test_selecting_the_dossier_again_restores_it_with_all_its_rows(
    engine: AsyncEngine, days: int, mode: str, inserted: int
) -> None:
    """The full import does not empty anything first: not one row is written again."""
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)
        before = await life.world.rows(LEDGER, id=mine.id)
        life.pass_by(timedelta(days=days) - timedelta(hours=1 if days == 29 else 0))
        await life.removed(mine.id)
        life.pass_by(timedelta(minutes=1))

        (restored,) = await life.selected(integration, 49001)

        assert (restored.id, restored.status) == (mine.id, AdministrationStatus.ACTIVE)
        assert await life.world.rows(LEDGER, id=mine.id) == before
        run = await life.world.work(mine.id)
        assert (run.status, run.mode) == (ImportStatus.SUCCEEDED, ImportMode(mode))
        assert await life.world.rows(LEDGER, id=mine.id) == before
        counts = [progress.counts for progress in run.datasets.values()]
        assert (sum(c.inserted for c in counts), sum(c.deleted for c in counts)) == (inserted, 0)


async def test_what_was_removed_is_purged_when_the_retention_is_over_and_not_before(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine, other = await life.imported(integration), await life.imported(integration, 49002)
        others = await life.rows_of(other.id)
        await life.removed(mine.id)

        life.pass_by(RETENTION - timedelta(minutes=1))
        assert await life.purge() == 0
        assert await life.rows_of(mine.id) != {}
        life.pass_by(timedelta(minutes=2))
        assert await life.purge() == 1

        # what is left: who did what, and messages that were sent, with ids and states only, until they are pruned
        assert await _everywhere(life, str(mine.id)) <= {"outbox", "webhook_event", "audit_entry"}
        assert await life.rows_of(other.id) == others


async def _everywhere(life: Life, needle: str) -> set[str]:
    """The tables with a row that holds the text."""
    found = set()
    async with life.world.engine.connect() as connection:
        names = await connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        for (name,) in names.all():
            query = text(f"SELECT EXISTS (SELECT FROM {name} t WHERE t::text LIKE '%' || :needle || '%')")
            if (await connection.execute(query, {"needle": needle})).scalar_one():
                found.add(str(name))
    return found


@pytest.mark.parametrize("removed_before", [False, True])
async def test_purge_erases_it_now_also_when_it_was_removed_before(engine: AsyncEngine, removed_before: bool) -> None:
    async with a_life(engine) as life:
        mine = await life.imported(await life.connected())
        if removed_before:
            await life.removed(mine.id)

        await life.removed(mine.id, purge=True)
        purged = await life.purge()

        assert purged == 1
        assert await life.rows_of(mine.id) == {}
        assert await life.world.rows("SELECT 1 FROM administration WHERE id = :id", id=mine.id) == []


async def test_after_the_purge_the_dossier_is_a_new_administration(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)
        await life.removed(mine.id, purge=True)
        await life.purge()

        again = await life.imported(integration)

        assert again.id != mine.id
        assert await life.runs(again.id) == [("FULL", "FIRST", "SUCCEEDED")]


async def test_removing_and_restoring_are_on_the_timeline_with_the_user(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)
        await life.removed(mine.id)
        await life.selected(integration, 49001)
        await life.removed(mine.id)
        await life.removed(mine.id, purge=True)

        timeline = await life.timeline(mine.id)

        assert [recorded.event.what.value for recorded in timeline] == [
            "SELECTED", "REMOVED", "RESTORED", "REMOVED", "PURGE_ADVANCED",
        ]  # fmt: skip
        causes = {(recorded.event.cause.agent, recorded.event.cause.user) for recorded in timeline}
        assert causes == {(Agent.USER, life.principal.subject)}
