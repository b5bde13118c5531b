"""The repositories' own conditions: where row-level security does not stand behind them, they still know their own."""

import os
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.repositories.unit_of_work import SqlTransactions
from monitr.domain.organisation import OrganisationId
from tests.unit.fakes import MINE, NOON, a_run, an_administration, an_integration

CIPHER = AesGcmCipher([os.urandom(32)])


@pytest_asyncio.fixture
async def unguarded(fresh_database: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(fresh_database)
    async with engine.begin() as connection:
        for table in ("integration", "administration", "import_run"):
            await connection.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
    yield engine
    await engine.dispose()


async def test_another_organisations_rows_are_found_by_their_owner_only(unguarded: AsyncEngine) -> None:
    owner = OrganisationId(uuid4())
    integration = an_integration(organisation_id=owner)
    administration = an_administration(organisation_id=owner, integration_id=integration.id)
    run, before = a_run(administration), a_run(administration)
    transactions = SqlTransactions(unguarded, CIPHER, lambda: NOON)
    async with transactions(owner) as work:
        await work.integrations.save(integration)
        await work.administrations.save(administration)
        await work.imports.add(before)
        await work.imports.save(before.cancelled(NOON))
        await work.imports.add(run)
        await work.commit()

    async def found(by: OrganisationId) -> list[object]:
        async with transactions(by) as work:
            return [
                *await work.administrations.with_integration(by, [administration.id]),
                *await work.administrations.of_dossiers(by, [administration.dossier]),
                *await work.administrations.of_integration(by, integration.id),
                await work.administrations.find(by, administration.id),
                await work.integrations.find(by, integration.id),
                await work.imports.find(by, run.id),
                await work.imports.administration_of(by, run.id),
                await work.imports.active(administration.id),
                await work.imports.last_ended(administration.id),
            ]

    assert None not in await found(owner)
    assert await found(MINE) == [None] * 6
