"""Long imports make way at their checkpoints: for a deployment, and for others; and go on where they ended."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from monitr.adapters.sql.database.engine import libpq_url
from monitr.domain.import_run import ImportStatus
from octopus_sandbox import SandboxSettings
from octopus_sandbox.testing import SandboxServer
from tests.integration.cli.processes import running
from tests.integration.cli.processes import until as until_asked
from tests.integration.importing.soak import SOAK
from tests.integration.importing.world import World
from tests.integration.jobs.imports_at_work import (
    KEY,
    LEDGER_CALL,
    chunks_asked,
    connected,
    equals_the_books,
    importing,
    lease_of,
    selected,
    the_run,
    until,
)
from tests.integration.jobs.queued_runs import PATIENCE_SECONDS, a_worker
from tests.integration.jobs.test_workers import ROOT

QUICK = timedelta(seconds=0.1)
DOSSIER, OTHER_DOSSIER = 49001, 49002


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxSettings(lines=3_000)) as server:
        server.faults.next(
            LEDGER_CALL, times=16, kind="delay", seconds=0.3, dossier=DOSSIER
        )  # each chunk takes a while
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def world(fresh_database: str, sandbox: SandboxServer) -> AsyncIterator[World]:
    async with connected(fresh_database, sandbox) as world:
        yield world


async def test_a_drained_worker_ends_its_run_at_a_checkpoint_and_another_goes_on_from_there(
    world: World, fresh_database: str, sandbox: SandboxServer
) -> None:
    (books,) = await selected(world, DOSSIER)
    async with importing(fresh_database, sandbox) as of:
        async with a_worker(of, None, queue="unused", sweep_every=QUICK):
            await until(world, books.id, lambda run: run.progress > 0.2)
        handed_over = await the_run(world, books.id)
        assert handed_over.status is ImportStatus.QUEUED
        assert 0.2 < handed_over.progress < 0.9
        assert await lease_of(world, handed_over) == (None, 0)

        async with a_worker(of, None, queue="unused", sweep_every=QUICK):
            ended = await until(world, books.id, lambda run: run.status.is_final)

    assert (ended.id, ended.status) == (handed_over.id, ImportStatus.SUCCEEDED), ended.error
    assert set(chunks_asked(sandbox, DOSSIER).values()) == {1}
    for operation in ("getAllCostCentres", "getModifiedAccounts"):
        assert len(sandbox.calls.of(operation, DOSSIER)) <= 1, operation
    assert await equals_the_books(world, books.id, sandbox, DOSSIER)


async def test_a_chunk_that_does_not_end_in_the_grace_is_given_up_whole_and_read_again_by_another(
    world: World, fresh_database: str, sandbox: SandboxServer
) -> None:
    sandbox.faults.clear()
    sandbox.faults.next(LEDGER_CALL, times=3, kind="delay", seconds=0, dossier=DOSSIER)
    sandbox.faults.next(LEDGER_CALL, kind="slow", seconds=4, dossier=DOSSIER)
    (books,) = await selected(world, DOSSIER)
    async with importing(fresh_database, sandbox) as of:
        async with a_worker(of, None, queue="unused", sweep_every=QUICK, grace=timedelta(seconds=0.2)):
            await until(world, books.id, lambda run: len(sandbox.calls.of(LEDGER_CALL, DOSSIER)) >= 4)
        handed_over = await the_run(world, books.id)
        assert handed_over.status is ImportStatus.QUEUED
        async with a_worker(of, None, queue="unused", sweep_every=QUICK):
            ended = await until(world, books.id, lambda run: run.status.is_final)

    assert ended.status is ImportStatus.SUCCEEDED, ended.error
    assert sorted(chunks_asked(sandbox, DOSSIER).values())[-2:] == [1, 2]
    assert await equals_the_books(world, books.id, sandbox, DOSSIER)


async def test_after_its_step_a_long_run_makes_way_for_another_organisation(
    world: World, fresh_database: str, sandbox: SandboxServer
) -> None:
    (long,) = await selected(world, DOSSIER)
    async with (
        importing(fresh_database, sandbox, IMPORTS_PER_WORKER="1", IMPORT_STEP="1") as of,
        connected(fresh_database, sandbox) as others,
        a_worker(of, None, queue="unused", sweep_every=QUICK),
    ):
        await until(world, long.id, lambda run: run.status is ImportStatus.RUNNING)
        (short,) = await selected(others, OTHER_DOSSIER)
        await until(others, short.id, lambda run: run.status.is_final)
        interrupted = await the_run(world, long.id)
        ended = await until(world, long.id, lambda run: run.status.is_final)

    assert 0 < interrupted.progress < 1
    assert ended.status is ImportStatus.SUCCEEDED, ended.error
    assert set(chunks_asked(sandbox, DOSSIER).values()) == {1}
    assert await equals_the_books(world, long.id, sandbox, DOSSIER)


async def test_a_cancelled_run_stops_at_its_next_checkpoint_and_what_it_published_is_whole(
    world: World, fresh_database: str, sandbox: SandboxServer
) -> None:
    (books,) = await selected(world, DOSSIER)
    async with importing(fresh_database, sandbox) as of, a_worker(of, None, queue="unused", sweep_every=QUICK):
        run = await until(world, books.id, lambda run: run.progress > 0.2)
        asked = len(sandbox.calls.of(LEDGER_CALL, DOSSIER))
        async with world.transactions(world.organisation) as unit:
            found = await unit.imports.find(world.organisation, run.id)
            assert found is not None
            await unit.imports.save(found.request_cancellation(world.clock()))
            await unit.commit()
        ended = await until(world, books.id, lambda run: run.status.is_final)

    assert ended.status is ImportStatus.CANCELLED
    assert len(sandbox.calls.of(LEDGER_CALL, DOSSIER)) <= asked + 2  # the chunk under way, and the one read ahead
    unbalanced = "SELECT 1 FROM ledger_line WHERE administration_id = :id GROUP BY {} HAVING sum(amount) <> 0"
    booking = "bookyear, journal_type, journal_number, document_number"
    assert await world.rows(unbalanced.format(booking), id=books.id) == []
    balances = """SELECT account FROM (
            SELECT account, amount FROM ledger_line WHERE administration_id = :id
            UNION ALL SELECT account, credit - debit FROM account_month WHERE administration_id = :id) both_sides
        GROUP BY account HAVING sum(amount) <> 0"""
    assert await world.rows(balances, id=books.id) == []
    assert len(await world.rows("SELECT 1 FROM ledger_line WHERE administration_id = :id", id=books.id)) > 0


async def test_a_worker_that_was_suspended_past_its_lease_cannot_publish(
    world: World, fresh_database: str, sandbox: SandboxServer
) -> None:
    sandbox.faults.clear()
    (books,) = await selected(world, DOSSIER)
    suspended = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.jobs.suspended_worker", fresh_database, "1"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert suspended.stdout is not None
    assert suspended.stdin is not None
    async with AsyncExitStack() as cleaning:
        cleaning.callback(_kill, suspended)
        said = await asyncio.wait_for(suspended.stdout.readline(), PATIENCE_SECONDS)
        assert said == b"about to commit a chunk of 2 lines\n"
        suspended.send_signal(signal.SIGSTOP)
        await asyncio.sleep(1.2)  # its lease is over
        working = importing(fresh_database, sandbox)
        async with working as of, a_worker(of, None, queue="unused", sweep_every=QUICK), asyncio.timeout(60):
            while (await lease_of(world, await the_run(world, books.id)))[0] == "to be suspended":  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            suspended.send_signal(signal.SIGCONT)
            suspended.stdin.write(b"go on\n")
            said = await asyncio.wait_for(suspended.stdout.readline(), PATIENCE_SECONDS)
            ended = await until(world, books.id, lambda run: run.status.is_final)
        await suspended.wait()

    assert said == b"LeaseLost\n"
    assert ended.status is ImportStatus.SUCCEEDED, ended.error
    assert await equals_the_books(world, books.id, sandbox, DOSSIER)


def test_a_worker_process_exits_within_ten_seconds_of_sigterm_though_its_chunk_takes_longer(
    fresh_database: str, sandbox: SandboxServer, tmp_path: Path
) -> None:
    sandbox.faults.clear()
    sandbox.faults.next(LEDGER_CALL, times=3, kind="slow", seconds=60, dossier=DOSSIER)
    settings = {
        "DATABASE_URL": fresh_database,
        "OCTOPUS_API_URL": sandbox.api_url,
        "OCTOPUS_AUTHORIZE_URL": sandbox.authorize_url,
        "OCTOPUS_TOKEN_URL": sandbox.token_url,
        "OCTOPUS_CLIENT_ID": sandbox.client_id,
        "ENCRYPTION_KEYS": KEY,
    }

    async def queue_its_first_import() -> None:
        async with connected(fresh_database, sandbox) as world:
            await selected(world, DOSSIER)

    asyncio.run(queue_its_first_import())
    with running(tmp_path, "worker", **settings) as worker:
        until_asked(lambda: sandbox.calls.of(LEDGER_CALL, DOSSIER) or None, "nothing is read", worker)
        begun = time.monotonic()
        worker.process.send_signal(signal.SIGTERM)
        # on a machine that is busy with other tests as well, the promise is not put to the test: it may take longer
        assert worker.process.wait(10 if SOAK else 40) == 0
        print(f"drained in {time.monotonic() - begun:.1f} s")

    with psycopg.connect(libpq_url(fresh_database)) as connection:
        left = connection.execute("SELECT status, lease_owner FROM import_run").fetchall()
    assert left == [("QUEUED", None)]


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
