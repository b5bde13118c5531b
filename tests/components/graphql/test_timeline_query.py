"""Timelines, notices, and what the schema offers beyond the contract for the life of an integration."""

from datetime import timedelta

import pytest

from monitr.domain.administration import Administration
from monitr.domain.integration import Integration
from monitr.domain.roles import Role
from tests.components.graphql.an_api import an_api
from tests.unit.fakes import MINE, NOON, FakeTransactions, an_administration, an_integration

EVENTS = """{ edges { cursor node { at what statusBefore statusAfter agent user why } } pageInfo { hasNextPage } }"""
OF_AN_INTEGRATION = f"query ($id: ID!, $first: Int) {{ integration(id: $id) {{ timeline(first: $first) {EVENTS} }} }}"
OF_AN_ADMINISTRATION = f"query ($id: ID!) {{ administration(id: $id) {{ timeline {EVENTS} }} }}"
NOTICES = "query ($id: ID!) { integration(id: $id) { notices { code message action since days } } }"


async def a_world_with(*rows: Integration | Administration) -> FakeTransactions:
    """Saved, so that what happened to them is on their timelines."""
    world = FakeTransactions()
    async with world(MINE) as work:
        for row in rows:
            await (work.integrations.save(row) if isinstance(row, Integration) else work.administrations.save(row))
        await work.commit()
    return world


async def test_a_timeline_tells_what_when_who_and_why_newest_first() -> None:
    integration = an_integration().rejected()
    api = an_api(await a_world_with(integration))

    answer = await api.run(OF_AN_INTEGRATION, {"id": str(integration.id)})

    assert answer["errors"] == []
    told = [edge["node"] for edge in answer["data"]["integration"]["timeline"]["edges"]]
    assert [event["what"] for event in told] == ["AUTHORIZATION_REFUSED", "AUTHORIZED", "ADDED"]
    assert (told[0]["statusBefore"], told[0]["statusAfter"]) == ("CONFIGURED", "RECONNECT_REQUIRED")
    assert (told[0]["agent"], told[0]["user"]) == ("OCTOPUS", None)
    assert told[0]["at"].endswith("Z")
    assert told[0]["why"]


async def test_a_timeline_comes_in_pages() -> None:
    integration = an_integration()
    api = an_api(await a_world_with(integration))

    answer = await api.run(OF_AN_INTEGRATION, {"id": str(integration.id), "first": 1})

    timeline = answer["data"]["integration"]["timeline"]
    assert (len(timeline["edges"]), timeline["pageInfo"]["hasNextPage"]) == (1, True)


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.REPORTS, True), (Role.RECEIVABLES_ONLY, False)], ids=["reports", "receivables only"]
)
async def test_whoever_sees_the_import_history_sees_the_timeline(role: Role, sees: bool) -> None:
    mine = an_administration()
    api = an_api(await a_world_with(mine), role)

    answer = await api.run(OF_AN_ADMINISTRATION, {"id": str(mine.id)})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ([] if sees else ["FORBIDDEN"])


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (timedelta(days=14, seconds=1), []),
        (timedelta(days=14), [14]),
        (timedelta(days=7, seconds=1), [14]),
        (timedelta(days=7), [7]),
        (timedelta(days=1), [1]),
        (timedelta(seconds=1), [1]),
        (timedelta(), []),
    ],
)
async def test_notices_begin_fourteen_seven_and_one_day_before_the_end(left: timedelta, days: list[int]) -> None:
    integration = an_integration(authorization_expires_at=NOON + left)
    api = an_api(await a_world_with(integration))

    answer = await api.run(NOTICES, {"id": str(integration.id)})

    notices = answer["data"]["integration"]["notices"]
    assert [notice["days"] for notice in notices] == days
    assert {notice["code"] for notice in notices} <= {"AUTHORIZATION_EXPIRES_SOON"}


async def test_an_integration_that_has_ended_already_carries_no_notice() -> None:
    integration = an_integration(authorization_expires_at=NOON + timedelta(days=1)).rejected()
    api = an_api(await a_world_with(integration))

    answer = await api.run(NOTICES, {"id": str(integration.id)})

    assert answer["data"]["integration"]["notices"] == []


async def test_deleting_says_that_octopus_offers_no_revocation_and_where_it_is_done_there() -> None:
    integration = an_integration()
    api = an_api(await a_world_with(integration))

    answer = await api.run(
        "mutation ($id: ID!) { deleteIntegration(input: {integrationId: $id})"
        " { ... on IntegrationDeleted { notice } } }",
        {"id": str(integration.id)},
    )

    assert "log in at Octopus" in answer["data"]["deleteIntegration"]["notice"]


async def test_a_different_account_is_confirmed_with_the_next_round() -> None:
    integration = an_integration()
    world = await a_world_with(integration)

    answer = await an_api(world).run(
        "mutation ($id: ID!) { reconnectIntegration(input: {integrationId: $id, acceptDifferentAccount: true})"
        " { __typename } }",
        {"id": str(integration.id)},
    )

    assert answer["data"]["reconnectIntegration"]["__typename"] == "AuthorizationRequired"
    assert [round.accept_different_account for round in world.authorizations] == [True]
