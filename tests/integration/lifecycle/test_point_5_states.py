"""Point 5: states, the events between them, and the way back to ACTIVE."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tenancy import transaction
from monitr.domain.administration import AdministrationStatus
from monitr.domain.import_run import ImportStatus
from monitr.domain.timeline import Agent
from tests.integration.lifecycle.life import TOKENS_END, Life, a_life


def _disable(life: Life) -> Any:
    life.octopus.sandbox.disable(49001)
    return lambda: life.octopus.sandbox.disable(49001, disabled=False)


def _withdraw(life: Life) -> Any:
    life.octopus.sandbox.withdraw(49001, "demo")
    return lambda: life.octopus.sandbox.logins["demo"].dossiers.add(49001)


def _remove(life: Life) -> Any:
    kept = life.octopus.sandbox._dossiers[49001]
    life.octopus.sandbox.remove(49001)
    return lambda: life.octopus.sandbox._dossiers.update({49001: kept})


CAUSES = {
    "disabled": (_disable, AdministrationStatus.ACCESS_LOST),
    "withdrawn": (_withdraw, AdministrationStatus.ACCESS_LOST),
    "gone": (_remove, AdministrationStatus.NOT_FOUND),
}


@pytest.mark.parametrize("cause", CAUSES)
async def test_an_administration_that_cannot_be_opened_says_so_and_is_active_by_itself_when_it_can(
    engine: AsyncEngine, cause: str
) -> None:
    async with a_life(engine) as life:
        mine = await life.imported(await life.connected())
        life.pass_by(TOKENS_END)
        happens, status = CAUSES[cause]
        undo = happens(life)

        assert (await life.world.sync(mine.id)).status is ImportStatus.FAILED
        lost = (await life.administration(mine.id)).status
        assert await life.reach_again() == 0  # nothing has changed yet
        undo()
        assert await life.reach_again() == 1

        assert lost is status
        assert (await life.administration(mine.id)).status is AdministrationStatus.ACTIVE
        events = [recorded.event for recorded in await life.timeline(mine.id)]
        assert [event.after for event in events] == ["ACTIVE", status.value, "ACTIVE"]
        assert [event.cause.agent for event in events[1:]] == [Agent.OCTOPUS, Agent.OCTOPUS]


async def test_an_import_that_opens_it_makes_it_active_too(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        mine = await life.imported(await life.connected())
        life.pass_by(TOKENS_END)
        undo = _disable(life)
        await life.world.sync(mine.id)
        undo()

        assert (await life.world.sync(mine.id)).status is ImportStatus.SUCCEEDED

        assert await life.story(mine.id) == ["SELECTED", "ACCESS_LOST", "REACHED_AGAIN"]


async def test_what_happened_is_told_with_when_and_who_and_why(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)
        life.octopus.sandbox.revoke("demo")
        life.pass_by(TOKENS_END)
        await life.world.sync(mine.id)
        await life.reconnected(integration)
        await life.delete_integration(life.principal, integration)

        timeline = await life.timeline(integration)

        told = [(each.event.what.value, each.event.cause.agent.value, each.event.cause.user) for each in timeline]
        anna = life.principal.subject
        assert told == [
            ("ADDED", "USER", anna),
            ("AUTHORIZED", "USER", anna),
            ("AUTHORIZATION_REFUSED", "OCTOPUS", None),
            ("RECONNECTED", "USER", anna),
            ("DELETED", "USER", anna),
        ]
        assert all(str(each.event.cause.why).endswith(".") for each in timeline)
        assert [each.at for each in timeline] == sorted(each.at for each in timeline)


async def test_a_transition_and_its_event_are_there_together_or_not_at_all(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        mine = await life.imported(await life.connected())
        before = await life.timeline(mine.id)

        async with life.world.transactions(life.world.organisation) as work:
            await work.administrations.save(
                (await life.administration(mine.id)).unreachable(AdministrationStatus.NOT_FOUND)
            )

        assert await life.timeline(mine.id) == before
        assert (await life.administration(mine.id)).status is AdministrationStatus.ACTIVE


@pytest.mark.parametrize("statement", ["UPDATE timeline_event SET why = 'nothing'", "TRUNCATE timeline_event"])
async def test_nobody_can_change_a_timeline(engine: AsyncEngine, statement: str) -> None:
    async with a_life(engine) as life:
        await life.imported(await life.connected())
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with transaction(engine, life.world.organisation) as connection:
                await connection.execute(text(statement))


async def test_nobody_can_shorten_the_timeline_of_what_is_alive(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        mine = await life.imported(await life.connected())
        async with transaction(engine, life.world.organisation) as connection:
            await connection.execute(text("DELETE FROM timeline_event"))

        assert await life.story(mine.id) == ["SELECTED"]
