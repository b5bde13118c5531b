"""Each contract test runs twice: against the fakes of the unit tests, and against PostgreSQL."""

import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.database.tables import outbox
from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.repositories.credentials import SqlCredentials
from monitr.adapters.sql.repositories.unit_of_work import SqlTransactions
from monitr.adapters.sql.work.jobs import Topic
from monitr.adapters.sql.work.leases import SqlLeases
from monitr.adapters.sql.work.quota import SqlQuota
from monitr.application.octopus import AuthorizationRejected, Credentials, Quota
from monitr.application.ports import Clock, Leases, Transactions
from monitr.domain.authorization import Tokens
from monitr.domain.import_run import ImportRunId
from monitr.domain.organisation import AdministrationId
from tests.integration.reading.stored_books import Place
from tests.unit.fakes import FakeCredentials, FakeLeases, FakeQuota, FakeTransactions


class World(Protocol):
    """The ports over one database, and what a test wants to see of it."""

    @property
    def transactions(self) -> Transactions: ...

    @property
    def leases(self) -> Leases: ...

    def calls(self, clock: Clock) -> Quota: ...

    def credentials(self, refreshed: list[Tokens]) -> Credentials:
        """``refreshed`` are Octopus's next answers to a refresh; when there are no more, it refuses."""
        ...

    async def import_bookyears(self, id: AdministrationId, numbers: Sequence[int]) -> None: ...

    async def wake_ups(self) -> list[ImportRunId]: ...

    async def purges(self) -> list[tuple[AdministrationId, datetime | None]]: ...


def now() -> datetime:
    return datetime.now(UTC)


class FakeWorld:
    def __init__(self) -> None:
        self.transactions = FakeTransactions()
        self.leases = FakeLeases(self.transactions, now)

    def calls(self, clock: Clock) -> Quota:
        return FakeQuota(clock)

    def credentials(self, refreshed: list[Tokens]) -> Credentials:
        return FakeCredentials(self.transactions, refreshed)

    async def import_bookyears(self, id: AdministrationId, numbers: Sequence[int]) -> None:
        self.transactions.bookyears[id] = {*numbers}

    async def wake_ups(self) -> list[ImportRunId]:
        return self.transactions.wake_ups

    async def purges(self) -> list[tuple[AdministrationId, datetime | None]]:
        return [*self.transactions.purges]


@dataclass
class SqlWorld:
    engine: AsyncEngine

    def __post_init__(self) -> None:
        self.cipher = AesGcmCipher([os.urandom(32)])
        self.transactions = SqlTransactions(self.engine, self.cipher, now)
        self.leases = SqlLeases(self.engine)

    def calls(self, clock: Clock) -> Quota:
        return SqlQuota(self.engine, clock)

    def credentials(self, refreshed: list[Tokens]) -> Credentials:
        async def refresh(refresh_token: str) -> Tokens:
            if not refreshed:
                raise AuthorizationRejected("invalid_grant")
            return refreshed.pop(0)

        return SqlCredentials(self.engine, self.cipher, now, refresh)

    async def import_bookyears(self, id: AdministrationId, numbers: Sequence[int]) -> None:
        await Place(self.engine).bookyears(id, dict.fromkeys(numbers, (date(2026, 1, 1), date(2026, 12, 31))))

    async def wake_ups(self) -> list[ImportRunId]:
        async with transaction(self.engine, None) as connection:
            query = select(outbox.c.payload).where(outbox.c.topic == Topic.IMPORT.value).order_by(outbox.c.id)
            return [ImportRunId(UUID(row.payload["run_id"])) for row in await connection.execute(query)]

    async def purges(self) -> list[tuple[AdministrationId, datetime | None]]:
        async with transaction(self.engine, None) as connection:
            query = select(outbox).where(outbox.c.topic == Topic.PURGE.value).order_by(outbox.c.id)
            rows = (await connection.execute(query)).all()
            return [(AdministrationId(UUID(row.payload["administration_id"])), row.not_before) for row in rows]


@pytest_asyncio.fixture(params=["fake", "postgresql"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "fake":
        yield FakeWorld()
        return
    engine = create_engine(request.getfixturevalue("fresh_database"), pool_size=20)
    yield SqlWorld(engine)
    await engine.dispose()
