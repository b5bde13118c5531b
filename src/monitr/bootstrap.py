"""The composition root: the only place that knows which adapter serves which port."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from os import getpid
from socket import gethostname
from tempfile import TemporaryDirectory
from uuid import uuid4

import dramatiq
import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.jobs import broker as brokers
from monitr.adapters.jobs.chores import Chore
from monitr.adapters.jobs.duty import is_a_worker_on_duty, on_duty
from monitr.adapters.jobs.heartbeat import Heartbeat
from monitr.adapters.jobs.outbox_relay import Handler, OutboxRelay
from monitr.adapters.jobs.schedule import ImportSchedule
from monitr.adapters.jobs.workshop import GRACE, WorkOnRun, Workshop, sweep_of
from monitr.adapters.observability.context import carried_by
from monitr.adapters.observability.figures import AGE_BOUNDS
from monitr.adapters.observability.imports import ObservedImports
from monitr.adapters.observability.metrics import FOLDER, WRITER, Exposition
from monitr.adapters.observability.observability import Observability
from monitr.adapters.octopus.adapter import OctopusAdapter
from monitr.adapters.octopus.operations import INDISPENSABLE, Operation
from monitr.adapters.octopus.settings import OctopusSettings
from monitr.adapters.security.bearer_tokens import BearerTokens
from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.security.development_tokens import sign
from monitr.adapters.security.jwks import Jwks
from monitr.adapters.sql.administration_owner import owner_of
from monitr.adapters.sql.call_counter import SqlCallCounter
from monitr.adapters.sql.credentials import SqlCredentials
from monitr.adapters.sql.engine import create_engine, libpq_url
from monitr.adapters.sql.import_store import SqlImportStore
from monitr.adapters.sql.jobs import Topic
from monitr.adapters.sql.leases import Heartbeat as LeaseRenewal
from monitr.adapters.sql.leases import Limits, SqlLeases
from monitr.adapters.sql.life_watch import SqlLifeWatch
from monitr.adapters.sql.observed_runs import SqlObservedRuns
from monitr.adapters.sql.operating_figures import SqlOperatingFigures
from monitr.adapters.sql.outbox import Outbox, OutboxBell
from monitr.adapters.sql.purgeable_administrations import SqlPurgeableAdministrations
from monitr.adapters.sql.reading.reader import SqlProgress, SqlReaders
from monitr.adapters.sql.run_changes import SqlRunChanges
from monitr.adapters.sql.scheduled_administrations import SqlScheduledAdministrations
from monitr.adapters.sql.unit_of_work import SqlTransactions
from monitr.adapters.sql.webhook_deliveries import SqlWebhookDeliveries
from monitr.adapters.sql.webhook_targets import SqlWebhookTargets
from monitr.adapters.webhooks.courier import Courier
from monitr.adapters.webhooks.sending import WebhookSender
from monitr.adapters.webhooks.signing import new_webhook_secret, signed_headers
from monitr.adapters.webhooks.target_addresses import TargetAddresses
from monitr.application.abandoned_integrations import DismissAbandonedIntegrations
from monitr.application.bearer_tokens import VerifyToken
from monitr.application.cancel_import import CancelImport
from monitr.application.complete_authorization import CompleteAuthorization
from monitr.application.connect_integration import ConnectIntegration
from monitr.application.create_webhook_target import CreateWebhookTarget
from monitr.application.delete_integration import DeleteIntegration
from monitr.application.delete_webhook_target import DeleteWebhookTarget
from monitr.application.deliver_webhooks import DeliverWebhooks
from monitr.application.give_up_import import GiveUpImport
from monitr.application.import_dossier import ImportDossier
from monitr.application.keep_authorizations_alive import KeepAuthorizationsAlive
from monitr.application.list_dossiers import ListDossiers
from monitr.application.octopus import Credentials, Octopus, OctopusLogin
from monitr.application.ports import Claim, Clock, MakeWay, Transactions
from monitr.application.purge_administrations import PurgeAdministrations
from monitr.application.reach_administrations import ReachAdministrations, ReachAgain
from monitr.application.reading import Progress, Readers, RunChanges
from monitr.application.reconnect import Reconnect
from monitr.application.remove_administration import RemoveAdministration
from monitr.application.replay_webhook_events import ReplayWebhookEvents
from monitr.application.return_addresses import ReturnAddresses
from monitr.application.rotate_webhook_secret import RotateWebhookSecret
from monitr.application.scheduled_imports import ScheduledImports
from monitr.application.select_administrations import SelectAdministrations
from monitr.application.start_authorization import StartAuthorization
from monitr.application.start_imports import StartImports
from monitr.application.sweep_authorizations import SweepAuthorizations
from monitr.application.use_cases import UseCases
from monitr.application.webhook_use_cases import WebhookUseCases
from monitr.domain.organisation import AdministrationId, OrganisationId, Principal
from monitr.domain.webhooks import EVENTS_KEPT
from monitr.installation import encryption_keys
from monitr.settings import Settings

QUICKLY = timedelta(seconds=30)
"""The longest statement in the name of a person who waits."""
OUTBOX_KEPT = timedelta(days=7)
CALLS_KEPT = timedelta(days=30)


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """The ports of one process, for the event loop that opened them."""

    settings: Settings
    database: str
    engine: AsyncEngine
    clock: Clock
    transactions: Transactions
    readers: Readers
    progress: Progress
    run_changes: RunChanges
    login: OctopusLogin
    octopus: Octopus
    credentials: Credentials
    calls: SqlCallCounter
    observability: Observability


@asynccontextmanager
async def services(
    settings: Settings,
    database: str,
    part: str,
    *,
    longest_statement: timedelta = timedelta(minutes=10),
    longest_pause: timedelta = timedelta(minutes=15),
) -> AsyncIterator[Services]:
    """Open for as long as the context is. ``part`` names the process in PostgreSQL's list of sessions.

    ``longest_pause``: within a transaction; a worker's waits for the rest of an answer of Octopus.
    """
    observability = Observability.open(part)
    requests = observability.octopus_requests
    engine = create_engine(
        database,
        application_name=f"monitr-{part}",
        statement_timeout=longest_statement,
        idle_in_transaction_timeout=longest_pause,
    )
    cipher = AesGcmCipher(encryption_keys(settings))
    calls = SqlCallCounter(engine, now)
    readers = SqlReaders(engine, now)
    async with OctopusAdapter(_octopus_settings(settings), now, requests.finished) as adapter:
        credentials = SqlCredentials(engine, cipher, now, requests.refreshing(adapter.login.refresh))
        octopus = adapter.octopus(credentials, calls)
        try:
            yield Services(
                settings,
                database,
                engine,
                now,
                SqlTransactions(engine, cipher, now, observability.queued),
                readers,
                SqlProgress(readers),
                SqlRunChanges(database),
                adapter.login,
                octopus,
                credentials,
                calls,
                observability,
            )
        finally:
            await engine.dispose()
            await asyncio.to_thread(observability.close)


def _octopus_settings(settings: Settings) -> OctopusSettings:
    secret = settings.octopus_client_secret
    return OctopusSettings(
        redirect_uri=settings.oauth_callback_url,
        client_id=settings.octopus_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        api_url=settings.octopus_api_url,
        authorize_url=settings.octopus_authorize_url,
        token_url=settings.octopus_token_url,
        pkce=settings.octopus_pkce,
        daily_limits=settings.octopus_daily_limits,
    )


@asynccontextmanager
async def token_verifier(of: Services) -> AsyncIterator[VerifyToken]:
    """Open for as long as the context is: it may fetch the issuer's keys."""
    settings = of.settings
    async with httpx.AsyncClient() as client:
        jwks = Jwks(settings.auth_jwks_url, client, of.clock) if settings.auth_jwks_url else None
        secret = settings.auth_secret.get_secret_value() if settings.auth_secret else None
        yield BearerTokens(of.clock, secret, jwks, settings.auth_issuer, settings.auth_audience)


def use_cases(of: Services) -> UseCases:
    settings, transactions, octopus, clock = of.settings, of.transactions, of.octopus, of.clock
    addresses = ReturnAddresses(settings.public_url, settings.frontend_origins)
    retention = timedelta(days=settings.retention_days)
    return UseCases(
        connect_integration=ConnectIntegration(transactions, of.login, addresses, clock, uuid4, _new_secret),
        start_authorization=StartAuthorization(transactions, of.login, clock, _new_secret),
        complete_authorization=CompleteAuthorization(transactions, of.login, octopus, clock),
        list_dossiers=ListDossiers(transactions, octopus),
        select_administrations=SelectAdministrations(
            transactions, octopus, clock, uuid4, timedelta(days=settings.changes_remembered_days)
        ),
        remove_administration=RemoveAdministration(transactions, clock, retention),
        delete_integration=DeleteIntegration(transactions, clock, retention),
        reconnect=Reconnect(transactions, of.login, addresses, clock, uuid4, _new_secret),
        start_imports=StartImports(transactions, clock, uuid4, timedelta(seconds=settings.sync_cooldown)),
        cancel_import=CancelImport(transactions, clock),
        webhooks=_webhook_use_cases(of),
    )


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _webhook_use_cases(of: Services) -> WebhookUseCases:
    targets = SqlWebhookTargets(of.engine, AesGcmCipher(encryption_keys(of.settings)))
    return WebhookUseCases(
        targets,
        CreateWebhookTarget(targets, _webhook_addresses(of.settings), of.clock, uuid4, new_webhook_secret),
        DeleteWebhookTarget(targets),
        RotateWebhookSecret(targets, of.clock, new_webhook_secret),
        ReplayWebhookEvents(targets),
    )


def _webhook_addresses(settings: Settings) -> TargetAddresses:
    return TargetAddresses(settings.webhooks_allow_loopback, settings.webhooks_ports)


def _webhook_deliveries(of: Services) -> SqlWebhookDeliveries:
    return SqlWebhookDeliveries(of.engine, AesGcmCipher(encryption_keys(of.settings)), of.clock)


def webhook_courier(of: Services) -> Courier:
    deliveries, sender = _webhook_deliveries(of), WebhookSender(_webhook_addresses(of.settings))
    chance = secrets.SystemRandom().random
    return Courier(deliveries, DeliverWebhooks(deliveries, sender, signed_headers, of.clock, chance), sender.close)


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
    of: Services,
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
    broker = brokers.make_broker(_broker_url(of.settings), queue=queue)
    wake_ups = brokers.WakeUps(broker, queue=queue)
    heartbeat = Heartbeat(LeaseRenewal(of.database), lease)
    imports, messages = of.observability.imports(SqlObservedRuns(of.engine)), of.observability.messages

    async def make_way(claim: Claim) -> bool:
        return await workshop.should_make_way(claim)

    workshop = Workshop(
        SqlLeases(of.engine, import_limits(settings)),
        imports.work(work_on or _import_dossier(of, make_way, imports)),
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


def import_limits(settings: Settings) -> Limits:
    return Limits(
        settings.concurrent_imports,
        settings.concurrent_imports_per_organisation,
        settings.concurrent_imports_per_login,
    )


def _import_dossier(of: Services, make_way: MakeWay, observed: ObservedImports) -> ImportDossier:
    return ImportDossier(
        of.transactions,
        of.octopus,
        observed.stores(lambda claim, administration: SqlImportStore(of.engine, claim, administration)),
        of.clock,
        make_way,
    )


def purge_chore(of: Services) -> Chore:
    purge = PurgeAdministrations(SqlPurgeableAdministrations(of.engine), of.clock)
    return Chore("purge removed administrations", timedelta(minutes=10), purge)


def scheduler_chores(of: Services) -> list[Chore]:
    """What goes on whether or not the schedule is off: all but the first."""
    return [
        *_scheduled_imports(of),
        Chore("close abandoned OAuth rounds", timedelta(seconds=30), SweepAuthorizations(of.transactions, of.clock)),
        purge_chore(of),
        *_life_watch(of),
        Chore("forget published messages", timedelta(hours=1), lambda: Outbox(of.engine).prune(OUTBOX_KEPT)),
        Chore("forget old call counts", timedelta(hours=1), lambda: of.calls.prune(CALLS_KEPT)),
        Chore("forget old webhook events", timedelta(hours=1), lambda: _webhook_deliveries(of).prune(EVENTS_KEPT)),
    ]


def _life_watch(of: Services) -> list[Chore]:
    watch = SqlLifeWatch(of.engine)
    reach = ReachAdministrations(of.transactions, of.octopus)
    return [
        Chore(
            "keep idle integrations alive", timedelta(hours=1), KeepAuthorizationsAlive(watch, of.credentials, of.clock)
        ),
        Chore(
            "dismiss abandoned integrations", timedelta(minutes=5), DismissAbandonedIntegrations(watch, of.transactions)
        ),
        Chore("try dossiers that were out of reach", timedelta(hours=1), ReachAgain(watch, of.transactions, reach)),
    ]


def _scheduled_imports(of: Services) -> list[Chore]:
    schedule = import_schedule(of.settings)
    if schedule is None:
        return []
    start = StartImports(of.transactions, of.clock, uuid4, timedelta())
    maxima = {operation.label: operation.daily_maximum for operation in INDISPENSABLE}
    administrations = SqlScheduledAdministrations(of.engine, of.clock, maxima)
    imports = ScheduledImports(administrations, start, schedule, of.clock)
    return [Chore("queue scheduled imports", timedelta(seconds=10), imports)]


def import_schedule(settings: Settings) -> ImportSchedule | None:
    return ImportSchedule(settings.schedule) if settings.schedule else None


@contextmanager
def shared_metrics() -> Iterator[Callable[[str], Mapping[str, str]]]:
    """While it is open, this process and the children that are started with the environment it gives for their name
    count together, and the metrics page of any of them tells all. To be entered before anything is counted."""
    if FOLDER in os.environ:  # the operator has a folder, and names from process ids
        yield lambda part: {}
        return
    with TemporaryDirectory(prefix="monitr-metrics-") as folder:
        os.environ |= {FOLDER: folder, WRITER: "api"}
        try:
            yield lambda part: {WRITER: part}
        finally:
            for name in (FOLDER, WRITER):
                os.environ.pop(name, None)


def metrics_page(of: Services, *, with_figures: bool) -> Exposition:
    """What Prometheus reads of this process; with the figures of the database, which one process tells for all."""
    maxima = {operation.label: operation.daily_maximum for operation in Operation}
    return of.observability.exposition(
        SqlOperatingFigures(of.engine, of.clock, AGE_BOUNDS, maxima) if with_figures else None
    )


async def broker_trouble(settings: Settings) -> str | None:
    """None where the broker answers, else one sentence."""
    return await brokers.broker_trouble(_broker_url(settings))


async def octopus_trouble(settings: Settings) -> str | None:
    """None where Octopus's API answers at all (its version needs no token), else one sentence."""
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.get(f"{settings.octopus_api_url}/about/version")
    except httpx.HTTPError as error:
        return f"Octopus does not answer at {settings.octopus_api_url} ({type(error).__name__})."
    return f"Octopus answers with HTTP status {answer.status_code}." if answer.is_server_error else None


def _broker_url(settings: Settings) -> str | None:
    return settings.broker_url.get_secret_value() if settings.broker_url else None


async def worker_is_alive(database: str) -> bool:
    return await is_a_worker_on_duty(libpq_url(database))


async def organisation_of(of: Services, administration: AdministrationId) -> OrganisationId | None:
    return await owner_of(of.engine, administration)


def start_imports_at_once(of: Services) -> StartImports:
    """For operators, whom no cool-down holds up."""
    return StartImports(of.transactions, of.clock, uuid4, timedelta())


def development_token(settings: Settings, principal: Principal, life: timedelta) -> str:
    """Raises ValueError where no MONITR_AUTH_SECRET is set."""
    if settings.auth_secret is None:
        raise ValueError("MONITR_AUTH_SECRET is not set")
    secret = settings.auth_secret.get_secret_value()
    return sign(secret, principal, now(), life, settings.auth_issuer, settings.auth_audience)
