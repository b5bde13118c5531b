"""A worker process: what it runs, and what it runs it with."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from os import getpid
from socket import gethostname
from urllib.parse import urlsplit

import dramatiq

from monitr.adapters.jobs import broker as brokers
from monitr.adapters.jobs.duty import is_a_worker_on_duty, on_duty
from monitr.adapters.jobs.heartbeat import Heartbeat
from monitr.adapters.jobs.outbox_relay import Handler, OutboxRelay
from monitr.adapters.jobs.workshop import GRACE, WorkOnRun, Workshop, sweep_of
from monitr.adapters.observability.context import carried_by
from monitr.adapters.observability.imports import ObservedImports
from monitr.adapters.observability.messages import Messages
from monitr.adapters.sql.database.engine import libpq_url
from monitr.adapters.sql.importing.import_store import open_import_store
from monitr.adapters.sql.work.jobs import Topic
from monitr.adapters.sql.work.leases import ImportLimits, LeaseRenewal, SqlLeases
from monitr.adapters.sql.work.observed_runs import SqlObservedRuns
from monitr.adapters.sql.work.outbox import Outbox, OutboxBell
from monitr.application.importing.give_up_import import GiveUpImport
from monitr.application.importing.import_dossier import ImportDossier
from monitr.application.ports import Claim, MakeWay
from monitr.bootstrap.ports import Ports
from monitr.bootstrap.scheduler import purge_chore
from monitr.bootstrap.webhooks import webhook_courier
from monitr.installation import Fault
from monitr.settings import Settings


@dataclass(frozen=True, slots=True)
class WorkerParts:
    """What a worker process runs. ``close`` is called last, from a thread that may block."""

    name: str
    broker: dramatiq.Broker
    actor: str
    queue: str
    workshop: Workshop
    heartbeat: Heartbeat
    background: tuple[Callable[[], Awaitable[None]], ...]
    close: Callable[[], None]
    taken: Callable[[str, Mapping[str, str]], AbstractContextManager[None]]
    """Observes what is done about a wake-up."""


def worker(
    of: Ports,
    *,
    work_on: WorkOnRun | None = None,
    queue: str = brokers.QUEUE,
    lease: timedelta | None = None,
    sweep_every: timedelta | None = None,
    grace: timedelta = GRACE,
) -> WorkerParts:
    """The parts of a worker process; the options are for tests."""
    settings = of.settings
    lease = lease or timedelta(seconds=settings.lease)
    name = f"{gethostname()}:{getpid()}"
    broker = brokers.make_broker(broker_url(of.settings), queue=queue)
    wake_ups = brokers.WakeUps(broker, queue=queue)
    heartbeat = Heartbeat(LeaseRenewal(of.database), lease)
    imports = of.observability.imports(SqlObservedRuns(of.engine))
    messages = Messages(of.observability.metrics, of.observability.tracing)

    async def make_way(claim: Claim) -> bool:
        return await workshop.should_make_way(claim)

    workshop = Workshop(
        SqlLeases(of.engine, import_limits(settings)),
        imports.work(work_on or import_dossier(of, make_way, imports)),
        imports.ending(GiveUpImport(of.transactions, of.clock)),
        heartbeat,
        name,
        hands=settings.imports_per_worker,
        lease=lease,
        sweep_every=sweep_every or sweep_of(lease),
        grace=grace,
        step=timedelta(seconds=settings.import_step),
    )
    purge = purge_chore(of)

    async def wake_a_worker(payload: Mapping[str, str]) -> None:
        await wake_ups.publish(payload["run_id"], carried_by(payload))

    async def purge_now(payload: Mapping[str, str]) -> None:
        purge.wake()

    handlers: dict[str, Handler] = {Topic.IMPORT: wake_a_worker, Topic.PURGE: purge_now}
    observed = {topic: messages.passing_on(topic, handler) for topic, handler in handlers.items()}
    relay = OutboxRelay(Outbox(of.engine), OutboxBell(of.database), observed)
    return WorkerParts(
        name,
        broker,
        brokers.ACTOR,
        queue,
        workshop,
        heartbeat,
        (relay.run, purge.run, webhook_courier(of).run, lambda: on_duty(libpq_url(of.database))),
        wake_ups.close,
        messages.taken,
    )


def import_limits(settings: Settings) -> ImportLimits:
    return ImportLimits(
        settings.concurrent_imports,
        settings.concurrent_imports_per_organisation,
        settings.concurrent_imports_per_login,
    )


def import_dossier(of: Ports, make_way: MakeWay, observed: ObservedImports) -> ImportDossier:
    return ImportDossier(
        of.transactions,
        of.octopus,
        observed.stores(lambda claim, administration: open_import_store(of.engine, claim, administration)),
        of.clock,
        make_way,
        changes_remembered=of.changes_remembered,
    )


def broker_url(settings: Settings) -> str | None:
    return settings.broker_url.get_secret_value() if settings.broker_url else None


async def broker_trouble(settings: Settings) -> str | None:
    """None where the broker answers, else one sentence."""
    return await brokers.broker_trouble(broker_url(settings))


async def broker_fault(settings: Settings) -> Fault | None:
    """The same for the operator: with the address, without its password."""
    url = broker_url(settings)
    if url is None or (reason := await brokers.no_answer(url)) is None:
        return None
    parts = urlsplit(url)
    address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    repair = "start it there, or correct the address, its login and its password"
    return Fault(f"The broker of MONITR_BROKER_URL ({address}) does not answer, since {reason}", repair)


async def worker_is_alive(database: str) -> bool:
    return await is_a_worker_on_duty(libpq_url(database))
