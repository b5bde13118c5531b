"""The ports of one process: which adapter serves which."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.observability.context import queued
from monitr.adapters.observability.observability import Observability
from monitr.adapters.observability.octopus_requests import OctopusRequests
from monitr.adapters.octopus.adapter import OctopusAdapter
from monitr.adapters.octopus.operations import DAILY_MAXIMA
from monitr.adapters.octopus.settings import OctopusSettings
from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.reading.reader import SqlProgress, SqlReaders
from monitr.adapters.sql.reading.run_changes import SqlRunChanges
from monitr.adapters.sql.repositories.credentials import SqlCredentials
from monitr.adapters.sql.repositories.unit_of_work import SqlTransactions
from monitr.adapters.sql.work.quota import SqlQuota
from monitr.application.octopus import Credentials, Octopus, OctopusLogin
from monitr.application.ports import Clock, Transactions
from monitr.application.reading.progress import Progress, RunChanges
from monitr.application.reading.quota import DailyMaximum
from monitr.application.reading.reader import Readers
from monitr.installation import encryption_keys
from monitr.settings import Settings

QUICKLY = timedelta(seconds=30)
"""The longest statement in the name of a person who waits."""


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one process, for the event loop that opened them."""

    settings: Settings
    database: str = field(repr=False)
    engine: AsyncEngine
    clock: Clock
    transactions: Transactions
    readers: Readers
    progress: Progress
    run_changes: RunChanges
    login: OctopusLogin
    octopus: Octopus
    credentials: Credentials
    calls: SqlQuota
    observability: Observability

    @property
    def daily_maxima(self) -> Sequence[DailyMaximum]:
        """Octopus's, of what is asked about a dossier."""
        return DAILY_MAXIMA

    @property
    def changes_remembered(self) -> timedelta:
        """By Octopus."""
        return timedelta(days=self.settings.changes_remembered_days)


@asynccontextmanager
async def open_ports(
    settings: Settings,
    database: str,
    part: str,
    *,
    longest_statement: timedelta = timedelta(minutes=10),
    longest_pause: timedelta = timedelta(minutes=15),
    clock: Clock = now,
    to_octopus: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[Ports]:
    """Open for as long as the context is. ``part`` names the process in PostgreSQL's list of sessions.

    ``longest_pause``: within a transaction; a worker's waits for the rest of an answer of Octopus. ``to_octopus``: the
    way there; None is the network.
    """
    observability = Observability.open(part)
    requests = OctopusRequests(observability.metrics, observability.tracing)
    engine = create_engine(
        database,
        application_name=f"monitr-{part}",
        statement_timeout=longest_statement,
        idle_in_transaction_timeout=longest_pause,
    )
    cipher = AesGcmCipher(encryption_keys(settings))
    calls = SqlQuota(engine, clock)
    # a second later than the deadline, which tells the caller in words
    readers = SqlReaders(engine, clock, timedelta(seconds=settings.request_deadline + 1))
    async with OctopusAdapter(_octopus_settings(settings), clock, requests.finished, transport=to_octopus) as adapter:
        credentials = SqlCredentials(engine, cipher, clock, requests.refreshing(adapter.login.refresh))
        octopus = adapter.octopus(credentials, calls)
        try:
            yield Ports(
                settings,
                database,
                engine,
                clock,
                SqlTransactions(engine, cipher, clock, partial(queued, observability.tracing)),
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
            await asyncio.to_thread(observability.tracing.close)


def _octopus_settings(settings: Settings) -> OctopusSettings:
    secret = settings.octopus_client_secret
    return OctopusSettings(
        redirect_uri=settings.oauth_callback_url,
        client_id=settings.octopus_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        api_url=settings.octopus_api_url,
        authorize_url=settings.octopus_authorize_url,
        token_url=settings.octopus_token_url,
        issuer=settings.octopus_issuer,
        pkce=settings.octopus_pkce,
        daily_limits=settings.octopus_daily_limits,
    )
