"""The other side of ``jobs.py``: what committed transactions have left to be published, and the news of it.

A message is published at least once: a relay that dies between publishing and noting it publishes again. Several
relays may run; each row is in the hands of one.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.engine import libpq_url
from monitr.adapters.sql.database.tables import outbox
from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.work.jobs import CHANNEL


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    """One of ``jobs.Topic``, or of a newer program's."""
    payload: Mapping[str, str]


Publish = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Outbox:
    engine: AsyncEngine

    async def publish_pending(self, publish: Publish, limit: int = 100) -> int:
        """Publish what is due, oldest first, and return how much that was.

        Where ``publish`` raises, that message and those after it stay for the next time, and the error goes on.
        """
        async with transaction(self.engine, None) as connection:
            pending = await connection.execute(
                select(outbox.c.id, outbox.c.topic, outbox.c.payload)
                .where(outbox.c.published_at.is_(None))
                .where(or_(outbox.c.not_before.is_(None), outbox.c.not_before <= func.now()))
                .order_by(outbox.c.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            published: list[int] = []
            failure: Exception | None = None
            for id, topic, payload in pending.all():
                try:
                    await publish(Message(topic, payload))
                except Exception as error:  # whatever the broker raises, what went out before is noted first
                    failure = error
                    break
                published.append(id)
            if published:
                noted = update(outbox).where(outbox.c.id.in_(published)).values(published_at=func.clock_timestamp())
                await connection.execute(noted)
        if failure is not None:
            raise failure
        return len(published)

    async def prune(self, older_than: timedelta) -> int:
        """Forget what was published longer ago than that; how many rows that were."""
        old = delete(outbox).where(outbox.c.published_at < func.now() - older_than)
        async with transaction(self.engine, None) as connection:
            return (await connection.execute(old)).rowcount


class OutboxBell:
    """Rings when a commit has left something to publish. Listen before looking into the outbox, so that nothing falls
    between the two; a bell that lost its connection raises psycopg.Error, and the next wait connects again."""

    def __init__(self, url: str) -> None:
        self._url = libpq_url(url)
        self._connection: psycopg.AsyncConnection[tuple[object, ...]] | None = None

    async def listen(self) -> None:
        """From here on every commit rings; done by ``wait`` too."""
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url, autocommit=True, connect_timeout=10, application_name="monitr-outbox"
            )
            await self._connection.execute(f"LISTEN {CHANNEL}")

    async def wait(self, at_most: timedelta) -> bool:
        """True as soon as it has rung since the last wait, False after ``at_most``."""
        try:
            await self.listen()
            assert self._connection is not None
            ringing = self._connection.notifies(timeout=at_most.total_seconds(), stop_after=1)
            return len([notify async for notify in ringing]) > 0
        except psycopg.Error:
            await self.close()
            raise

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
