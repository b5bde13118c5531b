"""The work on runs, observed: what is counted, and that observing changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from uuid import uuid4

import pytest
import structlog
from prometheus_client import CollectorRegistry

from monitr.adapters.observability.imports import ObservedImports
from monitr.adapters.observability.metrics import work_metrics
from monitr.adapters.observability.traces import Tracing
from monitr.application.importing.ports import LeaseLost
from monitr.application.ports import Claim
from monitr.domain.accounting.verification import Check, CheckCode, Verification, VerificationStatus
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus, ImportRun, ImportRunId
from monitr.domain.words.sentence import Sentence
from tests.unit.fakes import MINE, NOON, FakeClaim, FakeTransactions, a_run, an_administration
from tests.unit.importing.fake_claim import FakeDatabase
from tests.unit.importing.fake_import_store import open_import_store

PASSED = Verification((Check(CheckCode.BOOKINGS_BALANCE, VerificationStatus.PASSED),))


@dataclass(frozen=True)
class Queued:
    run: ImportRun
    origin: Mapping[str, str] = field(default_factory=dict)


class World:
    """One run, the metrics of one process, and whatever works on the run."""

    def __init__(self, run: ImportRun | None = None, origin: Mapping[str, str] | None = None) -> None:
        self.run = run or a_run(an_administration())
        self.origin = origin or {}
        self.registry = CollectorRegistry()
        self.claim = FakeClaim(self.run.id, MINE, fence=1, attempt=1)
        self.imports = ObservedImports(self.look, work_metrics(self.registry), Tracing())

    async def look(self, id: ImportRunId) -> Queued | None:
        return Queued(self.run, self.origin)

    async def work(self, work_on: Callable[[Claim], Awaitable[None]]) -> None:
        await self.imports.work(work_on)(self.claim)

    def counted(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0


def read(run: ImportRun, **counts: int) -> ImportRun:
    return run.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, Counts(**counts))


async def test_a_run_that_has_succeeded_is_counted_with_its_duration_its_rows_and_its_checks() -> None:
    world = World()

    async def succeeds(claim: Claim) -> None:
        run = read(world.run.begin(NOON), fetched=1200, inserted=1200)
        world.run = run.succeed(NOON.replace(hour=13), PASSED)

    await world.work(succeeds)

    mode, trigger = world.run.mode.value, world.run.trigger.value
    assert world.counted("monitr_import_runs_total", status="SUCCEEDED", mode=mode, trigger=trigger) == 1
    assert world.counted("monitr_import_run_seconds_sum", status="SUCCEEDED", mode=mode) == 3600
    assert world.counted("monitr_import_rows_total", dataset="GENERAL_LEDGER", outcome="inserted") == 1200
    assert world.counted("monitr_import_lines_per_second_count", mode=mode) == 1
    assert world.counted("monitr_import_verifications_total", status="PASSED") == 1
    assert world.counted("monitr_import_checks_total", check="BOOKINGS_BALANCE", status="PASSED") == 1


async def test_a_run_that_fails_is_counted_by_its_reason() -> None:
    world = World()

    async def fails(claim: Claim) -> None:
        world.run = world.run.begin(NOON).fail(
            NOON, Explanation(ExplanationCode.RECONNECT_REQUIRED, Sentence.verbatim("…"))
        )

    await world.work(fails)

    assert world.counted("monitr_import_failures_total", status="FAILED", code="RECONNECT_REQUIRED") == 1


async def test_a_run_that_makes_way_for_another_is_no_run_that_was_let_go() -> None:
    world = World()

    async def makes_way(claim: Claim) -> None:
        world.run = world.run.begin(NOON)

    await world.work(makes_way)

    assert [metric.name for metric in world.registry.collect() if metric.samples] == ["monitr_import_publish_seconds"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [(asyncio.CancelledError, "stopped"), (LeaseLost, "lease_lost"), (ConnectionError, "fault")],
)
async def test_what_interrupts_a_run_is_counted_and_goes_on(error: type[BaseException], reason: str) -> None:
    world = World()

    async def breaks_off(claim: Claim) -> None:
        raise error

    with pytest.raises(error):
        await world.work(breaks_off)

    assert world.counted("monitr_import_interruptions_total", reason=reason) == 1


async def test_a_run_that_was_given_up_is_counted_as_failed() -> None:
    world = World()

    async def give_up(claim: Claim) -> None:
        world.run = world.run.begin(NOON).fail(NOON, Explanation(ExplanationCode.INTERNAL, Sentence.verbatim("…")))

    await world.imports.ending(give_up)(world.claim)

    assert world.counted("monitr_import_failures_total", status="FAILED", code="INTERNAL") == 1


async def test_a_database_that_does_not_tell_the_run_does_not_stop_the_work() -> None:
    world, worked = World(), []

    async def unreachable(id: ImportRunId) -> Queued | None:
        raise ConnectionError

    async def works(claim: Claim) -> None:
        worked.append(claim)

    imports = ObservedImports(unreachable, work_metrics(world.registry), Tracing())
    await imports.work(works)(world.claim)

    assert worked == [world.claim]


async def test_log_lines_of_the_work_tell_run_organisation_administration_and_the_request_behind_it() -> None:
    world, bound = World(origin={"request_id": "r-1"}), {}

    async def speaks(claim: Claim) -> None:
        bound.update(structlog.contextvars.get_contextvars())

    await world.work(speaks)

    run = world.run
    assert bound["request_id"] == "r-1"
    assert [bound[name] for name in ("organisation", "administration", "run")] == [
        str(run.organisation_id),
        str(run.administration_id),
        str(run.id),
    ]
    assert "run" not in structlog.contextvars.get_contextvars()


async def test_rows_are_counted_at_each_checkpoint_and_those_read_again_after_a_fault_only_once() -> None:
    administration = an_administration()
    world = World(a_run(administration))
    database = FakeDatabase(FakeTransactions(administrations=[administration], runs=[world.run]))
    database.claimed(world.run.id)
    seen: list[float] = []

    def fetched() -> float:
        return world.counted("monitr_import_rows_total", dataset="GENERAL_LEDGER", outcome="fetched")

    async def works(claim: Claim) -> None:
        store = world.imports.stores(partial(open_import_store, database))(claim, administration)
        begun = world.run.begin(NOON)
        for run in (read(begun, fetched=1000), read(begun, fetched=2000), begun, read(begun, fetched=1500)):
            await store.record.save(run)
            seen.append(fetched())
        world.run = read(begun, fetched=2500)

    await world.work(works)

    assert [*seen, fetched()] == [1000, 2000, 2000, 2000, 2500]


async def test_a_store_that_nobody_observes_is_left_as_it_is() -> None:
    world = World()
    store = open_import_store(FakeDatabase(FakeTransactions()), world.claim, an_administration())

    opened = world.imports.stores(lambda claim, administration: store)(
        replace(world.claim, run_id=ImportRunId(uuid4())), an_administration()
    )

    assert opened is store
