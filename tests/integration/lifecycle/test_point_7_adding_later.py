"""Point 7: an integration lists its dossiers at any time and adds more."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.application.list_dossiers import ListDossiers, ListedDossier
from tests.integration.lifecycle.life import a_life


async def test_more_dossiers_can_be_listed_and_added_at_any_time(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        first = await life.imported(integration)
        listing = ListDossiers(life.world.transactions, life.world.octopus)

        before = (await listing(life.principal, integration)).unwrap()
        (second,) = await life.selected(integration, 49002)
        after = (await listing(life.principal, integration)).unwrap()

        def known(listed: list[ListedDossier]) -> dict[int, object]:
            return {each.dossier.number: each.administration and each.administration.id for each in listed}

        assert known(before) == {49001: first.id, 49002: None, 49003: None, 49900: None}
        assert known(after) == known(before) | {49002: second.id}


async def test_a_dossier_is_an_administration_at_most_once_in_an_organisation(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        one, another = await life.connected(), await life.connected()
        (mine,) = await life.selected(one, 49001)

        (again,) = await life.selected(one, 49001, 49001)
        (moved,) = await life.selected(another, 49001)

        assert mine.id == again.id == moved.id
        assert await life.cards() == {one: [], another: [mine.id]}


async def test_users_who_select_it_at_the_same_moment_get_one_administration(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()

        selections = await asyncio.gather(*(life.selected(integration, 49001) for _ in range(4)))

        assert len({administration.id for (administration,) in selections}) == 1
        (administrations,) = (await life.cards()).values()
        assert len(administrations) == 1
        assert await life.runs(administrations[0]) == [("FULL", "FIRST", "QUEUED")]
