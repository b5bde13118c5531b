"""Following a run from the command line, with a worker of our own where there is none."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from returns.result import Failure
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from monitr.application.reading.reading import opening
from monitr.bootstrap.operating import organisation_of
from monitr.bootstrap.ports import Ports, open_ports
from monitr.bootstrap.use_cases import start_imports_at_once
from monitr.bootstrap.worker import worker, worker_is_alive
from monitr.domain.audit import OPERATOR
from monitr.domain.import_run import Dataset, DatasetImportStatus, ImportMode, ImportRun, ImportStatus
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Principal
from monitr.entrypoints.worker.process import work
from monitr.settings import Settings

LOOK_EVERY_SECONDS = 0.3

Show = Callable[[ImportRun], None]


class Refused(Exception):
    """The import cannot be queued; one sentence."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What is followed. ``by_us``: no other worker is alive, so that it stops with this command."""

    dossier: str
    run: ImportRun
    by_us: bool


async def import_and_follow(
    settings: Settings,
    database: str,
    id: AdministrationId,
    mode: ImportMode,
    begun: Callable[[Begun], None],
    *,
    show: bool,
) -> ImportRun:
    """The run as it ended, or as it waits; ``begun`` is called once it is queued. Raises Refused."""
    async with open_ports(settings, database, "import") as opened:
        organisation = await organisation_of(opened, id)
        if organisation is None:
            raise Refused(f"There is no administration {id} here.")
        operator = Principal.administrator(organisation, OPERATOR)
        dossier = await _dossier(opened, operator, id)
        run = await _queue(opened, operator, id, mode)
        async with _someone_at_work(opened) as by_us:
            begun(Begun(dossier, run, by_us))
            with Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                TimeElapsedColumn(),
                console=Console(file=sys.stderr),
                disable=not show,
            ) as bar:
                return await _follow(opened, operator, run, _shown_on(bar))


async def _dossier(of: Ports, operator: Principal, id: AdministrationId) -> str:
    """As a person knows it."""
    async with opening(of.readers)(operator) as reading:
        known = (await reading.administrations([id])).get(id)
    return f"{known.name} (dossier {known.dossier})" if known else f"The administration {id}"


async def _queue(of: Ports, operator: Principal, id: AdministrationId, mode: ImportMode) -> ImportRun:
    """A new run, or the one that is under way already."""
    match await start_imports_at_once(of)(operator, [id], mode):
        case Failure(problem):
            raise Refused(problem.message)
        case started:
            outcome = started.unwrap()
    if outcome.refused:
        raise Refused(outcome.refused[0].message)
    return outcome.imports[0]


@asynccontextmanager
async def _someone_at_work(of: Ports) -> AsyncIterator[bool]:
    """A worker that lives elsewhere (False), or one in this process for as long as the context is open (True)."""
    if await worker_is_alive(of.database):
        yield False
        return
    stop = asyncio.Event()
    working = asyncio.create_task(work(worker(of), stop))
    try:
        yield True
    finally:
        stop.set()
        await working


async def _follow(of: Ports, operator: Principal, run: ImportRun, show: Show) -> ImportRun:
    while not run.status.is_final and run.status is not ImportStatus.WAITING:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        async with opening(of.readers)(operator) as reading:
            run = await reading.import_run(run.id) or run.cancelled(of.clock())  # its administration was purged
        show(run)
    return run


def _shown_on(bar: Progress) -> Show:
    task = bar.add_task("Queued", total=1.0)

    def show(run: ImportRun) -> None:
        busy = [name for name, one in run.datasets.items() if one.status is DatasetImportStatus.RUNNING]
        doing = busy[0].replace("_", " ").capitalize() if busy else run.status.capitalize()
        bar.update(task, completed=run.progress, description=f"{doing}, {lines_of(run):,} lines")

    return show


def lines_of(run: ImportRun) -> int:
    """Of the ledger, that it has read so far."""
    ledger = run.datasets.get(Dataset.GENERAL_LEDGER)
    return ledger.counts.fetched if ledger else 0
