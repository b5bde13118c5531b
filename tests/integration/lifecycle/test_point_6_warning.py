"""Point 6: the end of the authorisation is known exactly, told ahead, and put off where rotation exists."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.application.octopus import AuthorizationRejected
from monitr.domain.integration import IntegrationStatus
from tests.integration.lifecycle.life import a_life

SIXTY = timedelta(days=60)
A_MOMENT = timedelta(minutes=1)


async def test_the_deadline_is_sixty_days_after_the_consent_and_true(engine: AsyncEngine) -> None:
    """A minute before it a refresh works, a minute after it Octopus refuses: without rotation nothing moves it."""
    async with a_life(engine) as life:
        integration = await life.connected()
        connected_at = life.octopus.clock.now()
        expires = (await life.integration(integration)).authorization_expires_at
        assert expires is not None
        assert abs(expires - connected_at - SIXTY) < timedelta(seconds=5)

        life.pass_by(SIXTY - A_MOMENT)
        await life.world.credentials.access_token(integration)
        assert (await life.integration(integration)).authorization_expires_at == expires
        life.pass_by(2 * A_MOMENT + timedelta(minutes=10))

        with pytest.raises(AuthorizationRejected):
            await life.world.credentials.access_token(integration)
        assert (await life.integration(integration)).status is IntegrationStatus.RECONNECT_REQUIRED


async def test_fourteen_seven_and_one_day_before_the_integration_carries_a_notice(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        seen: list[int | None] = []
        for days in (44, 2, 7, 6, 2):  # until day 44, 46, 53, 59, 61
            life.pass_by(timedelta(days=days) + (A_MOMENT if days == 2 and len(seen) == 1 else timedelta()))
            notice = (await life.integration(integration)).notice(life.octopus.clock.now())
            seen.append(notice.days if notice else None)

        assert seen == [None, 14, 7, 1, None]


@pytest.mark.parametrize("rotation", ["keep-old", "invalidate-old"])
async def test_where_octopus_rotates_an_idle_integration_lives_on_for_ever(engine: AsyncEngine, rotation: str) -> None:
    async with a_life(engine, rotation=rotation) as life:
        integration = await life.connected()
        for _ in range(20):
            life.pass_by(timedelta(days=10))
            await life.keep_alive()
            kept = await life.integration(integration)
            assert kept.notice(life.octopus.clock.now()) is None

        assert kept.status is IntegrationStatus.CONFIGURED
        assert kept.authorization_expires_at is not None
        assert kept.authorization_expires_at > life.octopus.clock.now() + timedelta(days=29)


@pytest.mark.parametrize("rotation", ["none", "same"])
async def test_where_it_does_not_the_deadline_stands_and_the_notices_come(engine: AsyncEngine, rotation: str) -> None:
    async with a_life(engine, rotation=rotation) as life:
        integration = await life.connected()
        deadline = (await life.integration(integration)).authorization_expires_at
        noticed = []
        for _ in range(62):
            life.pass_by(timedelta(days=1))
            await life.keep_alive()
            noticed.append((await life.integration(integration)).notice(life.octopus.clock.now()))

        assert {notice.days for notice in noticed if notice} == {14, 7, 1}
        ended = await life.integration(integration)
        assert (ended.status, ended.authorization_expires_at) == (IntegrationStatus.RECONNECT_REQUIRED, deadline)


async def test_a_revoked_integration_that_nothing_uses_is_found_out_in_its_second_month(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        life.octopus.sandbox.revoke("demo")
        life.pass_by(timedelta(days=31))

        await life.keep_alive()

        assert (await life.integration(integration)).status is IntegrationStatus.RECONNECT_REQUIRED


async def test_while_octopus_is_away_nothing_is_taken_for_expired(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        life.pass_by(timedelta(days=40))
        life.octopus.faults.next("token", 1, kind="status", status=503)

        assert await life.keep_alive() == 0

        assert (await life.integration(integration)).status is IntegrationStatus.CONFIGURED
