"""A user, the background chores and Octopus, acting on the whole back end: real OAuth, HTTP and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from returns.result import Result
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tables import IMPORTED_TABLES, metadata
from monitr.adapters.sql.reading.reader import SqlReaders
from monitr.adapters.sql.work.leases import SqlLeases
from monitr.adapters.sql.work.life_watch import SqlLifeWatch
from monitr.adapters.sql.work.purgeable_administrations import SqlPurgeableAdministrations
from monitr.application.chores.abandoned_integrations import DismissAbandonedIntegrations
from monitr.application.chores.keep_authorizations_alive import KeepAuthorizationsAlive
from monitr.application.chores.purge_administrations import PurgeAdministrations
from monitr.application.chores.reach_administrations import ReachAdministrations, ReachAgain
from monitr.application.chores.sweep_authorizations import SweepAuthorizations
from monitr.application.complete_authorization import CompleteAuthorization, Connected
from monitr.application.connect_integration import ConnectIntegration
from monitr.application.delete_integration import DeleteIntegration
from monitr.application.reading.import_history import RecordedEvent
from monitr.application.reconnect import Reconnect
from monitr.application.remove_administration import RemoveAdministration
from monitr.application.return_addresses import ReturnAddresses
from monitr.application.select_administrations import SelectAdministrations
from monitr.application.start_authorization import RoundRefused, StartAuthorization
from monitr.application.start_imports import StartImports
from monitr.domain.administration import Administration
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId
from octopus_sandbox import SandboxSettings
from octopus_sandbox.testing import SandboxServer
from tests.integration.importing.world import HOME, World, a_world

RETENTION = timedelta(days=30)
SMALL = SandboxSettings(lines=60, bookyears=1, dossiers=3)
"""What happens to a dossier does not depend on what is booked in it."""
TOKENS_END = timedelta(minutes=11)
"""Access and dossier tokens live ten minutes; what is cached of them is of no use after that."""


def _secret() -> str:
    return uuid4().hex


@dataclass(frozen=True, slots=True)
class AtOctopus:
    """A browser that comes back from Octopus with a code."""

    integration: IntegrationId
    state: str
    code: str
    browser: str


class Life:
    """The use cases of one organisation; the clocks of Monitr and of Octopus are one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.octopus = world.sandbox
        transactions, clock, login = world.transactions, world.clock, world.adapter.login
        addresses = ReturnAddresses(HOME, frozenset())
        self.principal = world.principal
        self.connect = ConnectIntegration(transactions, login, addresses, clock, uuid4, _secret)
        self.reconnect = Reconnect(transactions, login, addresses, clock, uuid4, _secret)
        self.start = StartAuthorization(transactions, login, clock, _secret)
        self.complete = CompleteAuthorization(transactions, login, world.octopus, clock)
        self.select_administrations = SelectAdministrations(transactions, world.octopus, clock, uuid4)
        self.remove_administration = RemoveAdministration(transactions, clock, RETENTION)
        self.delete_integration = DeleteIntegration(transactions, clock, RETENTION)
        self.start_imports = StartImports(transactions, clock, uuid4, timedelta())
        self.purge = PurgeAdministrations(SqlPurgeableAdministrations(world.engine), clock)
        self.sweep = SweepAuthorizations(transactions, clock)
        watch = SqlLifeWatch(world.engine)
        self.keep_alive = KeepAuthorizationsAlive(watch.idle, world.credentials, clock)
        self.dismiss = DismissAbandonedIntegrations(watch.abandoned, transactions)
        self.reach_again = ReachAgain(
            watch.unreachable, transactions, ReachAdministrations(transactions, world.octopus)
        )
        self.leases = SqlLeases(world.engine)
        self.readers = SqlReaders(world.engine, clock)

    # --- what a user does -----------------------------------------------------------------------------------------

    async def at_octopus(
        self, again: IntegrationId | None = None, *, user: str = "demo", accept_different_account: bool = False
    ) -> AtOctopus:
        """Add, or reconnect ``again``; log in at Octopus and authorise."""
        if again is None:
            asked = (await self.connect(self.principal, None)).unwrap()
        else:
            reconnecting = self.reconnect(
                self.principal, again, None, accept_different_account=accept_different_account
            )
            asked = (await reconnecting).unwrap()
        started = (await self.start(asked.ticket, None)).unwrap()
        callback = parse_qs(urlsplit(self.octopus.authorise(started.authorize_url, user=user)).query)
        return AtOctopus(asked.integration.id, callback["state"][0], callback["code"][0], started.browser)

    async def back(self, from_octopus: AtOctopus) -> Result[Connected, RoundRefused]:
        return await self.complete(from_octopus.state, from_octopus.code, from_octopus.browser)

    async def connected(self, user: str = "demo") -> IntegrationId:
        return (await self.back(await self.at_octopus(user=user))).unwrap().integration_id

    async def reconnected(
        self, id: IntegrationId, user: str = "demo", *, accept_different_account: bool = False
    ) -> Result[Connected, RoundRefused]:
        return await self.back(await self.at_octopus(id, user=user, accept_different_account=accept_different_account))

    async def selected(self, integration: IntegrationId, *numbers: int) -> Sequence[Administration]:
        return (await self.select_administrations(self.principal, integration, numbers)).unwrap()

    async def imported(self, integration: IntegrationId, number: int = 49001) -> Administration:
        """Selected, and imported once."""
        (selected,) = await self.selected(integration, number)
        await self.world.work(selected.id)
        return await self.world.administration(selected.id)

    async def removed(self, id: AdministrationId, *, purge: bool = False) -> None:
        (await self.remove_administration(self.principal, id, purge=purge)).unwrap()

    # --- what is there afterwards ---------------------------------------------------------------------------------

    async def integration(self, id: IntegrationId) -> Integration:
        async with self.world.transactions(self.world.organisation) as work:
            found = await work.integrations.find(self.world.organisation, id)
        assert found is not None
        return found

    async def administration(self, id: AdministrationId) -> Administration:
        return await self.world.administration(id)

    async def cards(self) -> dict[IntegrationId, list[AdministrationId]]:
        """What the Integrations page shows."""
        async with self.readers(self.world.organisation) as reader:
            integrations = [integration.id for integration in await reader.integrations()]
            found = await reader.administrations_of(integrations)
        return {id: [administration.id for administration in found[id]] for id in integrations}

    async def timeline(self, id: IntegrationId | AdministrationId) -> list[RecordedEvent]:
        """Oldest first."""
        async with self.readers(self.world.organisation) as reader:
            return list((await reader.timeline(id, 500, None)).rows)[::-1]

    async def story(self, id: IntegrationId | AdministrationId) -> list[str]:
        return [recorded.event.what.value for recorded in await self.timeline(id)]

    async def runs(self, id: AdministrationId) -> list[tuple[str, str, str]]:
        """Mode, trigger and status of each, oldest first."""
        rows = await self.world.rows(
            "SELECT mode, trigger, status FROM import_run WHERE administration_id = :id ORDER BY queued_at", id=id
        )
        return [(str(mode), str(trigger), str(status)) for mode, trigger, status in rows]

    async def rows_of(self, id: AdministrationId) -> dict[str, int]:
        """How many rows of imported data it has, by table; tables without any are left out."""
        counts = {}
        for table in IMPORTED_TABLES:
            query = f"SELECT count(*) FROM {table.name} WHERE administration_id = :id"
            ((counts[table.name],),) = await self.world.rows(query, id=id)
        return {name: int(str(count)) for name, count in counts.items() if count}

    async def hashes(self, *leave_out: str) -> dict[str, str]:
        """Row count and content of every table, all organisations; ``leave_out`` names tables and table.columns."""
        hashes = {}
        async with self.world.engine.connect() as connection:  # as the login, which passes every policy
            for table in metadata.sorted_tables:
                if table.name in leave_out:
                    continue
                columns = [c.name for c in table.columns if f"{table.name}.{c.name}" not in leave_out]
                row = f"md5(ROW({', '.join(f't.{name}' for name in columns)})::text)"
                query = f"SELECT count(*) || ' ' || coalesce(md5(string_agg({row}, '' ORDER BY {row})), '')"
                hashes[table.name] = str((await connection.execute(text(f"{query} FROM {table.name} t"))).scalar_one())
        return hashes

    def pass_by(self, time: timedelta) -> None:
        self.octopus.clock.advance(time)


async def until(happened: Callable[[], object], task: "asyncio.Task[Any]") -> None:
    """Wait for something that the task causes; a task that has failed is not waited for."""
    async with asyncio.timeout(20):
        while not happened():
            await asyncio.sleep(0.01)  # what is waited for happens in another thread
            if task.done():
                await task


@asynccontextmanager
async def a_life(engine: AsyncEngine, settings: SandboxSettings = SMALL, **switches: object) -> AsyncIterator[Life]:
    """With an Octopus of its own."""
    with SandboxServer(settings) as sandbox:
        sandbox.switch(**switches)
        async with a_world(engine, sandbox, sandbox.clock.now) as world:
            yield Life(world)
