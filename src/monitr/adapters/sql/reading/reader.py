"""The reader: all queries of one organisation in one read-only transaction."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database import tenancy
from monitr.adapters.sql.reading.audit import AuditQueries
from monitr.adapters.sql.reading.balances import BalanceQueries
from monitr.adapters.sql.reading.cards import CardQueries
from monitr.adapters.sql.reading.changes import ChangeQueries
from monitr.adapters.sql.reading.fixed_assets import FixedAssetQueries
from monitr.adapters.sql.reading.freshness import FreshnessQueries
from monitr.adapters.sql.reading.nodes import NodeQueries
from monitr.adapters.sql.reading.outstanding import OutstandingQueries
from monitr.adapters.sql.reading.snapshot import Snapshot
from monitr.adapters.sql.reading.statements import StatementQueries
from monitr.adapters.sql.reading.timeline import TimelineQueries
from monitr.adapters.sql.reading.transactions import TransactionQueries
from monitr.application.ports import Clock
from monitr.application.reading.ledger import Effort
from monitr.domain.brussels import brussels_day
from monitr.domain.import_run import ImportRun, ImportRunId
from monitr.domain.language import Language
from monitr.domain.organisation import AdministrationId, OrganisationId


class SqlReader(
    NodeQueries,
    CardQueries,
    ChangeQueries,
    TimelineQueries,
    TransactionQueries,
    BalanceQueries,
    StatementQueries,
    FreshnessQueries,
    OutstandingQueries,
    FixedAssetQueries,
    AuditQueries,
):
    """The port ``Reader``. Concurrent calls are served one after the other: they share a connection."""


@dataclass(frozen=True)
class SqlReaders:
    """The port ``Readers``. The clock tells which day it is in Brussels, for the open items.

    ``longest_statement``: PostgreSQL itself ends what took longer, where nobody is left who would cancel it; None: the
    engine's. ``longest_pause`` likewise, for whoever waits between two statements until rows are fetched.
    ``is_limited``: as ``Effort``.
    """

    engine: AsyncEngine
    clock: Clock
    longest_statement: timedelta | None = None
    longest_pause: timedelta | None = None
    is_limited: bool = True

    @cached_property
    def _reading(self) -> AsyncEngine:
        return tenancy.for_reading(self.engine)

    @asynccontextmanager
    async def __call__(
        self, organisation: OrganisationId, language: Language | None = None
    ) -> AsyncIterator[SqlReader]:
        """One round trip before the first query."""
        async with tenancy.reading(
            self._reading,
            organisation,
            longest_statement=self.longest_statement,
            longest_pause=self.longest_pause,
        ) as connection:
            today, effort = brussels_day(self.clock()), Effort(self.is_limited)
            yield SqlReader(Snapshot(connection, organisation, today, effort, language))


@dataclass(frozen=True, slots=True)
class SqlProgress:
    """The port ``Progress``: a transaction for each look, so that none stays open while nothing happens."""

    readers: SqlReaders

    async def latest(self, organisation: OrganisationId, id: AdministrationId) -> ImportRun | None:
        async with self.readers(organisation) as reader:
            return (await reader.last_imports([id])).get(id)

    async def run(self, organisation: OrganisationId, id: ImportRunId) -> ImportRun | None:
        async with self.readers(organisation) as reader:
            return await reader.import_run(id)

    async def under_way(self, organisation: OrganisationId, also: Collection[ImportRunId]) -> Sequence[ImportRun]:
        async with self.readers(organisation) as reader:
            return await reader.runs_under_way(also)
