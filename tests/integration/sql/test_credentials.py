"""The promises of the stored tokens that only a real database can keep."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.database.tables import credential
from monitr.adapters.sql.repositories import credentials as module
from monitr.adapters.sql.repositories.credentials import SqlCredentials
from monitr.adapters.sql.repositories.unit_of_work import SqlTransactions
from monitr.application.octopus import AuthorizationRejected, OctopusUnavailable
from monitr.domain.authorization import REFRESH_TOKEN_LIFETIME, Tokens
from monitr.domain.integration import Integration, IntegrationId, IntegrationStatus
from tests.unit.fakes import MINE, NOON, an_integration

CIPHER = AesGcmCipher([os.urandom(32)])
SOON = NOON + timedelta(minutes=10)
DEADLINE = NOON + timedelta(days=10)


class Octopus:
    """Its token endpoint: rotates where ``rotates``, and answers once ``may_answer``, at once unless ``hesitates``."""

    def __init__(self, *, rotates: bool = True, hesitates: bool = False, fails: Exception | None = None) -> None:
        self.rotates, self.fails = rotates, fails
        self.asked_with: list[str] = []
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()
        self.lifetime = timedelta(minutes=10)
        if not hesitates:
            self.may_answer.set()

    async def refresh(self, refresh_token: str) -> Tokens:
        self.asked_with.append(refresh_token)
        self.asked.set()
        await self.may_answer.wait()
        await asyncio.sleep(0.02)
        if self.fails is not None:
            raise self.fails
        number = len(self.asked_with)
        return Tokens(f"access-{number}", SOON + self.lifetime, f"refresh-{number}" if self.rotates else None)


@pytest_asyncio.fixture
async def engines(fresh_database: str) -> AsyncIterator[list[AsyncEngine]]:
    """As two processes would have them."""
    engines = [create_engine(fresh_database, pool_size=5) for _ in range(2)]
    yield engines
    for engine in engines:
        await engine.dispose()


def transactions(engine: AsyncEngine, cipher: AesGcmCipher = CIPHER) -> SqlTransactions:
    return SqlTransactions(engine, cipher, lambda: NOON)


def credentials(engine: AsyncEngine, octopus: Octopus, at: datetime = SOON) -> SqlCredentials:
    return SqlCredentials(engine, CIPHER, lambda: at, octopus.refresh)


async def connected(engine: AsyncEngine, tokens: Tokens | None = None) -> IntegrationId:
    """With tokens of noon, that run out at ten past."""
    mine = an_integration(authorization_expires_at=DEADLINE)
    async with transactions(engine)(MINE) as work:
        await work.integrations.save(mine)
        await work.integrations.store_tokens(mine.id, tokens or Tokens("access-0", SOON, "refresh-0"), DEADLINE)
        await work.commit()
    return mine.id


async def integration(engine: AsyncEngine, id: IntegrationId) -> Integration:
    async with transactions(engine)(MINE) as work:
        found = await work.integrations.find(MINE, id)
    assert found is not None
    return found


async def test_fifty_callers_in_two_processes_make_one_refresh(engines: list[AsyncEngine]) -> None:
    id = await connected(engines[0])
    octopus = Octopus()
    processes = [credentials(engine, octopus) for engine in engines]

    tokens = await asyncio.gather(*(processes[number % 2].access_token(id) for number in range(50)))

    assert set(tokens) == {"access-1"}
    assert octopus.asked_with == ["refresh-0"]


async def test_a_refused_refresh_is_tried_once_by_fifty_callers_and_never_again(engines: list[AsyncEngine]) -> None:
    id = await connected(engines[0])
    octopus = Octopus(fails=AuthorizationRejected("invalid_grant"))
    processes = [credentials(engine, octopus) for engine in engines]

    outcomes = await asyncio.gather(
        *(processes[number % 2].access_token(id) for number in range(50)), return_exceptions=True
    )

    assert {type(outcome) for outcome in outcomes} == {AuthorizationRejected}
    assert octopus.asked_with == ["refresh-0"]
    assert (await integration(engines[0], id)).status is IntegrationStatus.RECONNECT_REQUIRED


async def test_a_network_failure_changes_nothing(engines: list[AsyncEngine]) -> None:
    id = await connected(engines[0])
    before = await integration(engines[0], id)
    with pytest.raises(OctopusUnavailable):
        await credentials(engines[0], Octopus(fails=OctopusUnavailable("time-out"))).access_token(id)

    octopus = Octopus()
    assert await credentials(engines[0], octopus).access_token(id) == "access-1"
    assert octopus.asked_with == ["refresh-0"]
    assert before.status is IntegrationStatus.CONFIGURED


async def test_a_rotated_refresh_token_is_used_next_and_starts_the_sixty_days_anew(engines: list[AsyncEngine]) -> None:
    id = await connected(engines[0])
    octopus = Octopus()
    mine = credentials(engines[0], octopus)
    await mine.access_token(id)
    await mine.access_token(id, rejected="access-1")

    assert octopus.asked_with == ["refresh-0", "refresh-1"]
    assert (await integration(engines[0], id)).authorization_expires_at == SOON + REFRESH_TOKEN_LIFETIME


async def test_a_refresh_token_that_is_not_rotated_keeps_its_deadline(engines: list[AsyncEngine]) -> None:
    id = await connected(engines[0])
    octopus = Octopus(rotates=False)
    mine = credentials(engines[0], octopus)
    await mine.access_token(id)
    await mine.access_token(id, rejected="access-1")

    assert octopus.asked_with == ["refresh-0", "refresh-0"]
    assert (await integration(engines[0], id)).authorization_expires_at == DEADLINE


async def test_a_token_is_renewed_before_it_runs_out(engines: list[AsyncEngine]) -> None:
    id = await connected(engines[0])
    octopus = Octopus()

    assert await credentials(engines[0], octopus, SOON - timedelta(seconds=61)).access_token(id) == "access-0"
    assert await credentials(engines[0], octopus, SOON - timedelta(seconds=59)).access_token(id) == "access-1"


async def test_tokens_that_live_a_second_are_not_refreshed_in_a_loop(engines: list[AsyncEngine]) -> None:
    id = await connected(engines[0])
    octopus = Octopus()
    octopus.lifetime = timedelta(seconds=1)
    mine = credentials(engines[0], octopus)

    assert [await mine.access_token(id) for _ in range(3)] == ["access-1"] * 3


async def test_an_absurd_lifetime_does_no_harm(engines: list[AsyncEngine]) -> None:
    id = await connected(engines[0], Tokens("access-0", NOON + timedelta(days=365 * 1000), "refresh-0"))

    assert await credentials(engines[0], Octopus()).access_token(id) == "access-0"


async def test_a_caller_that_is_cancelled_does_not_lose_the_rotated_token(engines: list[AsyncEngine]) -> None:
    id = await connected(engines[0])
    octopus = Octopus(hesitates=True)
    caller = asyncio.create_task(credentials(engines[0], octopus).access_token(id))
    await octopus.asked.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    octopus.may_answer.set()

    assert await credentials(engines[1], octopus).access_token(id) == "access-1"
    assert octopus.asked_with == ["refresh-0"]


async def test_deleting_an_integration_does_not_wait_for_octopus_and_leaves_no_token(
    engines: list[AsyncEngine],
) -> None:
    id = await connected(engines[0])
    octopus = Octopus(hesitates=True)
    caller = asyncio.create_task(credentials(engines[0], octopus).access_token(id))
    await octopus.asked.wait()
    async with asyncio.timeout(10), transactions(engines[1])(MINE) as work:
        found = await work.integrations.find(MINE, id)
        assert found is not None
        await work.integrations.erase_tokens(id)
        await work.integrations.save(found.delete())
        await work.commit()
    octopus.may_answer.set()

    with pytest.raises(AuthorizationRejected):
        await caller
    async with engines[0].connect() as connection:  # as a superuser, which sees all
        assert (await connection.execute(select(credential))).all() == []
    assert (await integration(engines[0], id)).status is IntegrationStatus.DELETED


@pytest.mark.parametrize("fails", [None, AuthorizationRejected("invalid_grant")], ids=["answered", "refused"])
async def test_who_reconnects_while_octopus_is_asked_keeps_the_new_tokens(
    engines: list[AsyncEngine], fails: Exception | None
) -> None:
    id = await connected(engines[0])
    octopus = Octopus(hesitates=True, fails=fails)
    caller = asyncio.create_task(credentials(engines[0], octopus).access_token(id))
    await octopus.asked.wait()
    async with transactions(engines[1])(MINE) as work:
        found = await work.integrations.find(MINE, id)
        assert found is not None
        fresh = Tokens("access-new", SOON + timedelta(minutes=10), "refresh-new")
        await work.integrations.store_tokens(id, fresh, DEADLINE)
        await work.integrations.save(found.authorized(SOON, DEADLINE))
        await work.commit()
    octopus.may_answer.set()

    assert await caller == "access-new"
    assert (await integration(engines[0], id)).status is IntegrationStatus.CONFIGURED


async def test_who_waits_longer_than_the_lock_allows_is_told_to_come_again(
    engines: list[AsyncEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_TIMEOUT", timedelta(seconds=0.1))
    id = await connected(engines[0])
    octopus = Octopus(hesitates=True)
    first = asyncio.create_task(credentials(engines[0], octopus).access_token(id))
    await octopus.asked.wait()

    with pytest.raises(OctopusUnavailable):
        await credentials(engines[1], octopus).access_token(id)
    octopus.may_answer.set()
    assert await first == "access-1"


async def test_an_octopus_that_does_not_answer_is_given_up_before_a_lease_is_over(
    engines: list[AsyncEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REFRESH_TIMEOUT", timedelta(seconds=0.1))
    id = await connected(engines[0])

    with pytest.raises(OctopusUnavailable):
        await credentials(engines[0], Octopus(hesitates=True)).access_token(id)


async def test_no_token_is_readable_in_the_database_and_none_decrypts_in_another_row(
    engines: list[AsyncEngine],
) -> None:
    id, other = await connected(engines[0]), await connected(engines[0])
    async with engines[0].begin() as connection:
        stored = str((await connection.execute(select(credential))).all())
        copy = "UPDATE credential SET access_token = (SELECT access_token FROM credential WHERE integration_id = :from)"
        await connection.execute(text(f"{copy} WHERE integration_id = :to"), {"from": id, "to": other})

    assert "access-0" not in stored
    assert "refresh-0" not in stored
    assert await credentials(engines[0], Octopus(), NOON).access_token(id) == "access-0"
    with pytest.raises(Exception, match="altered or moved"):
        await credentials(engines[0], Octopus(), NOON).access_token(other)
