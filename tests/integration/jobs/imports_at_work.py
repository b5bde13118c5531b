"""Real imports from the sandbox for workers to work on."""

import asyncio
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text

from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.reading.reader import SqlProgress, SqlReaders
from monitr.bootstrap.ports import Ports
from monitr.domain.administration import Administration
from monitr.domain.import_run import ImportRun
from monitr.domain.organisation import AdministrationId
from octopus_sandbox.testing import SandboxServer
from tests.integration.importing.test_import_dossier import LEDGER
from tests.integration.importing.world import World, a_world
from tests.integration.jobs.queued_runs import PATIENCE_SECONDS, opened

KEY = urlsafe_b64encode(bytes(range(32))).decode()
"""That of the worlds."""
LEDGER_CALL = "getReportModifiedBooking"


@asynccontextmanager
async def importing(database: str, sandbox: SandboxServer, **settings: str) -> AsyncIterator[Ports]:
    """The ports of a worker process."""
    octopus = {
        "OCTOPUS_API_URL": sandbox.api_url,
        "OCTOPUS_AUTHORIZE_URL": sandbox.authorize_url,
        "OCTOPUS_TOKEN_URL": sandbox.token_url,
        "OCTOPUS_CLIENT_ID": sandbox.client_id,
        "ENCRYPTION_KEYS": KEY,
    }
    async with opened(database, None, **octopus | settings) as of:
        yield of


@asynccontextmanager
async def connected(database: str, sandbox: SandboxServer) -> AsyncIterator[World]:
    """A new organisation's side of the world."""
    engine = create_engine(database, application_name="monitr-tests")
    async with a_world(engine, sandbox) as world:
        yield world
    await engine.dispose()


async def selected(world: World, *dossiers: int) -> list[Administration]:
    """Connected and selected: their first imports are queued."""
    return list(await world.select(await world.connect(), *dossiers))


async def the_run(world: World, id: AdministrationId) -> ImportRun:
    """The newest one. Without a lock: a claim passes over a run that somebody has locked."""
    run = await SqlProgress(SqlReaders(world.engine, world.clock)).latest(world.organisation, id)
    assert run is not None
    return run


async def until(world: World, id: AdministrationId, reached: Callable[[ImportRun], bool]) -> ImportRun:
    """The run of the administration as soon as it is so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not reached(run := await the_run(world, id)):  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.02)
    return run


async def lease_of(world: World, run: ImportRun) -> tuple[object, ...]:
    """Owner, and attempt."""
    async with world.engine.connect() as connection:
        found = await connection.execute(
            text("SELECT lease_owner, attempt FROM import_run WHERE id = :id"), {"id": run.id}
        )
        return tuple(found.one())


def chunks_asked(sandbox: SandboxServer, dossier: int) -> Counter[tuple[str, str]]:
    """How often each chunk was asked for: (path, journal type)."""
    return Counter((call.path, call.query.get("journalTypeId", "")) for call in sandbox.calls.of(LEDGER_CALL, dossier))


async def equals_the_books(world: World, id: AdministrationId, sandbox: SandboxServer, dossier: int) -> bool:
    ours = sorted(await world.rows(LEDGER, id=id))
    theirs = sorted(
        (
            line.bookyear,
            line.journal_type,
            line.journal_nr,
            line.document_number,
            line.account,
            line.amount,
            line.date,
            line.period,
            line.effective_date,
            line.relation,
            line.cost_centre,
            line.opening,
        )
        for line in sandbox.truth(dossier).ledger()
    )
    return ours == theirs
