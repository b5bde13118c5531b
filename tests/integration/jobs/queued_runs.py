"""Runs in a real database, and workers that do nothing but end them: what is tested is who works on what, and when."""

import asyncio
import os
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from monitr.application.ports import Claim
from monitr.bootstrap.ports import Ports, open_ports
from monitr.bootstrap.worker import worker
from monitr.domain.administration import Administration
from monitr.domain.import_run import ImportRun, ImportRunId
from monitr.domain.organisation import OrganisationId
from monitr.entrypoints.worker.process import work
from monitr.settings import Settings
from tests.unit.fakes import a_run, an_administration, an_integration

NEVER = timedelta(hours=1)
"""A rhythm that no test lives to see: what happens then was not the sweep's doing."""
PATIENCE_SECONDS = 30.0

WorkOn = Callable[[Claim], Awaitable[None]]


def settings_for(database: str, broker: str | None = None, **more: str) -> Settings:
    """Of one database and broker; Octopus is nowhere unless ``more`` settings, without their prefix, tell."""
    variables = {
        "MONITR_DATABASE_URL": database,
        "MONITR_BROKER_URL": broker or "",
        "MONITR_ENCRYPTION_KEYS": urlsafe_b64encode(bytes(range(32))).decode(),
        "MONITR_OCTOPUS_API_URL": "http://127.0.0.1:9/octopus",
        **{f"MONITR_{name}": value for name, value in more.items()},
    }
    before = dict(os.environ)
    os.environ |= variables
    try:
        return Settings.load()
    finally:
        os.environ.clear()
        os.environ.update(before)


@asynccontextmanager
async def opened(database: str, broker: str | None = None, **more: str) -> AsyncIterator[Ports]:
    async with open_ports(settings_for(database, broker, **more), database, "test") as of:
        yield of


async def selected(of: Ports, administrations: int = 1) -> Sequence[Administration]:
    """Administrations of one new organisation with an authorised integration, never imported."""
    organisation = OrganisationId(uuid4())
    integration = an_integration(organisation_id=organisation)
    rows = [
        an_administration(organisation_id=organisation, integration_id=integration.id, dossier=49_000 + number)
        for number in range(administrations)
    ]
    async with of.transactions(organisation) as unit:
        await unit.integrations.save(integration)
        for row in rows:
            await unit.administrations.save(row)
        await unit.commit()
    return rows


async def queue(of: Ports, administrations: Sequence[Administration], **changes: object) -> list[ImportRun]:
    """A run of each, queued now unless told otherwise."""
    runs = [a_run(row, **({"queued_at": datetime.now(UTC)} | changes)) for row in administrations]
    async with of.transactions(administrations[0].organisation_id) as unit:
        for run in runs:
            await unit.imports.add(run)
        await unit.commit()
    return runs


async def end(of: Ports, claim: Claim) -> None:
    async with of.transactions(claim.organisation_id) as unit:
        run = await unit.imports.find(claim.organisation_id, claim.run_id)
        assert run is not None
        await unit.imports.save(replace(run.begin(of.clock()), progress=1.0).cancelled(of.clock()))
        await unit.commit()


@dataclass
class Notebook:
    """What the workers of a test have worked on."""

    of: Ports
    worked: list[ImportRunId] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def work_on(self, claim: Claim) -> None:
        await end(self.of, claim)
        self.worked.append(claim.run_id)
        self.changed.set()

    async def holds(self, count: int) -> None:
        while len(self.worked) < count:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), PATIENCE_SECONDS)


@asynccontextmanager
async def a_worker(
    of: Ports,
    work_on: WorkOn | None,
    *,
    queue: str,
    lease: timedelta = timedelta(seconds=10),
    sweep_every: timedelta = NEVER,
    grace: timedelta = timedelta(seconds=5),
) -> AsyncIterator[None]:
    """Everything that a worker process runs, in this process; without ``work_on`` it imports."""
    stop = asyncio.Event()
    parts = worker(of, work_on=work_on, queue=queue, lease=lease, sweep_every=sweep_every, grace=grace)
    running = asyncio.create_task(work(parts, stop))
    try:
        yield
    finally:
        stop.set()
        await running
