"""A worker on duty: a lock shared by all workers of a database shows everybody that one is alive.

PostgreSQL ends a session's advisory lock with the session, so a worker that was killed is not taken for alive.
"""

import asyncio

import psycopg
import structlog

logger = structlog.get_logger(__name__)

DUTY_LOCK = 7_044_715_511_960_153
"""Any number that no other advisory lock of this program has."""
_RECONNECT_SECONDS = 2.0
_CONNECT_TIMEOUT_SECONDS = 10


async def on_duty(database: str) -> None:
    """Until cancelled. ``database`` is an address for libpq."""
    while True:
        try:
            await _hold_the_lock(database)
        except psycopg.Error as error:
            logger.warning("duty_connection_lost", error=type(error).__name__)
        await asyncio.sleep(_RECONNECT_SECONDS)


async def _hold_the_lock(database: str) -> None:
    async with await _connect(database, "monitr-duty") as connection:
        await connection.execute("SELECT pg_advisory_lock_shared(%s)", [DUTY_LOCK])
        async for _ in connection.notifies():  # listens to nothing: it waits until the connection breaks
            pass


async def is_a_worker_on_duty(database: str) -> bool:
    """Whether any worker of this database is alive. The exclusive lock is to be had only where nobody shares it."""
    async with await _connect(database, "monitr") as connection:
        row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", [DUTY_LOCK])).fetchone()
        return row is not None and not row[0]


async def _connect(database: str, name: str) -> psycopg.AsyncConnection[tuple[object, ...]]:
    return await psycopg.AsyncConnection.connect(
        database, autocommit=True, application_name=name, connect_timeout=_CONNECT_TIMEOUT_SECONDS
    )
