"""Point 3: reconnect the manual's way - delete the administration, Add, OAuth, select again."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.application.octopus import AuthorizationRejected
from monitr.domain.import_run import ImportMode, ImportStatus
from monitr.domain.integration import IntegrationId, IntegrationStatus
from monitr.domain.timeline import Agent
from tests.integration.lifecycle.life import TOKENS_END, Life, a_life


async def _loses_its_token(life: Life, integration: IntegrationId, how: str) -> None:
    """Found out by whatever uses it next."""
    if how == "revoked":
        life.octopus.sandbox.revoke("demo")
        life.pass_by(TOKENS_END)
    else:
        life.pass_by(timedelta(days=61))
    with pytest.raises(AuthorizationRejected):
        await life.world.credentials.access_token(integration)
    assert (await life.integration(integration)).status is IntegrationStatus.RECONNECT_REQUIRED


@pytest.mark.parametrize("how", ["revoked", "expired"])
async def test_the_manuals_way_brings_the_same_administration_back_on_the_new_integration(
    engine: AsyncEngine, how: str
) -> None:
    async with a_life(engine) as life:
        old = await life.connected()
        mine = await life.imported(old)
        rows = await life.rows_of(mine.id)
        await _loses_its_token(life, old, how)

        await life.removed(mine.id)
        new = await life.connected()
        (again,) = await life.selected(new, 49001)

        assert (again.id, again.integration_id) == (mine.id, new)
        assert await life.rows_of(mine.id) == rows
        run = await life.world.work(mine.id)
        mode = ImportMode.INCREMENTAL if how == "revoked" else ImportMode.FULL  # by the age of the watermark
        assert (run.status, run.mode) == (ImportStatus.SUCCEEDED, mode)


async def test_the_others_stay_where_they_are_until_they_are_selected_through_the_new_one(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        old = await life.connected()
        first, second = await life.imported(old), await life.imported(old, 49002)
        await _loses_its_token(life, old, "revoked")

        await life.removed(first.id)
        new = await life.connected()
        await life.selected(new, 49001)
        between = await life.cards()
        states = (await life.integration(old)).status, (await life.administration(second.id)).integration_id
        await life.selected(new, 49002)

        assert between == {old: [second.id], new: [first.id]}
        assert states == (IntegrationStatus.RECONNECT_REQUIRED, old)
        assert await life.cards() == {new: [first.id, second.id]}
        assert await life.story(second.id) == ["SELECTED", "MOVED"]


@pytest.mark.parametrize("leaves_by", ["removing", "moving"])
async def test_an_integration_without_administrations_and_without_a_valid_token_goes_away_by_itself(
    engine: AsyncEngine, leaves_by: str
) -> None:
    async with a_life(engine) as life:
        old = await life.connected()
        mine = await life.imported(old)
        await _loses_its_token(life, old, "revoked")

        if leaves_by == "removing":
            await life.removed(mine.id)
        else:
            await life.selected(await life.connected(), 49001)

        assert old not in await life.cards()
        last = (await life.timeline(old))[-1]
        assert (last.event.after, last.event.cause.agent) == ("DELETED", Agent.MONITR)
        assert await life.world.rows("SELECT 1 FROM credential WHERE integration_id = :id", id=old) == []


async def test_one_whose_token_ends_while_it_has_no_administrations_goes_too(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        idle = await life.connected()
        life.pass_by(timedelta(days=61))

        await life.keep_alive()
        assert await life.dismiss() == 1

        assert await life.cards() == {}
        assert await life.story(idle) == ["ADDED", "AUTHORIZED", "AUTHORIZATION_REFUSED", "DELETED"]


async def test_one_without_administrations_stays_while_its_token_is_good(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        await life.removed((await life.imported(integration)).id)

        assert await life.dismiss() == 0
        assert await life.cards() == {integration: []}
