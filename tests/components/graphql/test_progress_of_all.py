"""importsProgress: all runs that somebody may see, over one subscription."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from monitr.application.reading.progress import ChangedRun
from monitr.domain.import_run import ImportRun, ImportRunId, ImportStatus
from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Role
from monitr.entrypoints.graphql.execution.progress_hub import ProgressHub
from tests.components.graphql.an_api import added, an_api
from tests.components.graphql.fake_reader import FakeProgress
from tests.components.graphql.test_progress import Bell, advance
from tests.unit.fakes import MINE, NOON, FakeTransactions, a_run, an_administration

SUBSCRIPTION = added("ImportsProgress")
ONE, OTHER = (an_administration(name=name) for name in ("One", "Other"))
QUICKLY = timedelta(milliseconds=10)
PATIENTLY = timedelta(seconds=60)


def a_world(*runs: ImportRun) -> FakeTransactions:
    return FakeTransactions((), (), [ONE, OTHER], runs)


async def next_of(events: AsyncIterator[Any]) -> Any:
    return await asyncio.wait_for(anext(events), 5)


def events_of(world: FakeTransactions, *roles: Role, **settings: Any) -> Any:
    return an_api(world, *roles, **settings).events(SUBSCRIPTION)


async def shown(events: Any) -> tuple[str, str, float]:
    event = await next_of(events)
    assert event["errors"] == []
    run = event["data"]["importsProgress"]
    return run["administration"]["name"], run["status"], run["progress"]


async def test_it_begins_with_the_runs_under_way_and_goes_on_with_every_change_and_every_new_run() -> None:
    first, ended = a_run(ONE).begin(NOON), a_run(OTHER, status=ImportStatus.SUCCEEDED)
    world = a_world(first, ended)
    events = events_of(world)

    assert await shown(events) == ("One", "RUNNING", 0.0)
    advance(world, first.advanced(0.5))
    assert await shown(events) == ("One", "RUNNING", 0.5)
    advance(world, second := a_run(OTHER, queued_at=NOON + timedelta(hours=1)))
    assert await shown(events) == ("Other", "QUEUED", 0.0)
    advance(world, first.advanced(0.5).cancelled(NOON))
    assert await shown(events) == ("One", "CANCELLED", 0.5)
    advance(world, second.cancelled(NOON))
    assert await shown(events) == ("Other", "CANCELLED", 0.0)
    await events.aclose()


@pytest.mark.parametrize("role", [Role.ENTITY_ADMIN, Role.REPORTS_WITH_TRANSACTIONS, Role.REPORTS])
async def test_a_token_narrows_it(role: Role) -> None:
    events = events_of(a_world(a_run(ONE), a_run(OTHER)), role, narrowed_to=frozenset({OTHER.id}))
    assert (await shown(events))[0] == "Other"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(events), 0.05)


async def test_who_may_not_see_imports_may_not_follow_them() -> None:
    (event,) = [event async for event in events_of(a_world(a_run(ONE)), Role.RECEIVABLES_ONLY)]
    assert [error["extensions"]["code"] for error in event["errors"]] == ["FORBIDDEN"]


async def test_another_organisation_sees_nothing_of_it() -> None:
    events = events_of(a_world(a_run(ONE)), organisation=OrganisationId(uuid4()))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(events), 0.05)


async def test_many_who_follow_cost_no_more_looks_than_one_and_leave_nothing_behind() -> None:
    run = a_run(ONE).begin(NOON)
    world = a_world(run)
    progress = FakeProgress(world)
    hub = ProgressHub(progress, timedelta(milliseconds=20))

    async def follow() -> list[ImportStatus]:
        async with aclosing(hub.follow_all(MINE)) as runs:
            return [(await next_of(runs)).status for _ in range(2)]

    followers = [asyncio.create_task(follow()) for _ in range(50)]
    await asyncio.sleep(0.1)
    advance(world, run.cancelled(NOON))
    results = await asyncio.gather(*followers)

    assert {tuple(seen) for seen in results} == {(ImportStatus.RUNNING, ImportStatus.CANCELLED)}
    assert progress.polls <= 20
    assert hub.watched == 0


async def test_who_joins_later_begins_with_what_is_under_way_then() -> None:
    hub = ProgressHub(FakeProgress(a_world(a_run(ONE))), PATIENTLY)
    async with aclosing(hub.follow_all(MINE)) as first, aclosing(hub.follow_all(MINE)) as second:
        run = await next_of(first)
        assert await next_of(second) == run
    await hub.close()


async def test_the_news_of_a_run_makes_its_own_organisation_look_and_no_other() -> None:
    world, bell = a_world(run := a_run(ONE)), Bell()
    progress = FakeProgress(world)
    hub = ProgressHub(progress, PATIENTLY, changes=bell)
    async with aclosing(hub.follow_all(MINE)) as runs:
        await next_of(runs)
        await asyncio.sleep(0.3)
        quiet = progress.polls
        bell.told.put_nowait(ChangedRun(OrganisationId(uuid4()), ImportRunId(uuid4())))
        await asyncio.sleep(0.05)
        assert progress.polls == quiet
        advance(world, run.cancelled(NOON))
        bell.told.put_nowait(ChangedRun(MINE, run.id))
        assert (await next_of(runs)).status is ImportStatus.CANCELLED
    await hub.close()


async def test_a_run_that_began_and_ended_between_two_looks_is_told_once() -> None:
    world, bell = a_world(), Bell()
    hub = ProgressHub(FakeProgress(world), PATIENTLY, changes=bell)
    async with aclosing(hub.follow_all(MINE)) as runs:
        waiting = asyncio.ensure_future(anext(runs))
        await asyncio.sleep(0.05)
        advance(world, run := a_run(ONE).cancelled(NOON))
        for _ in range(3):
            bell.told.put_nowait(ChangedRun(MINE, run.id))
        assert await asyncio.wait_for(waiting, 5) == run
        bell.told.put_nowait(ChangedRun(MINE, run.id))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(runs), 0.3)
    await hub.close()


async def test_a_removed_administration_is_not_spoken_of() -> None:
    run = a_run(ONE)
    world = a_world(run, a_run(OTHER, queued_at=NOON + timedelta(hours=1)))
    world.committed.administrations[ONE.id] = ONE.delete(NOON, timedelta(days=30))
    events = events_of(world)
    assert (await shown(events))[0] == "Other"
    await events.aclose()


async def test_a_database_that_is_away_for_a_moment_ends_nothing() -> None:
    class Flickering(FakeProgress):
        async def under_way(self, organisation: OrganisationId, also: Collection[ImportRunId]) -> Sequence[ImportRun]:
            if self.polls < 2:
                self.polls += 1
                raise ConnectionError("the server closed the connection")
            return await super().under_way(organisation, also)

    hub = ProgressHub(Flickering(a_world(run := a_run(ONE))), QUICKLY)
    async with aclosing(hub.follow_all(MINE)) as runs:
        assert await next_of(runs) == run
    await hub.close()


async def test_closing_the_hub_ends_what_follows_it() -> None:
    hub = ProgressHub(FakeProgress(a_world(a_run(ONE))), PATIENTLY)

    async def follow() -> int:
        return len([run async for run in hub.follow_all(MINE)])

    follower = asyncio.create_task(follow())
    await asyncio.sleep(0.05)
    await hub.close()
    assert await asyncio.wait_for(follower, 1) == 1
    assert hub.watched == 0


async def test_who_reads_slowly_sees_the_present_state_of_each_run() -> None:
    run = a_run(ONE).begin(NOON)
    world = a_world(run)
    hub = ProgressHub(FakeProgress(world), timedelta(milliseconds=5))
    async with aclosing(hub.follow_all(MINE)) as slow, aclosing(hub.follow_all(MINE)) as quick:
        waiting = asyncio.ensure_future(anext(slow))
        await next_of(quick)
        await waiting
        for progress in (0.1, 0.2, 0.3):
            advance(world, run.advanced(progress))
            assert (await next_of(quick)).progress == progress
        assert (await next_of(slow)).progress == 0.3
    await hub.close()
