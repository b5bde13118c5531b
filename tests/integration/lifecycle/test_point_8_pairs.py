"""Point 8: two of everything at once, and the one right outcome of each pair.

Every pair is run in three orders (in two outside of a soak): the first action a little ahead, the second a little
ahead, both at once. Afterwards whatever holds between any two actions has to hold (``consistency``), beside the outcome
that the pair names.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from returns.pipeline import is_successful
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.application.octopus import AuthorizationRejected
from monitr.domain.administration import AdministrationStatus
from monitr.domain.import_run import ImportMode, ImportStatus
from monitr.domain.integration import IntegrationStatus
from tests.integration.importing.soak import SOAK
from tests.integration.lifecycle.consistency import broken
from tests.integration.lifecycle.life import TOKENS_END, Life, a_life, until

AHEAD = 0.01
ORDERS = {"first ahead": (0.0, AHEAD), "second ahead": (AHEAD, 0.0), "at once": (0.0, 0.0)}
ORDINARILY = ["at once", "second ahead"]
"""One of them for each pair, in turns; a soak tries all of ``ORDERS``."""

Together = Callable[[Awaitable[Any], Awaitable[Any]], Awaitable[tuple[Any, Any]]]
Pair = Callable[[Life, Together], Awaitable[None]]
PAIRS: dict[str, Pair] = {}


def pair(actions: str) -> Callable[[Pair], Pair]:
    def register(run: Pair) -> Pair:
        PAIRS[actions] = run
        return run

    return register


@pair("two callbacks with one state")
async def _one_connects_and_the_other_finds_the_state_used(life: Life, together: Together) -> None:
    round = await life.at_octopus()

    outcomes = await together(life.back(round), life.back(round))

    assert sorted(map(is_successful, outcomes)) == [False, True]
    assert list(await life.cards()) == [round.integration]


@pair("two reconnections of one integration")
async def _both_succeed_and_the_last_ones_tokens_stay(life: Life, together: Together) -> None:
    integration = await life.connected()
    one, other = await life.at_octopus(integration), await life.at_octopus(integration)

    outcomes = await together(life.back(one), life.back(other))

    assert all(map(is_successful, outcomes))
    life.pass_by(TOKENS_END)
    assert await life.world.credentials.access_token(integration)


@pair("two reconnections of an integration with an administration")
async def _its_import_starts_once(life: Life, together: Together) -> None:
    integration = await life.connected()
    mine = await life.imported(integration)
    one, other = await life.at_octopus(integration), await life.at_octopus(integration)

    outcomes = await together(life.back(one), life.back(other))

    assert all(map(is_successful, outcomes))
    assert [run for run in await life.runs(mine.id) if run[1] == "RECONNECT"] == [
        ("INCREMENTAL", "RECONNECT", "QUEUED")
    ]


@pair("a reconnection and Sync now")
async def _they_start_one_import(life: Life, together: Together) -> None:
    integration = await life.connected()
    mine = await life.imported(integration)
    round = await life.at_octopus(integration)

    await together(life.back(round), life.start_imports(life.principal, [mine.id], ImportMode.INCREMENTAL))

    assert [status for _, _, status in await life.runs(mine.id)] == ["SUCCEEDED", "QUEUED"]


@pair("a reconnection and a removal")
async def _a_removed_one_is_not_imported(life: Life, together: Together) -> None:
    integration = await life.connected()
    mine = await life.imported(integration)
    await life.imported(integration, 49002)
    round = await life.at_octopus(integration)

    await together(life.back(round), life.removed(mine.id))

    assert "QUEUED" not in [status for _, _, status in await life.runs(mine.id)]


@pair("delete during the callback of a connection")
async def _a_deleted_integration_stays_deleted(life: Life, together: Together) -> None:
    round = await life.at_octopus()

    _, deleted = await together(life.back(round), life.delete_integration(life.principal, round.integration))

    assert is_successful(deleted)
    assert (await life.integration(round.integration)).status is IntegrationStatus.DELETED


@pair("delete during the callback of a reconnection")
async def _it_is_deleted_whoever_was_first(life: Life, together: Together) -> None:
    integration = await life.connected()
    round = await life.at_octopus(integration)

    await together(life.back(round), life.delete_integration(life.principal, integration))

    assert await life.cards() == {}


@pair("delete while the token is refreshed")
async def _nothing_of_the_new_token_is_kept(life: Life, together: Together) -> None:
    life.octopus.switch(rotation="invalidate-old")
    integration = await life.connected()
    life.pass_by(TOKENS_END)

    async def refresh() -> None:
        try:
            await life.world.credentials.access_token(integration)
        except AuthorizationRejected:  # deleted before
            return

    await together(refresh(), life.delete_integration(life.principal, integration))

    assert (await life.integration(integration)).status is IntegrationStatus.DELETED


@pair("two deletions of one integration")
async def _one_deletes_and_the_other_knows_none(life: Life, together: Together) -> None:
    integration = await life.connected()
    await life.selected(integration, 49001)

    outcomes = await together(*(life.delete_integration(life.principal, integration) for _ in range(2)))

    assert sorted(map(is_successful, outcomes)) == [False, True]


@pair("reconnect while a run holds the old token")
async def _the_run_succeeds_and_the_new_tokens_stay(life: Life, together: Together) -> None:
    integration = await life.connected()
    (mine,) = await life.selected(integration, 49001)
    round = await life.at_octopus(integration)

    run, outcome = await together(life.world.work(mine.id), life.back(round))

    assert (run.status, is_successful(outcome)) == (ImportStatus.SUCCEEDED, True)
    assert (await life.integration(integration)).status is IntegrationStatus.CONFIGURED


@pair("reconnect while the old token is refused")
async def _the_reconnection_wins(life: Life, together: Together) -> None:
    integration = await life.connected()
    life.octopus.sandbox.revoke("demo")
    life.pass_by(TOKENS_END)
    round = await life.at_octopus(integration)

    async def use_the_old_token() -> None:
        try:
            await life.world.credentials.access_token(integration)
        except AuthorizationRejected:
            return

    await together(use_the_old_token(), life.back(round))

    assert (await life.integration(integration)).status is IntegrationStatus.CONFIGURED


@pair("reconnect while the last administration is removed")
async def _the_integration_works_or_is_gone(life: Life, together: Together) -> None:
    integration = await life.connected()
    (mine,) = await life.selected(integration, 49001)
    life.octopus.sandbox.revoke("demo")
    life.pass_by(TOKENS_END)
    await life.world.work(mine.id)
    round = await life.at_octopus(integration)

    outcome, _ = await together(life.back(round), life.removed(mine.id))

    status = IntegrationStatus.CONFIGURED if is_successful(outcome) else IntegrationStatus.DELETED
    assert (await life.integration(integration)).status is status


@pair("two removals of one administration")
async def _one_removes_and_the_other_knows_none(life: Life, together: Together) -> None:
    (mine,) = await life.selected(await life.connected(), 49001)

    outcomes = await together(*(life.remove_administration(life.principal, mine.id) for _ in range(2)))

    assert sorted(map(is_successful, outcomes)) == [False, True]
    assert await life.story(mine.id) == ["SELECTED", "REMOVED"]


@pair("remove during an import")
async def _it_is_removed_and_the_run_cancelled(life: Life, together: Together) -> None:
    (mine,) = await life.selected(await life.connected(), 49001)
    life.octopus.faults.next("getModifiedRelations", kind="delay", seconds=0.3)
    importing = asyncio.create_task(life.world.work(mine.id))
    await until(lambda: life.octopus.calls.of("getJournals"), importing)

    run, _ = await together(importing, life.removed(mine.id))

    assert run.status is ImportStatus.CANCELLED
    assert (await life.administration(mine.id)).status is AdministrationStatus.DELETED


@pair("remove and delete its integration")
async def _both_are_gone(life: Life, together: Together) -> None:
    integration = await life.connected()
    (mine,) = await life.selected(integration, 49001)

    await together(
        life.remove_administration(life.principal, mine.id), life.delete_integration(life.principal, integration)
    )

    assert await life.cards() == {}
    assert (await life.administration(mine.id)).status is AdministrationStatus.DELETED
    assert (await life.story(mine.id)).count("REMOVED") == 1


@pair("select during remove")
async def _whoever_commits_last_wins_and_the_run_follows(life: Life, together: Together) -> None:
    integration = await life.connected()
    (mine,) = await life.selected(integration, 49001)

    (selected,), _ = await together(life.selected(integration, 49001), life.removed(mine.id))

    assert selected.id == mine.id
    alive = (await life.administration(mine.id)).is_alive
    goes_on = [status for _, _, status in await life.runs(mine.id) if status == "QUEUED"]
    assert len(goes_on) == (1 if alive else 0)


@pair("two selections of one dossier")
async def _there_is_one_administration_and_one_run(life: Life, together: Together) -> None:
    integration = await life.connected()

    (one,), (other,) = await together(life.selected(integration, 49001), life.selected(integration, 49001))

    assert one.id == other.id
    assert await life.runs(one.id) == [("FULL", "FIRST", "QUEUED")]


@pair("selections of one dossier through two integrations")
async def _it_belongs_to_one_of_them(life: Life, together: Together) -> None:
    here, there = await life.connected(), await life.connected()

    (one,), (other,) = await together(life.selected(here, 49001), life.selected(there, 49001))

    assert one.id == other.id
    assert sorted(map(len, (await life.cards()).values())) == [0, 1]
    assert len(await life.runs(one.id)) == 1


@pair("selections of two dossiers that change places")
async def _nobody_waits_for_ever(life: Life, together: Together) -> None:
    here, there = await life.connected(), await life.connected()
    await life.selected(here, 49001)
    await life.selected(there, 49002)

    await together(life.selected(here, 49002, 49001), life.selected(there, 49001, 49002))

    assert sum(map(len, (await life.cards()).values())) == 2


@pair("select and delete the integration")
async def _nothing_lives_on_a_deleted_integration(life: Life, together: Together) -> None:
    integration = await life.connected()

    await together(
        life.select_administrations(life.principal, integration, [49001]),
        life.delete_integration(life.principal, integration),
    )

    assert await life.cards() == {}


@pair("move and remove")
async def _it_is_on_the_new_integration_or_removed(life: Life, together: Together) -> None:
    old, new = await life.connected(), await life.connected()
    (mine,) = await life.selected(old, 49001)

    await together(life.selected(new, 49001), life.removed(mine.id))

    found = await life.administration(mine.id)
    assert not found.is_alive or found.integration_id == new


@pair("move and delete the old integration")
async def _it_lives_on_the_new_integration(life: Life, together: Together) -> None:
    old, new = await life.connected(), await life.connected()
    (mine,) = await life.selected(old, 49001)

    await together(life.selected(new, 49001), life.delete_integration(life.principal, old))

    assert await life.cards() == {new: [mine.id]}


@pair("two starts of an import")
async def _they_get_the_same_run(life: Life, together: Together) -> None:
    mine = await life.imported(await life.connected())

    one, other = await together(
        *(life.start_imports(life.principal, [mine.id], ImportMode.INCREMENTAL) for _ in range(2))
    )

    assert one.unwrap().imports[0].id == other.unwrap().imports[0].id


@pair("start an import and remove")
async def _a_removed_one_has_nothing_to_do(life: Life, together: Together) -> None:
    mine = await life.imported(await life.connected())

    await together(life.start_imports(life.principal, [mine.id], ImportMode.INCREMENTAL), life.removed(mine.id))

    assert not (await life.administration(mine.id)).is_alive
    assert "QUEUED" not in [status for _, _, status in await life.runs(mine.id)]


@pair("purge and select again")
async def _all_its_rows_or_a_new_one(life: Life, together: Together) -> None:
    integration = await life.connected()
    mine = await life.imported(integration)
    rows = await life.rows_of(mine.id)
    await life.removed(mine.id)

    async def purge_now() -> None:
        await life.remove_administration(life.principal, mine.id, purge=True)
        await life.purge()

    await together(purge_now(), life.select_administrations(life.principal, integration, [49001]))

    await life.purge()  # one that was in the other's way goes on with the next round
    live = (await life.cards())[integration]  # none where it came back first and was purged then
    assert await life.rows_of(mine.id) == (rows if live == [mine.id] else {})


@pair("two purges")
async def _it_goes_once(life: Life, together: Together) -> None:
    mine = await life.imported(await life.connected())
    await life.removed(mine.id, purge=True)

    await together(life.purge(), life.purge())
    await life.purge()  # whoever was in the other's way has left it

    assert await life.rows_of(mine.id) == {}


@pair("the sweep and a callback that comes too late")
async def _nothing_is_connected(life: Life, together: Together) -> None:
    round = await life.at_octopus()
    life.pass_by(timedelta(minutes=10))

    outcome, _ = await together(life.back(round), life.sweep())

    assert not is_successful(outcome)
    assert (await life.integration(round.integration)).status is IntegrationStatus.DELETED


@pair("two refreshes of one token")
async def _octopus_is_asked_once(life: Life, together: Together) -> None:
    life.octopus.switch(rotation="invalidate-old")
    integration = await life.connected()
    life.pass_by(TOKENS_END)

    one, other = await together(*(life.world.credentials.access_token(integration) for _ in range(2)))

    assert one == other


TRIED = [
    (actions, order)
    for number, actions in enumerate(PAIRS)
    for order in (ORDERS if SOAK else [ORDINARILY[number % len(ORDINARILY)]])
]


@pytest.mark.parametrize(("actions", "order"), TRIED)
async def test_a_pair_has_one_right_outcome(engine: AsyncEngine, actions: str, order: str) -> None:
    async def after(seconds: float, action: Awaitable[Any]) -> Any:
        await asyncio.sleep(seconds)
        return await action

    async def together(first: Awaitable[Any], second: Awaitable[Any]) -> tuple[Any, Any]:
        ahead, behind = ORDERS[order]
        async with asyncio.timeout(30):
            one, other = await asyncio.gather(after(ahead, first), after(behind, second))
        return one, other

    async with a_life(engine) as life:
        await PAIRS[actions](life, together)

        assert await broken(engine) == {}
