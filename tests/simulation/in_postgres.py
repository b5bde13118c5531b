"""The program as it is: every adapter real, on a database of the simulation's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.jobs.chores import Chore
from monitr.adapters.jobs.heartbeat import Heartbeat
from monitr.adapters.jobs.workshop import WorkOnRun, Workshop
from monitr.adapters.sql.work.jobs import Topic
from monitr.adapters.sql.work.observed_runs import SqlObservedRuns
from monitr.adapters.sql.work.outbox import Message, Outbox
from monitr.application.ports import Claim, Clock
from monitr.bootstrap.ports import Ports, open_ports
from monitr.bootstrap.scheduler import scheduler_chores
from monitr.bootstrap.worker import import_dossier, worker
from tests.simulation.database import Database
from tests.simulation.house import HouseOfPorts
from tests.simulation.processes import Killed, Process
from tests.simulation.tables import Tables

SELDOM = timedelta(hours=6)
"""The workshop's own sweep; the alarm comes before it."""


@dataclass(slots=True)
class InPostgres:
    """The port ``Storage``."""

    database: Database

    @property
    def tables(self) -> Tables:
        return self.database

    @property
    def statements(self) -> int:
        return self.database.statements

    @asynccontextmanager
    async def open(self, process: Process) -> AsyncIterator["SqlHouse"]:
        around = process.around
        async with open_ports(
            around.settings, self.database.url, process.name, clock=around.ours, to_octopus=process.wire
        ) as of:
            self._watch(process, of.engine)
            yield SqlHouse(of, self.database, around.present)

    def tidy(self) -> None:
        """PostgreSQL has its indexes."""

    def _watch(self, process: Process, engine: AsyncEngine) -> None:
        engine.sync_engine.pool._pre_ping = False  # this server stays

        @event.listens_for(engine.sync_engine, "connect")
        def connected(connection: Any, record: object) -> None:
            session = connection.driver_connection.pgconn
            self.database.knows(session.socket, session.backend_pid)

        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def executes(*about: object) -> None:
            if process.is_dead:
                raise Killed
            self.database.statements += 1
            self.database.show(process.around.present())

        @event.listens_for(engine.sync_engine, "commit")
        def commits(connection: object) -> None:
            process.effect("a commit")


@dataclass(slots=True)
class SqlHouse(HouseOfPorts):
    """The port ``House``."""

    of: Ports
    database: Database
    present: Clock

    def chores(self) -> list[Chore]:
        return scheduler_chores(self.of)

    def bench(self, work_on: WorkOnRun) -> "SqlBench":
        return SqlBench(self, work_on)


class SqlBench:
    """The port ``Bench``."""

    def __init__(self, house: SqlHouse, work_on: WorkOnRun) -> None:
        of = house.of

        async def make_way(claim: Claim) -> bool:
            return await self.workshop.should_make_way(claim)

        parts = worker(of, work_on=work_on, sweep_every=SELDOM)
        self.workshop: Workshop = parts.workshop
        self.importing: WorkOnRun = import_dossier(of, make_way, of.observability.imports(SqlObservedRuns(of.engine)))
        self._heartbeat: Heartbeat = parts.heartbeat
        self._house = house
        self._outbox = Outbox(of.engine)

    def beat(self) -> None:
        self._house.database.show(self._house.present())
        self._heartbeat.beat()

    async def relay(self) -> None:
        while await self._outbox.publish_pending(self._pass_on):
            pass

    async def _pass_on(self, message: Message) -> None:
        if message.topic == Topic.IMPORT:
            await self.workshop.take_up()
