"""What holds for ``Credentials`` and ``Quota``, whoever implements them."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from monitr.application.octopus import AuthorizationRejected, QuotaSpent
from monitr.domain.administration import DossierNumber
from monitr.domain.authorization import Tokens
from monitr.domain.integration import Integration, IntegrationId, IntegrationStatus
from tests.integration.ports.conftest import World, now
from tests.integration.ports.test_unit_of_work_contract import saved
from tests.unit.fakes import MINE, an_integration

EVENING = datetime(2026, 11, 22, 22, 59, tzinfo=UTC)  # 23:59 in Brussels
MINUTE = timedelta(minutes=1)


def tokens(name: str) -> Tokens:
    return Tokens(f"access-{name}", now() + timedelta(minutes=10), f"refresh-{name}")


async def connected(world: World) -> Integration:
    integration = an_integration()
    await saved(world.transactions, integration=integration)
    async with world.transactions(MINE) as work:
        await work.integrations.store_tokens(integration.id, tokens("1"), now() + timedelta(days=60))
        await work.commit()
    return integration


class TestCredentials:
    async def test_a_good_token_is_used_again(self, world: World) -> None:
        mine = await connected(world)
        credentials = world.credentials([])

        assert [await credentials.access_token(mine.id) for _ in range(2)] == ["access-1", "access-1"]

    async def test_a_token_that_octopus_refuses_is_replaced(self, world: World) -> None:
        mine = await connected(world)
        credentials = world.credentials([tokens("2")])

        assert await credentials.access_token(mine.id, rejected="access-1") == "access-2"
        assert await credentials.access_token(mine.id) == "access-2"

    async def test_whoever_was_refused_with_an_older_token_gets_the_new_one(self, world: World) -> None:
        mine = await connected(world)
        credentials = world.credentials([tokens("2")])
        await credentials.access_token(mine.id, rejected="access-1")

        assert await credentials.access_token(mine.id, rejected="access-1") == "access-2"

    async def test_a_refused_refresh_asks_for_reconnection_and_is_never_tried_again(self, world: World) -> None:
        mine = await connected(world)
        with pytest.raises(AuthorizationRejected):
            await world.credentials([]).access_token(mine.id, rejected="access-1")

        with pytest.raises(AuthorizationRejected):
            await world.credentials([tokens("2")]).access_token(mine.id)
        async with world.transactions(MINE) as work:
            found = await work.integrations.find(MINE, mine.id)
        assert found is not None
        assert found.status is IntegrationStatus.RECONNECT_REQUIRED

    async def test_an_unknown_integration_has_no_token(self, world: World) -> None:
        with pytest.raises(AuthorizationRejected):
            await world.credentials([tokens("2")]).access_token(IntegrationId(uuid4()))


class TestQuota:
    async def test_the_daily_maximum_is_kept(self, world: World) -> None:
        calls = world.calls(lambda: EVENING)
        dossier, integration = DossierNumber(1), IntegrationId(uuid4())
        for _ in range(2):
            await calls.count(integration, dossier, "accounts", 2)

        with pytest.raises(QuotaSpent) as spent:
            await calls.count(integration, dossier, "accounts", 2)
        assert spent.value.until == EVENING + MINUTE

    async def test_a_new_day_begins_at_midnight_in_brussels(self, world: World) -> None:
        time = [EVENING]
        calls = world.calls(lambda: time[0])
        dossier, integration = DossierNumber(1), IntegrationId(uuid4())
        await calls.count(integration, dossier, "accounts", 1)
        time[0] += MINUTE

        await calls.count(integration, dossier, "accounts", 1)

    async def test_an_operation_that_octopus_refuses_is_stopped_for_today(self, world: World) -> None:
        time = [EVENING]
        calls = world.calls(lambda: time[0])
        integration = IntegrationId(uuid4())
        stopped = await calls.stop(integration, None, "dossiers")

        with pytest.raises(QuotaSpent):
            await calls.count(integration, None, "dossiers", 150)
        assert stopped.until == EVENING + MINUTE
        time[0] += MINUTE
        await calls.count(integration, None, "dossiers", 150)

    async def test_what_is_left_of_a_day_is_told(self, world: World) -> None:
        calls = world.calls(lambda: EVENING)
        dossier, integration = DossierNumber(1), IntegrationId(uuid4())
        assert await calls.left(integration, dossier, "accounts", 2) == 2
        await calls.count(integration, dossier, "accounts", 2)
        assert await calls.left(integration, dossier, "accounts", 2) == 1
        assert await calls.left(integration, dossier, "relations", 2) == 2

        await calls.stop(integration, dossier, "accounts")

        assert await calls.left(integration, dossier, "accounts", 2) == 0

    async def test_dossiers_and_operations_are_counted_apart(self, world: World) -> None:
        calls = world.calls(lambda: EVENING)
        integration = IntegrationId(uuid4())
        await calls.count(integration, DossierNumber(1), "accounts", 1)

        await calls.count(integration, DossierNumber(2), "accounts", 1)
        await calls.count(integration, DossierNumber(1), "relations", 1)
        await calls.count(integration, None, "accounts", 1)

    async def test_a_dossier_is_counted_once_for_all_integrations(self, world: World) -> None:
        calls = world.calls(lambda: EVENING)
        await calls.count(IntegrationId(uuid4()), DossierNumber(1), "accounts", 1)

        with pytest.raises(QuotaSpent):
            await calls.count(IntegrationId(uuid4()), DossierNumber(1), "accounts", 1)

    async def test_of_many_callers_at_once_only_so_many_pass(self, world: World) -> None:
        calls = world.calls(lambda: EVENING)
        integration = IntegrationId(uuid4())

        async def attempt() -> bool:
            try:
                await calls.count(integration, DossierNumber(1), "ledger", 5)
            except QuotaSpent:
                return False
            return True

        assert sum(await asyncio.gather(*(attempt() for _ in range(12)))) == 5
