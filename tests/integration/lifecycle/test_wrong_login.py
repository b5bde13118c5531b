"""A wrong login is told at once, by what it opens (issue 11, point 9)."""

from returns.result import Success
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.application.complete_authorization import Connected
from monitr.domain.administration import AdministrationStatus
from monitr.domain.authorization import CallbackError
from monitr.domain.import_run import ImportStatus
from monitr.domain.integration import IntegrationStatus
from octopus_sandbox import SandboxSettings
from tests.integration.importing.world import HOME
from tests.integration.lifecycle.life import TOKENS_END, a_life


async def test_a_login_that_shares_only_a_disabled_dossier_is_refused_and_nothing_has_changed(
    engine: AsyncEngine,
) -> None:
    """`other` sees 49002 of these, which is disabled since."""
    async with a_life(engine) as life:
        integration = await life.connected()
        mine, shared = [await life.imported(integration, number) for number in (49001, 49002)]
        life.octopus.sandbox.disable(49002)
        before = await life.hashes("oauth_authorization", "octopus_call", "audit_entry")

        outcome = await life.reconnected(integration, "other")

        refused = outcome.failure()
        assert (refused.error, set(refused.lost)) == (CallbackError.DIFFERENT_ACCOUNT, {mine.id, shared.id})
        assert await life.hashes("oauth_authorization", "octopus_call", "audit_entry") == before
        assert (await life.administration(mine.id)).status is AdministrationStatus.ACTIVE
        assert (await life.administration(shared.id)).status is AdministrationStatus.ACTIVE


async def test_a_dossier_that_is_disabled_for_the_new_login_alone_is_named(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine, other = [await life.imported(integration, number) for number in (49001, 49002)]
        life.octopus.sandbox.disable_for("demo", 49002)

        outcome = await life.reconnected(integration)

        assert outcome == Success(Connected(integration, HOME, (other.id,)))
        assert (await life.administration(other.id)).status is AdministrationStatus.ACCESS_LOST
        assert other.name in str((await life.timeline(integration))[-1].event.cause.why)
        assert [trigger for _, trigger, _ in await life.runs(mine.id)] == ["FIRST", "RECONNECT"]
        assert [trigger for _, trigger, _ in await life.runs(other.id)] == ["FIRST"]


async def test_the_imports_that_a_reconnection_starts_succeed(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        administrations = [await life.imported(integration, number) for number in (49001, 49002)]
        life.octopus.sandbox.revoke("demo")
        life.pass_by(TOKENS_END)
        await life.world.sync(administrations[0].id)
        assert (await life.integration(integration)).status is IntegrationStatus.RECONNECT_REQUIRED

        await life.reconnected(integration)

        runs = [await life.world.work(administration.id) for administration in administrations]
        assert [run.status for run in runs] == [ImportStatus.SUCCEEDED] * 2


async def test_of_a_login_with_three_hundred_dossiers_a_few_are_tried(engine: AsyncEngine) -> None:
    async with a_life(engine, SandboxSettings(lines=60, bookyears=1, dossiers=300)) as life:
        integration = await life.connected()
        numbers = range(49001, 49301)
        selected = await life.selected(integration, *numbers)
        life.octopus.calls.clear()

        assert await life.reconnected(integration) == Success(Connected(integration, HOME))

        assert len(life.octopus.calls.of("connectDossier")) == 30
        assert {len(await life.runs(each.id)) for each in selected[:3]} == {1}  # those of the selection go on
