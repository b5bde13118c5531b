"""What ``monitr demo`` does beside serving."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import httpx

from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.work.quota import SqlQuota
from monitr.bootstrap.demonstration import forget_calls_with
from monitr.bootstrap.ports import now
from monitr.domain.administration import DossierNumber
from monitr.domain.integration import IntegrationId
from octopus_sandbox.testing import SandboxServer

INTEGRATION, DOSSIER = IntegrationId(uuid4()), DossierNumber(49001)


async def test_where_the_sandbox_forgets_todays_calls_the_program_forgets_those_that_octopus_refused(
    fresh_database: str,
) -> None:
    engine = create_engine(fresh_database)
    quota = SqlQuota(engine, now)
    with SandboxServer() as sandbox:
        following = asyncio.create_task(forget_calls_with(sandbox.url, fresh_database))
        await quota.stop(INTEGRATION, DOSSIER, "accounts")
        assert await quota.left(INTEGRATION, DOSSIER, "accounts", 2) == 0
        async with asyncio.timeout(30), httpx.AsyncClient(base_url=sandbox.url) as page:
            while not await quota.left(INTEGRATION, DOSSIER, "accounts", 2):
                await page.post("/sandbox", data={"action": "reset-quota"})  # pressed until it has been seen once
                await asyncio.sleep(0.1)
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
    await engine.dispose()
