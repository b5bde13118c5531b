"""What holds for ``AssetSettingsStore``, whoever implements it."""

from decimal import Decimal
from typing import cast
from uuid import uuid4

from sqlalchemy import text

from monitr.application.ports import UnitOfWork
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.asset_settings import PlanTarget
from monitr.domain.accounting.depreciation import DepreciationMethod, DepreciationPlan
from monitr.domain.administration import Administration
from monitr.domain.organisation import OrganisationId
from tests.integration.ports.conftest import World
from tests.unit.fakes import MINE, FakeTransactions, an_administration, an_integration

PLAN = DepreciationPlan(DepreciationMethod.LINEAR, 60, Decimal("5.00"), full_first_year=True)
OTHER = DepreciationPlan(DepreciationMethod.DEGRESSIVE, 36, Decimal("0.00"))
PLANT = PlanTarget("230")


async def an_own_administration(world: World, organisation: OrganisationId = MINE) -> Administration:
    books = an_administration(organisation_id=organisation)
    async with world.transactions(organisation) as work:
        await work.integrations.save(an_integration(id=books.integration_id, organisation_id=organisation))
        await work.administrations.save(books)
        await work.commit()
    return books


async def stored(world: World, of: Administration) -> tuple[dict[int, AssetRole], dict[str, DepreciationPlan]]:
    """What is kept of it, past row-level security."""
    engine = getattr(world, "engine", None)
    if engine is None:
        kept = cast("FakeTransactions", world.transactions).committed
        roles = {account: role for (id, account), role in kept.asset_roles.items() if id == of.id and role}
        return roles, {target: plan for (id, target), plan in kept.asset_plans.items() if id == of.id and plan}
    async with engine.connect() as connection:
        roles_found = await connection.execute(
            text("SELECT account, role FROM asset_role WHERE administration_id = :id"), {"id": of.id}
        )
        plans_found = await connection.execute(
            text(
                "SELECT target, method, useful_life_months, residual_value, full_first_year"
                " FROM asset_depreciation WHERE administration_id = :id"
            ),
            {"id": of.id},
        )
        return (
            {account: AssetRole(role) for account, role in roles_found},
            {target: DepreciationPlan(DepreciationMethod(method), *how) for target, method, *how in plans_found},
        )


async def set_both(work: UnitOfWork, of: Administration, role: AssetRole | None, plan: DepreciationPlan | None) -> None:
    await work.asset_settings.set_role(of.id, 230900, role)
    await work.asset_settings.set_plan(of.id, PLANT, plan)


async def test_what_is_set_replaces_what_was_and_nothing_takes_it_away(world: World) -> None:
    books = await an_own_administration(world)
    for role, plan in ((AssetRole.DEPRECIATION, PLAN), (AssetRole.NONE, OTHER)):
        async with world.transactions(MINE) as work:
            await set_both(work, books, role, plan)
            await work.commit()
        assert await stored(world, books) == ({230900: role}, {PLANT: plan})

    async with world.transactions(MINE) as work:
        await set_both(work, books, None, None)
        await work.commit()
    assert await stored(world, books) == ({}, {})


async def test_nothing_is_set_without_commit(world: World) -> None:
    books = await an_own_administration(world)
    async with world.transactions(MINE) as work:
        await set_both(work, books, AssetRole.NONE, PLAN)

    assert await stored(world, books) == ({}, {})


async def test_nothing_of_another_organisation_is_set(world: World) -> None:
    theirs = await an_own_administration(world, OrganisationId(uuid4()))
    async with world.transactions(MINE) as work:
        await set_both(work, theirs, AssetRole.NONE, PLAN)
        await work.commit()

    assert await stored(world, theirs) == ({}, {})
