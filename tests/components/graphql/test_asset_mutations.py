"""The mutations of the Fixed Assets module, as the contract has them."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from monitr.application.reading.opaque_ids import asset_id, line_id
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.depreciation import DepreciationMethod, DepreciationPlan
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Role
from tests.components.graphql.an_api import Api, an_api
from tests.components.graphql.fake_reader import SALE
from tests.unit.fakes import FakeTransactions, an_administration

BOOKS = an_administration()
ROLE = """mutation SetAssetRole($input: SetAssetRoleInput!) { setAssetRole(input: $input) { __typename
    ... on AssetSettingsSaved { fixedAssets { netBookValue } } ... on Problem { code message } } }"""
PLAN = """mutation SetDepreciation($input: SetDepreciationInput!) { setDepreciation(input: $input) { __typename
    ... on AssetSettingsSaved { fixedAssets { schedule(months: 24) { month depreciation booked } } }
    ... on Problem { code message } } }"""
NO_ROLE = {"account": "230900", "role": "NONE"}
LINEAR: dict[str, Any] = {"category": "230", "method": "LINEAR", "usefulLifeMonths": 60}


def a_world() -> FakeTransactions:
    return FakeTransactions((), (), [BOOKS])


async def done(api: Api, mutation: str, id: object = BOOKS.id, **input: Any) -> dict[str, Any]:
    answer = await api.run(mutation, {"input": {"administrationId": str(id), **input}})
    assert answer["errors"] == []
    (result,) = answer["data"].values()
    return dict(result)


async def test_the_role_of_an_account_is_set_and_taken_back() -> None:
    world = a_world()
    api = an_api(world, Role.ENTITY_ADMIN)

    saved = await done(api, ROLE, account="230900", role="DEPRECIATION")
    assert saved == {"__typename": "AssetSettingsSaved", "fixedAssets": {"netBookValue": "4100.00"}}
    assert world.committed.asset_roles == {(BOOKS.id, 230900): AssetRole.DEPRECIATION}

    await done(api, ROLE, account="230900")
    assert world.committed.asset_roles == {(BOOKS.id, 230900): None}
    assert [entry.detail for entry in world.audit()] == [
        "Fixed assets: the role of account 230900 is DEPRECIATION.",
        "Fixed assets: the role of account 230900 is by the rule.",
    ]


async def test_depreciation_is_set_for_a_category_and_taken_back() -> None:
    world = a_world()
    saved = await done(an_api(world), PLAN, **LINEAR, residualValue="10.00", fullFirstYear=True)

    assert saved["fixedAssets"]["schedule"] == [{"month": "2026-01", "depreciation": "83.33", "booked": True}]
    plan = DepreciationPlan(DepreciationMethod.LINEAR, 60, Decimal("10.00"), full_first_year=True)
    assert world.committed.asset_plans == {(BOOKS.id, "230"): plan}

    await done(an_api(world), PLAN, category="230", method=None)
    assert world.committed.asset_plans == {(BOOKS.id, "230"): None}


@pytest.mark.parametrize(
    "id", [asset_id(BOOKS.id, UUID(int=1)), str(UUID(int=1))], ids=["an id of today", "an id of before"]
)
async def test_depreciation_is_set_for_one_asset(id: str) -> None:
    world = a_world()
    await done(an_api(world), PLAN, assetId=id, method="DEGRESSIVE", usefulLifeMonths=60)

    assert list(world.committed.asset_plans) == [(BOOKS.id, str(UUID(int=1)))]


@pytest.mark.parametrize(
    ("mutation", "input", "argument"),
    [
        (ROLE, {"account": "290000"}, "input.account"),
        (ROLE, {"account": "x"}, "input.account"),
        (PLAN, {"method": "LINEAR"}, "input"),
        (PLAN, {**LINEAR, "assetId": str(UUID(int=1))}, "input"),
        (PLAN, {**LINEAR, "category": "290"}, "input.category"),
        (PLAN, {"assetId": "nonsense"}, "input.assetId"),
        (PLAN, {**LINEAR, "usefulLifeMonths": None}, "input"),
        (PLAN, {**LINEAR, "usefulLifeMonths": 0}, "input"),
        (PLAN, {**LINEAR, "residualValue": "-1"}, "input"),
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_bad_input(mutation: str, input: dict[str, Any], argument: str) -> None:
    world = a_world()
    answer = await an_api(world).run(mutation, {"input": {"administrationId": str(BOOKS.id), **input}})

    told = [error["extensions"] for error in answer["errors"]]
    assert [(each["code"], each["argument"]) for each in told] == [("BAD_USER_INPUT", argument)]
    assert world.audit() == []


@pytest.mark.parametrize("kind", ["of today", "of another administration", "of before", "an account"])
async def test_what_is_not_in_the_books_is_named_and_nothing_is_set(kind: str) -> None:
    unknown, known = UUID(int=77), UUID(int=1)
    given = {
        "of today": asset_id(BOOKS.id, unknown),
        "of another administration": asset_id(AdministrationId(uuid4()), known),
        "of before": str(unknown),
        "an account": "230123",
    }[kind]
    of_account, of_asset = {"account": given, "role": "NONE"}, {**LINEAR, "category": None, "assetId": given}
    mutation, input = (ROLE, of_account) if kind == "an account" else (PLAN, of_asset)
    world = a_world()
    answer = await an_api(world).run(mutation, {"input": {"administrationId": str(BOOKS.id), **input}})

    (error,) = answer["errors"]
    assert error["extensions"]["argument"] == f"input.{'account' if kind == 'an account' else 'assetId'}"
    assert given in error["message"]
    assert world.audit() == []
    assert (await done(an_api(world), mutation, **{**input, "role" if kind == "an account" else "method": None}))[
        "__typename"
    ] == "AssetSettingsSaved"


async def test_the_id_of_something_else_is_no_asset() -> None:
    input = {**LINEAR, "category": None, "assetId": line_id(BOOKS.id, SALE, 1)}
    answer = await an_api(a_world()).run(PLAN, {"input": {"administrationId": str(BOOKS.id), **input}})
    assert [error["extensions"]["argument"] for error in answer["errors"]] == ["input.assetId"]


@pytest.mark.parametrize(
    ("mutation", "input"), [(ROLE, {"account": "230900", "role": "NONE"}), (PLAN, LINEAR)], ids=["role", "plan"]
)
async def test_an_administration_that_is_not_there_is_unknown(mutation: str, input: dict[str, Any]) -> None:
    theirs = an_administration(organisation_id=OrganisationId(uuid4()))
    api = an_api(FakeTransactions((), (), [BOOKS, theirs]), Role.ENTITY_ADMIN, narrowed_to=frozenset())

    for id in (theirs.id, AdministrationId(uuid4()), "nonsense", BOOKS.id):
        assert (await done(api, mutation, id, **input))["code"] == "UNKNOWN_ADMINISTRATION"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("mutation", "input"), [(ROLE, {"account": "230900", "role": "NONE"}), (PLAN, LINEAR)], ids=["role", "plan"]
)
async def test_administrators_alone_change_settings(mutation: str, input: dict[str, Any], role: Role) -> None:
    allowed = role in (Role.ORGANISATION_ADMIN, Role.ENTITY_ADMIN)
    result = await done(an_api(a_world(), role), mutation, **input)

    assert result["__typename"] == ("AssetSettingsSaved" if allowed else "Forbidden")
