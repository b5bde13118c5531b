"""Point 4: one-click reconnect keeps everything, and checks that it is the same bookkeeping."""

import pytest
from returns.result import Failure, Success
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.application.complete_authorization import Connected
from monitr.application.start_authorization import RoundRefused
from monitr.domain.administration import AdministrationStatus
from monitr.domain.authorization import CallbackError
from monitr.domain.import_run import ImportMode, ImportStatus, ImportTrigger
from monitr.domain.integration import IntegrationStatus
from tests.integration.importing.world import HOME
from tests.integration.lifecycle.life import TOKENS_END, a_life

UNDONE = ("oauth_authorization", "octopus_call", "audit_entry")
"""What tells of a round that came to nothing."""
OF_THE_RECONNECTION = (
    "credential",
    "oauth_authorization",
    "timeline_event",
    "audit_entry",
    "octopus_call",
    "outbox",
    "webhook_event",
    "integration.status",
    "integration.authorized_at",
    "integration.authorization_expires_at",
    "integration.last_error",
    "integration.dossiers_asked_at",
    "import_run",
)
"""What a reconnection is about, and the imports that it starts. Everything else has to be as it was, to the byte."""


@pytest.mark.parametrize("revoked", [False, True], ids=["still valid", "revoked"])
async def test_every_table_has_the_same_rows_before_and_after(engine: AsyncEngine, revoked: bool) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)
        await life.imported(integration, 49002)
        if revoked:
            life.octopus.sandbox.revoke("demo")
            life.pass_by(TOKENS_END)
            assert (await life.world.sync(mine.id)).status is ImportStatus.FAILED
            assert (await life.integration(integration)).status is IntegrationStatus.RECONNECT_REQUIRED
        before = await life.hashes(*OF_THE_RECONNECTION)

        outcome = await life.reconnected(integration)

        assert outcome == Success(Connected(integration, HOME))
        assert await life.hashes(*OF_THE_RECONNECTION) == before
        assert (await life.integration(integration)).status is IntegrationStatus.CONFIGURED
        run = await life.world.work(mine.id)
        assert (run.status, run.mode) == (ImportStatus.SUCCEEDED, ImportMode.INCREMENTAL)
        assert run.trigger is ImportTrigger.RECONNECT


async def test_dossiers_that_the_new_login_cannot_open_say_so_and_none_is_deleted(engine: AsyncEngine) -> None:
    """`other` sees 49002 and not 49001; 49003 is gone from Octopus altogether."""
    async with a_life(engine) as life:
        integration = await life.connected()
        lost, shared, gone = [await life.imported(integration, number) for number in (49001, 49002, 49003)]
        rows = [await life.rows_of(each.id) for each in (lost, shared, gone)]
        life.octopus.sandbox.remove(49003)

        outcome = await life.reconnected(integration, "other")

        assert outcome == Success(Connected(integration, HOME, (lost.id, gone.id)))
        states = [(await life.administration(each.id)).status for each in (lost, shared, gone)]
        assert states == [AdministrationStatus.ACCESS_LOST, AdministrationStatus.ACTIVE, AdministrationStatus.NOT_FOUND]
        assert [await life.rows_of(each.id) for each in (lost, shared, gone)] == rows
        assert "no access" in str((await life.timeline(lost.id))[-1].event.cause.why)
        assert await life.story(gone.id) == ["SELECTED", "DOSSIER_NOT_FOUND"]


async def test_a_login_with_nothing_in_common_is_refused_and_the_old_state_is_untouched(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)
        before = await life.hashes(*UNDONE)

        outcome = await life.reconnected(integration, "other")

        assert outcome == Failure(RoundRefused(CallbackError.DIFFERENT_ACCOUNT, HOME, (mine.id,)))
        assert await life.hashes(*UNDONE) == before  # the user aborts: nothing to undo
        assert (await life.world.sync(mine.id)).status is ImportStatus.SUCCEEDED


async def test_whoever_confirms_the_different_account_is_let_through_and_nothing_is_deleted(
    engine: AsyncEngine,
) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)
        rows = await life.rows_of(mine.id)
        await life.reconnected(integration, "other")

        confirmed = await life.reconnected(integration, "other", accept_different_account=True)

        assert confirmed == Success(Connected(integration, HOME, (mine.id,)))
        assert (await life.administration(mine.id)).status is AdministrationStatus.ACCESS_LOST
        assert await life.rows_of(mine.id) == rows


async def test_reconnecting_with_the_first_login_again_makes_them_active(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)
        await life.reconnected(integration, "other", accept_different_account=True)

        await life.reconnected(integration)

        assert (await life.administration(mine.id)).status is AdministrationStatus.ACTIVE
        assert await life.story(mine.id) == ["SELECTED", "ACCESS_LOST", "REACHED_AGAIN"]
