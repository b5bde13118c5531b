"""What ``monitr demo`` does beside serving."""

import asyncio
from contextlib import suppress

import httpx

from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.work.quota import SqlQuota
from monitr.bootstrap.ports import QUICKLY, now

SECONDS = 1.0
"""Between two looks at the sandbox."""


async def forget_calls_with(sandbox_url: str, database: str) -> None:
    """Until cancelled: where the sandbox is told to forget today's calls, the program forgets those that it has kept,
    and that Octopus refused more of them. Otherwise the one would go on and the other would not."""
    engine = create_engine(
        database, application_name="monitr-demo", statement_timeout=QUICKLY, idle_in_transaction_timeout=QUICKLY
    )
    known: int | None = None
    try:
        async with httpx.AsyncClient(base_url=sandbox_url) as client:
            while True:
                with suppress(httpx.HTTPError, ValueError, KeyError):
                    forgotten = int((await client.get("/sandbox/quota")).json()["forgotten"])
                    if known is not None and forgotten > known:
                        await SqlQuota(engine, now).forget()
                    known = forgotten
                await asyncio.sleep(SECONDS)
    finally:
        await engine.dispose()
