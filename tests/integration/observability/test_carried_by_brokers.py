"""Who asked for a run goes with it: through the outbox, through each broker, and with the run itself."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_asyncio
import structlog
from sqlalchemy import text

from monitr.adapters.jobs.broker import make_broker
from monitr.adapters.observability.traces import Attribute, Attributes, Kind, Tracing
from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.repositories.unit_of_work import SqlTransactions
from monitr.application.ports import Claim
from monitr.bootstrap.ports import Ports
from monitr.domain.administration import Administration
from monitr.domain.import_run import ImportRun
from tests.integration.jobs.queued_runs import Notebook, a_worker, opened, queue, selected
from tests.integration.jobs.test_workers import _forget


class Recorder(Tracing):
    """Tracing that keeps (span, parent); the traceparent of an open span is its name."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, str | None]] = []
        self._open: list[str] = []

    @contextmanager
    def span(
        self, name: str, *, kind: Kind = "internal", parent: str | None = None, **attributes: Attribute
    ) -> Iterator[Attributes]:
        self.spans.append((name, parent))
        self._open.append(name)
        try:
            yield {}
        finally:
            self._open.remove(name)

    def past(self, name: str, seconds: float, *, kind: Kind = "internal", **attributes: Attribute) -> None:
        self.spans.append((name, None))

    def traceparent(self) -> str | None:
        return self._open[-1] if self._open else None


@pytest.fixture(params=["in-process", "redis", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "in-process" else str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def queue_name(broker: str | None) -> Iterator[str]:
    name = f"monitr-test-{uuid4().hex[:12]}"
    yield name
    _forget(make_broker(broker, queue=name), name)


@pytest_asyncio.fixture(loop_scope="session")
async def of(fresh_database: str, broker: str | None) -> AsyncIterator[Ports]:
    async with opened(fresh_database, broker) as services:
        yield services


async def test_the_request_and_the_trace_go_through_the_broker_and_with_the_run(of: Ports, queue_name: str) -> None:
    recorder, lines = Recorder(), []
    observed = replace(of, observability=replace(of.observability, tracing=recorder))
    notebook = Notebook(observed)
    administrations = await selected(of)

    async def work_on(claim: Claim) -> None:
        lines.append(structlog.contextvars.get_contextvars())
        await notebook.work_on(claim)

    async with a_worker(observed, work_on, queue=queue_name):
        await asyncio.sleep(1)  # it has looked for runs and found none: only the broker can wake it
        [run] = await queue_with(of, administrations, request_id="r-4711", traceparent="the mutation")
        await notebook.holds(1)

    assert recorder.spans == [
        ("outbox publish import", "the mutation"),
        ("wake-up", "outbox publish import"),
        ("import run", "the mutation"),
    ]
    assert [(line["request_id"], line["run"]) for line in lines] == [("r-4711", str(run.id))]


async def queue_with(of: Ports, administrations: Sequence[Administration], **origin: str) -> list[ImportRun]:
    """As if queued in a request that is known by this."""
    assert isinstance(of.transactions, SqlTransactions)
    return await queue(replace(of, transactions=replace(of.transactions, origin=lambda: origin)), administrations)


async def test_a_run_that_a_program_without_traces_has_queued_is_worked_on_all_the_same(
    of: Ports, queue_name: str
) -> None:
    notebook = Notebook(of)
    await queue_with(of, await selected(of))
    async with transaction(of.engine, None) as connection:
        assert (await connection.execute(text("SELECT origin FROM import_run"))).scalar_one() is None

    async with a_worker(of, notebook.work_on, queue=queue_name):
        await notebook.holds(1)


async def test_what_is_queued_in_a_request_remembers_its_id_and_nothing_else(fresh_database: str) -> None:
    async with opened(fresh_database) as of:
        with structlog.contextvars.bound_contextvars(request_id="r-1", organisation="o", token="secret"):
            await queue(of, await selected(of))
        async with transaction(of.engine, None) as connection:
            origin, payload = (
                await connection.execute(text("SELECT origin, payload FROM import_run, outbox WHERE topic = 'import'"))
            ).one()

    assert origin == {"request_id": "r-1"}
    assert payload.keys() == {"request_id", "run_id"}
    assert re.fullmatch(r"[0-9a-f-]{36}", payload["run_id"])
