"""A dossier that is renamed at Octopus, or has another VAT number, is renamed here (issue 11, point 8)."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.application.list_dossiers import ListDossiers
from monitr.domain.import_run import ImportMode, ImportStatus
from monitr.domain.organisation import AdministrationId
from tests.integration.importing.soak import SOAK
from tests.integration.lifecycle.life import TOKENS_END, Life, a_life

NEW = ("Nieuwe Naam BV", "BE0123456749")


def _rename(life: Life, *numbers: int) -> None:
    for number in numbers:
        life.octopus.sandbox.rename(number, "Nieuwe Naam BV", "BE 0123.456.749")


async def _named(life: Life, *ids: AdministrationId) -> list[tuple[str, str | None]]:
    found = [await life.administration(id) for id in ids]
    return [(administration.name, administration.vat_number) for administration in found]


async def test_a_reconnection_brings_the_names(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)
        _rename(life, 49001)

        await life.reconnected(integration)

        assert await _named(life, mine.id) == [NEW]


async def test_the_picker_brings_the_names(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)
        _rename(life, 49001)

        await ListDossiers(life.world.transactions, life.world.octopus)(life.principal, integration)

        assert await _named(life, mine.id) == [NEW]


async def test_a_full_import_brings_the_names_of_the_whole_login_at_once(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        one, other = [await life.imported(integration, number) for number in (49001, 49002)]
        _rename(life, 49001, 49002)

        assert (await life.world.sync(one.id, ImportMode.FULL)).status is ImportStatus.SUCCEEDED

        assert await _named(life, one.id, other.id) == [NEW, NEW]


async def test_an_incremental_import_brings_them_within_the_day_and_asks_once_an_hour(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        one, other = [await life.imported(integration, number) for number in (49001, 49002)]
        _rename(life, 49001, 49002)
        life.octopus.calls.clear()

        life.pass_by(timedelta(minutes=61))
        for administration in (one, other, one):
            life.pass_by(TOKENS_END)
            await life.world.sync(administration.id)

        assert await _named(life, one.id, other.id) == [NEW, NEW]
        assert len(life.octopus.calls.of("getDossiers")) == 1


@pytest.mark.parametrize("status", [403, 404, 429, 500] if SOAK else [404, 500])
async def test_an_import_does_not_mind_a_list_that_fails(engine: AsyncEngine, status: int) -> None:
    async with a_life(engine) as life:
        mine = await life.imported(await life.connected())
        before = await _named(life, mine.id)
        _rename(life, 49001)
        life.octopus.faults.next("getDossiers", status=status, times=1_000)

        run = await life.world.sync(mine.id, ImportMode.FULL)

        assert (run.status, run.error) == (ImportStatus.SUCCEEDED, None)
        assert await _named(life, mine.id) == before


async def test_a_removed_administration_is_left_alone(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        one, other = [await life.imported(integration, number) for number in (49001, 49002)]
        before = await _named(life, other.id)
        await life.removed(other.id)
        _rename(life, 49001, 49002)

        await life.world.sync(one.id, ImportMode.FULL)

        assert await _named(life, one.id, other.id) == [NEW, *before]
