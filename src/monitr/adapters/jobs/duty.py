"""A worker on duty: its standing connection hears of new work, and shows everybody that a worker is alive.

PostgreSQL ends a session's advisory lock with the session, so a worker that was killed is not taken for alive.
"""

import asyncio
from collections.abc import Callable

import psycopg
import structlog

logger = structlog.get_logger(__name__)

DUTY_LOCK = 0x6D6F6E697472  # "monitr": shared by all workers of a database
_RECONNECT_SECONDS = 2.0


async def on_duty(database: str, channel: str, heard: Callable[[], None]) -> None:
    """Until cancelled: ``heard`` is called for each notification on the channel, and after each (re)connection.

    ``database`` is an address for libpq.
    """
    while True:
        try:
            await _listen(database, channel, heard)
        except psycopg.Error as error:  # work is found by polling meanwhile
            logger.warning("duty_connection_lost", error=type(error).__name__)
        await asyncio.sleep(_RECONNECT_SECONDS)


async def _listen(database: str, channel: str, heard: Callable[[], None]) -> None:
    async with await psycopg.AsyncConnection.connect(
        database, autocommit=True, application_name="monitr worker", connect_timeout=10
    ) as connection:
        await connection.execute("SELECT pg_advisory_lock_shared(%s)", [DUTY_LOCK])
        await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
        heard()
        async for _ in connection.notifies():
            heard()


async def is_a_worker_on_duty(database: str) -> bool:
    """Whether any worker of this database is alive. The exclusive lock is to be had only where nobody shares it."""
    async with await psycopg.AsyncConnection.connect(database, autocommit=True, connect_timeout=10) as connection:
        cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", [DUTY_LOCK])
        row = await cursor.fetchone()
        return row is not None and not row[0]
