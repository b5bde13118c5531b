"""What committed transactions leave in the outbox is published, at least once."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.repositories.unit_of_work import SqlTransactions
from monitr.adapters.sql.work.outbox import Message, Outbox, OutboxBell
from monitr.domain.organisation import AdministrationId
from tests.unit.fakes import MINE, a_run

SECOND = timedelta(seconds=1)


class Broker:
    def __init__(self, down_after: int = 1000) -> None:
        self.down_after = down_after
        self.messages: list[Message] = []

    async def publish(self, message: Message) -> None:
        await asyncio.sleep(0.01)
        if len(self.messages) >= self.down_after:
            raise ConnectionError("the broker is away")
        self.messages.append(message)

    @property
    def runs(self) -> list[str]:
        return [message.payload["run_id"] for message in self.messages]


async def queue(engine: AsyncEngine, runs: int = 1) -> list[str]:
    ids = []
    for _ in range(runs):
        run = a_run()
        async with SqlTransactions(engine, AesGcmCipher([os.urandom(32)]), lambda: datetime.now(UTC))(MINE) as work:
            await work.imports.add(run)
            await work.commit()
        ids.append(str(run.id))
    return ids


async def purge(engine: AsyncEngine, not_before: datetime) -> None:
    async with SqlTransactions(engine, AesGcmCipher([os.urandom(32)]), lambda: datetime.now(UTC))(MINE) as work:
        await work.jobs.purge(AdministrationId(uuid4()), not_before)
        await work.commit()


async def test_messages_are_published_once_in_the_order_of_their_commits(own_engine: AsyncEngine) -> None:
    runs, broker, outbox = await queue(own_engine, 3), Broker(), Outbox(own_engine)

    assert [await outbox.publish_pending(broker.publish, limit=2) for _ in range(3)] == [2, 1, 0]
    assert broker.runs == runs
    assert {message.topic for message in broker.messages} == {"import"}


async def test_two_relays_do_not_publish_the_same_message(own_engine: AsyncEngine) -> None:
    runs, broker, outbox = await queue(own_engine, 6), Broker(), Outbox(own_engine)

    await asyncio.gather(*(outbox.publish_pending(broker.publish, limit=3) for _ in range(2)))

    assert sorted(broker.runs) == sorted(runs)


async def test_what_the_broker_did_not_take_is_published_later_and_the_rest_not_again(own_engine: AsyncEngine) -> None:
    runs, broker, outbox = await queue(own_engine, 3), Broker(down_after=1), Outbox(own_engine)
    with pytest.raises(ConnectionError):
        await outbox.publish_pending(broker.publish)
    broker.down_after = 1000

    await outbox.publish_pending(broker.publish)

    assert broker.runs == runs


async def test_a_job_for_later_is_published_when_its_time_has_come(own_engine: AsyncEngine) -> None:
    now, broker, outbox = datetime.now(UTC), Broker(), Outbox(own_engine)
    await purge(own_engine, now + timedelta(days=30))
    await purge(own_engine, now - SECOND)

    assert await outbox.publish_pending(broker.publish) == 1


async def test_only_what_was_published_long_ago_is_pruned(own_engine: AsyncEngine) -> None:
    await queue(own_engine, 2)
    outbox, broker = Outbox(own_engine), Broker()
    await outbox.publish_pending(broker.publish, limit=1)

    assert await outbox.prune(timedelta(hours=1)) == 0
    assert await outbox.prune(-SECOND) == 1
    assert await outbox.publish_pending(broker.publish) == 1


async def test_a_commit_rings_the_bell_and_quiet_lets_it_time_out(own_engine: AsyncEngine, fresh_database: str) -> None:
    bell = OutboxBell(fresh_database)
    await bell.listen()
    quiet = await bell.wait(timedelta(seconds=0.1))
    await queue(own_engine)

    assert (quiet, await bell.wait(timedelta(seconds=10))) == (False, True)
    await bell.close()


async def test_a_commit_between_two_waits_is_not_missed(own_engine: AsyncEngine, fresh_database: str) -> None:
    bell = OutboxBell(fresh_database)
    await bell.wait(timedelta())
    await queue(own_engine)
    await asyncio.sleep(0.1)

    assert await bell.wait(timedelta())
    await bell.close()


async def test_the_bell_is_heard_where_the_address_has_options_with_spaces(
    own_engine: AsyncEngine, fresh_database: str
) -> None:
    mark = "&" if "?" in fresh_database else "?"
    bell = OutboxBell(f"{fresh_database}{mark}options=-c%20statement_timeout%3D60000")
    await bell.listen()
    await queue(own_engine)

    assert await bell.wait(timedelta(seconds=10))
    await bell.close()
