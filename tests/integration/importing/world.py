"""The whole back end against the sandbox: real OAuth, real HTTP, real PostgreSQL; only the clock may be a test's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.octopus.adapter import OctopusAdapter
from monitr.adapters.octopus.client import OnRequest
from monitr.adapters.octopus.settings import OctopusSettings
from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.importing.import_store import open_import_store
from monitr.adapters.sql.repositories.credentials import SqlCredentials
from monitr.adapters.sql.repositories.unit_of_work import SqlTransactions
from monitr.application.complete_authorization import CompleteAuthorization
from monitr.application.connect_integration import ConnectIntegration
from monitr.application.importing.import_dossier import ImportDossier
from monitr.application.importing.ports import ImportStore
from monitr.application.octopus import Octopus, Quota
from monitr.application.ports import Claim
from monitr.application.return_addresses import ReturnAddresses
from monitr.application.select_administrations import SelectAdministrations
from monitr.application.start_authorization import StartAuthorization
from monitr.application.start_imports import StartImports
from monitr.domain.administration import Administration
from monitr.domain.import_run import ImportMode, ImportRun, ImportRunId, ImportTrigger
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Principal, Role
from octopus_sandbox.testing import SandboxServer
from tests.unit.fakes import FakeQuota

HOME = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class HeldRun:
    """A claim, as the leases give it."""

    run_id: ImportRunId
    organisation_id: OrganisationId
    fence: int
    attempt: int


@dataclass(slots=True)
class World:
    engine: AsyncEngine
    sandbox: SandboxServer
    adapter: OctopusAdapter
    clock: Callable[[], datetime]
    counter: Quota
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    principal: Principal = field(
        default_factory=lambda: Principal(
            OrganisationId(uuid4()), "anna@example.test", frozenset({Role.ORGANISATION_ADMIN})
        )
    )
    cipher: AesGcmCipher = field(default_factory=lambda: AesGcmCipher([bytes(range(32))]))

    def __post_init__(self) -> None:
        self.transactions = SqlTransactions(self.engine, self.cipher, self.clock)
        self.credentials = SqlCredentials(self.engine, self.cipher, self.clock, self.adapter.login.refresh)
        self.octopus = self.adapter.octopus(self.credentials, self.counter)

    transactions: SqlTransactions = field(init=False)
    credentials: SqlCredentials = field(init=False)
    octopus: Octopus = field(init=False)

    @property
    def organisation(self) -> OrganisationId:
        return self.principal.organisation

    async def connect(self, user: str = "demo") -> IntegrationId:
        """Add Octopus, log in there, authorise, and come back."""
        secrets = lambda: uuid4().hex  # noqa: E731
        addresses = ReturnAddresses(HOME, frozenset())
        connect = ConnectIntegration(self.transactions, self.adapter.login, addresses, self.clock, uuid4, secrets)
        asked = (await connect(self.principal, None)).unwrap()
        start = StartAuthorization(self.transactions, self.adapter.login, self.clock, secrets)
        started = (await start(asked.ticket, None)).unwrap()
        callback = parse_qs(urlsplit(self.sandbox.authorise(started.authorize_url, user=user)).query)
        complete = CompleteAuthorization(self.transactions, self.adapter.login, self.octopus, self.clock)
        connected = await complete(callback["state"][0], callback["code"][0], started.browser)
        return connected.unwrap().integration_id

    async def select(self, integration: IntegrationId, *numbers: int) -> Sequence[Administration]:
        select = SelectAdministrations(self.transactions, self.octopus, self.clock, uuid4)
        return (await select(self.principal, integration, list(numbers))).unwrap()

    async def sync(self, id: AdministrationId, mode: ImportMode = ImportMode.INCREMENTAL) -> ImportRun:
        await self.queue(id, mode)
        return await self.work(id)

    async def queue(
        self,
        id: AdministrationId,
        mode: ImportMode = ImportMode.INCREMENTAL,
        trigger: ImportTrigger = ImportTrigger.SYNC_NOW,
    ) -> None:
        start = StartImports(self.transactions, self.clock, uuid4, timedelta())
        (await start(self.principal, [id], mode, trigger)).unwrap()

    async def age_chunks(self, id: AdministrationId, age: timedelta) -> None:
        """The database's clock stamps what was read whole: as if that had been so long before the world's time."""
        async with transaction(self.engine, self.organisation) as connection:
            aged = text("UPDATE ledger_chunk SET read_at = :read_at WHERE administration_id = :id")
            await connection.execute(aged, {"id": id, "read_at": self.clock() - age})

    async def work(self, id: AdministrationId) -> ImportRun:
        """Do what a worker does with the active run of the administration, and return how it ended."""
        claim = await self.claim(id)
        await self.importer()(claim)
        return await self.run(claim.run_id)

    def importer(self) -> ImportDossier:
        return ImportDossier(self.transactions, self.octopus, self.open_store, self.clock, pause=self.pause)

    def open_store(self, claim: Claim, administration: Administration) -> ImportStore:
        return open_import_store(self.engine, claim, administration)

    async def claim(self, id: AdministrationId) -> HeldRun:
        async with transaction(self.engine, self.organisation) as connection:
            row = (
                await connection.execute(
                    text("""UPDATE import_run SET fence = fence + 1, attempt = attempt + 1
                            WHERE administration_id = :id AND status IN ('QUEUED', 'RUNNING', 'WAITING')
                            RETURNING id, fence, attempt"""),
                    {"id": id},
                )
            ).one()
        return HeldRun(ImportRunId(row.id), self.organisation, row.fence, row.attempt)

    async def run(self, id: ImportRunId) -> ImportRun:
        async with self.transactions(self.organisation) as work:
            run = await work.imports.find(self.organisation, id)
        assert run is not None
        return run

    async def administration(self, id: AdministrationId) -> Administration:
        async with self.transactions(self.organisation) as work:
            found = await work.administrations.find(self.organisation, id)
        assert found is not None
        return found

    async def rows(self, statement: str, **parameters: object) -> list[tuple[object, ...]]:
        async with transaction(self.engine, self.organisation, read_only=True) as connection:
            return [tuple(row) for row in await connection.execute(text(statement), parameters)]


@asynccontextmanager
async def a_world(
    engine: AsyncEngine,
    sandbox: SandboxServer,
    clock: Callable[[], datetime] | None = None,
    counter: Quota | None = None,
    *,
    daily_limits: bool = False,
    on_request: OnRequest = lambda operation, status, seconds: None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[World]:
    """``sleep`` is how everything waits that is tried again."""
    now = clock or (lambda: datetime.now(UTC))
    settings = OctopusSettings(
        redirect_uri=f"{HOME}/oauth/octopus/callback",
        client_id=sandbox.client_id,
        api_url=sandbox.api_url,
        authorize_url=sandbox.authorize_url,
        token_url=sandbox.token_url,
        daily_limits=daily_limits,
    )
    async with OctopusAdapter(settings, now, on_request, sleep) as adapter:
        yield World(engine, sandbox, adapter, now, counter or FakeQuota(now), sleep)


def checks(run: ImportRun) -> dict[str, tuple[str, str | None]]:
    """The checks of a run's verification that did not pass."""
    verified = run.verification.checks if run.verification else ()
    return {check.code.value: (check.status.value, check.detail) for check in verified if check.status != "PASSED"}
