"""Our import in a process of its own, through the use cases: one scenario, its result as JSON on the last line.

python -m bench.our_import SCENARIO SANDBOX_URL, with the address of a migrated database on the standard input
"""

import asyncio
import gc
import logging
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.memory import forget_peak, peak_bytes, resident_bytes
from bench.phases import Phases
from bench.requests_again import Requests
from bench.results import ChangesImported, FirstImport, FullAgain, SlowImport
from bench.source import DOSSIER, RemoteSandbox
from bench.table_statistics import written_rows
from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.work.quota import SqlQuota
from monitr.domain.import_run import ImportMode, ImportRun, ImportStatus
from monitr.domain.organisation import AdministrationId
from tests.integration.importing.world import World, a_world, checks

CHANGES = 100
CHANGE_ROUNDS = 5
_PAST_THE_OVERLAP = timedelta(hours=4)
"""An incremental import reads three hours before its watermark again: later, the former changes are out of it."""


@dataclass(slots=True)
class Import:
    """A selected administration, its first run not yet worked on."""

    world: World
    sandbox: RemoteSandbox
    administration: AdministrationId
    phases: Phases
    requests: Requests
    clock: "Clock"

    async def first(self) -> FirstImport:
        forget_peak()
        idle = resident_bytes()
        self.phases.start()
        seconds, run = await clocked(lambda: self.world.work(self.administration))
        phases = self.phases.stop()
        peak = peak_bytes()
        [(lines,)] = await self.world.rows("SELECT count(*) FROM ledger_line")
        assert isinstance(lines, int)
        return FirstImport(seconds, lines, idle, peak, phases, _not_passed(run))


@dataclass(slots=True)
class Clock:
    """The true time, or later."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


async def first(import_: Import) -> FirstImport:
    return await import_.first()


async def again(import_: Import) -> FullAgain:
    """A full import of what is there already. The counters are read when no connection holds any back."""
    loaded = await import_.first()
    before = await _written(import_.world.engine)
    if before[0] < loaded.lines:
        raise RuntimeError("PostgreSQL's counters do not know of the first import: nothing can be said of the second")
    import_.phases.start()
    seconds, run = await clocked(lambda: import_.world.sync(import_.administration, ImportMode.FULL))
    phases = import_.phases.stop()
    _not_passed(run)
    after = await _written(import_.world.engine)
    return FullAgain(loaded.seconds, seconds, sum(after) - sum(before), phases)


async def changes(import_: Import) -> ChangesImported:
    """Rounds of changed bookings. Each is read incrementally; then the same requests are made again without us.

    Before a round the clocks go past the overlap, and an import without changes follows, so that only the changes of
    the round are read in it. After the changes its requests are made once, unclocked: the source has then put together
    what it will answer, to us as to the replay.
    """
    loaded = await import_.first()
    ours, source, phases = [], [], dict[str, float]()
    for number in range(CHANGE_ROUNDS):
        import_.clock.ahead += _PAST_THE_OVERLAP
        import_.sandbox.control(action="advance-clock", seconds=_PAST_THE_OVERLAP.total_seconds())
        import_.requests.forget()
        await import_.world.sync(import_.administration)
        await _change_bookings(import_, number)
        await import_.requests.again()
        import_.requests.forget()
        import_.phases.start()
        seconds, run = await clocked(lambda: import_.world.sync(import_.administration))
        phases = import_.phases.stop()
        _not_passed(run)
        ours.append(seconds)
        source.append(await import_.requests.again())
    return ChangesImported(loaded.lines, ours, source, phases)


async def slow(import_: Import) -> SlowImport:
    """The import, then its requests alone over the same network, their answers thrown away."""
    loaded = await import_.first()
    return SlowImport(loaded.seconds, await import_.requests.again(), loaded.phases)


async def clocked(work: Callable[[], Awaitable[ImportRun]]) -> tuple[float, ImportRun]:
    begun = time.perf_counter()
    run = await work()
    return time.perf_counter() - begun, run


async def _change_bookings(import_: Import, seed: int) -> None:
    """A euro more on two lines of purchase and sales invoices, picked all over the bookyears."""
    picked = await import_.world.rows(
        """SELECT bookyear, journal_type, journal_number, document_number FROM ledger_line
           WHERE ordinal = 1 AND journal_type IN (1, 2)
           ORDER BY md5(concat_ws('/', CAST(:seed AS text), bookyear, journal_type, journal_number, document_number))
           LIMIT :count""",
        seed=str(seed),
        count=CHANGES,
    )
    for bookyear, type, journal, number in picked:
        assert isinstance(type, int)
        import_.sandbox.control(
            action="change",
            dossier=DOSSIER,
            bookyear=bookyear,
            journal=f"{' AV'[type]}{journal}",
            number=number,
            amount="1.00",
        )


async def _written(engine: AsyncEngine) -> tuple[int, int, int]:
    """With all our connections closed, and a new one open for whatever comes next."""
    await engine.dispose()
    written = await asyncio.to_thread(written_rows, engine.url.render_as_string(hide_password=False), "ledger_line")
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    return written


def _not_passed(run: ImportRun) -> dict[str, str]:
    """The checks that did not pass; a run that did not succeed measures nothing."""
    if run.status is not ImportStatus.SUCCEEDED:
        raise RuntimeError(f"the import is {run.status}: {run.error}")
    return {code: f"{status}: {detail}" for code, (status, detail) in checks(run).items()}


@asynccontextmanager
async def an_import(database: str, sandbox_url: str) -> AsyncIterator[Import]:
    """Everything that comes before the first byte of the books: logged in, authorised, selected, connections open."""
    phases, requests, clock = Phases(), Requests(), Clock()
    sandbox = RemoteSandbox(sandbox_url)
    engine = create_engine(database, application_name="monitr-bench")
    phases.watch(engine)
    requests.watch()
    try:
        async with a_world(engine, sandbox, clock, SqlQuota(engine, clock)) as world:
            integration = await world.connect()
            [administration] = await world.select(integration, DOSSIER)
            requests.forget()
            gc.collect()
            yield Import(world, sandbox, administration.id, phases, requests, clock)
    finally:
        await engine.dispose()


async def main(scenario: str, sandbox_url: str, database: str) -> None:
    scenarios: dict[str, Callable[[Import], Awaitable[Any]]] = {
        "first": first, "again": again, "changes": changes, "slow": slow
    }  # fmt: skip
    async with an_import(database, sandbox_url) as import_:
        result = await scenarios[scenario](import_)
    print(msgspec.json.encode(result).decode())  # the result


if __name__ == "__main__":
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.stdin.readline().strip()))
