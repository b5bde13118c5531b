import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from monitr.application.reading.progress import ChangedRun, Progress
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import ImportRun, ImportRunId, ImportStatus
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Role
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.progress_hub import ProgressHub
from tests.components.graphql.an_api import FRONTEND, an_api
from tests.components.graphql.fake_reader import FakeProgress
from tests.unit.fakes import MINE, NOON, FakeTransactions, a_run, an_administration

SUBSCRIPTION = "subscription ($id: ID!) { importProgress(administrationId: $id) { status progress } }"
BOOKS = an_administration()


def a_world(run: ImportRun | None = None) -> FakeTransactions:
    return FakeTransactions((), (), [BOOKS], [run] if run else [])


def advance(world: FakeTransactions, run: ImportRun) -> None:
    world.committed.runs[run.id] = run


async def collect(world: FakeTransactions, *roles: Role, id: str = str(BOOKS.id), **settings: Any) -> list[Any]:
    api = an_api(world, *roles, **settings)
    return [event async for event in api.events(SUBSCRIPTION, {"id": id})]


async def test_the_present_state_comes_at_once_then_each_change_up_to_the_end_of_the_run() -> None:
    run = a_run(BOOKS).begin(NOON)
    world = a_world(run)
    seen = []
    api = an_api(world)

    async for event in api.events(SUBSCRIPTION, {"id": str(BOOKS.id)}):
        shown = event["data"]["importProgress"]
        seen.append((shown["status"], shown["progress"]))
        step = {
            1: run.advanced(0.5),
            2: run.advanced(0.5).fail(NOON, Explanation(ExplanationCode.INTERNAL, Sentence.verbatim("x"))),
        }.get(len(seen))
        if step:
            advance(world, step)

    assert seen == [("RUNNING", 0.0), ("RUNNING", 0.5), ("FAILED", 0.5)]
    assert api.readers.open == 0


async def test_a_run_that_has_ended_is_told_once() -> None:
    ended = a_run(BOOKS, status=ImportStatus.CANCELLED)
    assert [event["data"]["importProgress"]["status"] for event in await collect(a_world(ended))] == ["CANCELLED"]


async def test_without_any_run_it_ends_at_once() -> None:
    assert await collect(a_world()) == []


async def test_an_unknown_or_foreign_administration_looks_like_one_without_runs() -> None:
    world = a_world(a_run(BOOKS))
    assert await collect(world, id=str(uuid4())) == []
    assert await collect(world, id="nonsense") == []
    assert await collect(world, organisation=OrganisationId(uuid4())) == []
    hidden = frozenset({AdministrationId(uuid4())})
    assert await collect(world, Role.REPORTS, narrowed_to=hidden) == []


async def test_who_may_not_see_imports_may_not_follow_them() -> None:
    (event,) = await collect(a_world(a_run(BOOKS)), Role.RECEIVABLES_ONLY)
    assert [error["extensions"]["code"] for error in event["errors"]] == ["FORBIDDEN"]


async def test_the_operation_of_the_front_end_can_be_followed_as_it_stands() -> None:
    api = an_api(a_world(a_run(BOOKS, status=ImportStatus.SUCCEEDED)))
    stream = await api.schema.stream(
        FRONTEND, {"administrationId": str(BOOKS.id)}, api.connection, operation_name="ImportProgress"
    )
    events = [event async for event in stream]
    assert [event.errors for event in events] == [None]


async def test_many_subscribers_cost_no_more_polls_than_one() -> None:
    run = a_run(BOOKS).begin(NOON)
    world = a_world(run)
    progress = FakeProgress(world)
    hub = ProgressHub(progress, timedelta(milliseconds=20))

    async def follow() -> list[ImportRun]:
        return [run async for run in hub.follow(MINE, BOOKS.id)]

    followers = [asyncio.create_task(follow()) for _ in range(50)]
    await asyncio.sleep(0.25)
    advance(world, run.cancelled(NOON))
    results = await asyncio.gather(*followers)

    assert {tuple(run.status for run in seen) for seen in results} == {(ImportStatus.RUNNING, ImportStatus.CANCELLED)}
    assert progress.polls <= 20  # the present state is asked for once too
    assert hub.watched == 0


async def test_the_end_of_a_run_is_told_though_another_one_has_begun() -> None:
    run = a_run(BOOKS).begin(NOON)
    world = a_world(run)
    hub = ProgressHub(FakeProgress(world), timedelta(milliseconds=20))
    seen = []
    async for state in hub.follow(MINE, BOOKS.id):
        seen.append((state.id, state.status))
        advance(world, run.cancelled(NOON))
        advance(world, a_run(BOOKS, queued_at=NOON + timedelta(hours=1)))

    assert seen == [(run.id, ImportStatus.RUNNING), (run.id, ImportStatus.CANCELLED)]


class Bell:
    """Tells of what is put into it; breaks where it is told to."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[ChangedRun | Exception | None] = asyncio.Queue()
        self.listeners = 0

    async def listen(self) -> AsyncGenerator[ChangedRun | None, None]:
        self.listeners += 1
        yield None
        while True:
            news = await self.told.get()
            if isinstance(news, Exception):
                raise news
            yield news


async def test_who_is_told_of_changes_looks_only_then() -> None:
    run, bell = a_run(BOOKS).begin(NOON), Bell()
    world = a_world(run)
    progress = FakeProgress(world)
    hub = ProgressHub(progress, timedelta(milliseconds=50), changes=bell)
    seen = []

    async def follow() -> None:
        seen.extend([state.status async for state in hub.follow(MINE, BOOKS.id)])

    follower = asyncio.create_task(follow())
    await asyncio.sleep(0.2)
    quiet = progress.polls
    await asyncio.sleep(0.2)
    advance(world, run.cancelled(NOON))
    bell.told.put_nowait(ChangedRun(MINE, ImportRunId(uuid4())))  # somebody else's
    await asyncio.sleep(0.05)
    assert progress.polls == quiet
    bell.told.put_nowait(ChangedRun(MINE, run.id))
    await asyncio.wait_for(follower, 1)
    await hub.close()

    assert seen == [ImportStatus.RUNNING, ImportStatus.CANCELLED]
    assert progress.polls == quiet + 1


async def test_where_nobody_tells_of_changes_any_more_it_looks_by_itself() -> None:
    run, bell = a_run(BOOKS).begin(NOON), Bell()
    world = a_world(run)
    hub = ProgressHub(FakeProgress(world), timedelta(milliseconds=20), changes=bell)
    seen = []
    bell.told.put_nowait(ConnectionError("the server closed the connection"))
    async for state in hub.follow(MINE, BOOKS.id):
        seen.append(state.status)
        await asyncio.sleep(0.1)
        advance(world, run.cancelled(NOON))
    await hub.close()

    assert seen == [ImportStatus.RUNNING, ImportStatus.CANCELLED]


async def test_who_leaves_early_leaves_nothing_behind() -> None:
    hub = ProgressHub(FakeProgress(a_world(a_run(BOOKS))), timedelta(milliseconds=5))
    async with aclosing(hub.follow(MINE, BOOKS.id)) as runs:
        await anext(runs)
        waiting = asyncio.create_task(anext(runs))
        await asyncio.sleep(0.02)
        assert hub.watched == 1
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert hub.watched == 0


async def test_a_database_that_is_away_for_a_moment_ends_no_subscription() -> None:
    class Flickering:
        def __init__(self, inner: Progress) -> None:
            self.inner = inner
            self.asked = 0

        async def latest(self, organisation: OrganisationId, id: AdministrationId) -> ImportRun | None:
            return await self.inner.latest(organisation, id)

        async def run(self, organisation: OrganisationId, id: ImportRunId) -> ImportRun | None:
            self.asked += 1
            if self.asked in (1, 2):
                raise ConnectionError("the server closed the connection")
            return await self.inner.run(organisation, id)

        async def under_way(self, organisation: OrganisationId, also: Collection[ImportRunId]) -> Sequence[ImportRun]:
            return await self.inner.under_way(organisation, also)

    run = a_run(BOOKS).begin(NOON)
    world = a_world(run)
    hub = ProgressHub(Flickering(FakeProgress(world)), timedelta(milliseconds=5))
    seen = []
    async for state in hub.follow(MINE, BOOKS.id):
        seen.append(state.status)
        advance(world, replace(run, status=ImportStatus.SUCCEEDED))
    assert seen == [ImportStatus.RUNNING, ImportStatus.SUCCEEDED]


async def test_closing_the_hub_ends_what_follows_it() -> None:
    hub = ProgressHub(FakeProgress(a_world(a_run(BOOKS))), timedelta(seconds=60))

    async def follow() -> int:
        return len([run async for run in hub.follow(MINE, BOOKS.id)])

    follower = asyncio.create_task(follow())
    await asyncio.sleep(0.01)
    await hub.close()
    assert await asyncio.wait_for(follower, 1) == 1


async def test_who_reads_slowly_is_kept_nothing_for_and_sees_the_present_state() -> None:
    run = a_run(BOOKS).begin(NOON)
    world = a_world(run)
    hub = ProgressHub(FakeProgress(world), timedelta(milliseconds=5))
    async with aclosing(hub.follow(MINE, BOOKS.id)) as slow, aclosing(hub.follow(MINE, BOOKS.id)) as quick:
        await anext(quick)
        await anext(slow)
        for progress in (0.1, 0.2, 0.3, 0.4):
            advance(world, run.advanced(progress))
            assert (await anext(quick)).progress == progress
        assert (await anext(slow)).progress == 0.4
