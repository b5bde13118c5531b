from typing import Any
from uuid import uuid4

import pytest

from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Role
from tests.components.graphql.an_api import Api, an_api
from tests.unit.fake_webhooks import ADDRESS, FakeWebhookTargets, a_target, an_event
from tests.unit.fakes import FakeTransactions

CREATE = """mutation ($url: String!) { createWebhookTarget(input: {url: $url, description: "Monitr"}) { __typename
    ... on WebhookTargetCreated { secret target { id url description status deliveredUpTo failedAttempts } }
    ... on Problem { code message } } }"""
DELETE = """mutation ($id: ID!) { deleteWebhookTarget(input: {targetId: $id}) { __typename
    ... on WebhookTargetDeleted { targetId } ... on Problem { code } } }"""
ROTATE = """mutation ($id: ID!, $atOnce: Boolean) { rotateWebhookSecret(input: {targetId: $id, atOnce: $atOnce}) {
    __typename ... on WebhookSecretRotated { secret target { previousSecretValidUntil } } ... on Problem { code } } }"""
REPLAY = """mutation ($id: ID!, $after: String) { replayWebhookEvents(input: {targetId: $id, after: $after}) {
    __typename ... on WebhookReplayStarted { target { status deliveredUpTo } } ... on Problem { code } } }"""
TARGETS = "{ webhookTargets { id status lastError { code } } }"
EVENTS = """query ($first: Int, $after: String) { webhookEvents(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor } edges { cursor node { id type occurredAt body } } } }"""


async def answered(api: Api, query: str, **variables: Any) -> Any:
    answer = await api.run(query, variables)
    assert answer["errors"] == []
    (result,) = answer["data"].values()
    return result


async def test_a_target_is_created_with_a_secret_that_no_other_answer_holds() -> None:
    webhooks = FakeWebhookTargets([an_event(4)])
    api = an_api(FakeTransactions(), webhooks=webhooks)

    created = await answered(api, CREATE, url=ADDRESS)

    assert created["secret"].startswith("whsec_")
    target = created["target"]
    assert (target["url"], target["description"], target["status"]) == (ADDRESS, "Monitr", "ACTIVE")
    assert target["deliveredUpTo"] == webhooks.cursor(4)  # it receives what happens from now on
    everything = f"{await answered(api, TARGETS)}{await answered(api, EVENTS)}"
    assert created["secret"] not in everything


async def test_an_address_that_is_not_allowed_is_a_problem_that_says_why() -> None:
    result = await answered(an_api(FakeTransactions()), CREATE, url="http://hooks.example/")
    assert (result["__typename"], result["code"]) == ("InvalidWebhookAddress", "INVALID_WEBHOOK_ADDRESS")
    assert "https://" in result["message"]


async def test_an_organisation_has_ten_targets_at_most() -> None:
    api = an_api(FakeTransactions())
    results = [await answered(api, CREATE, url=ADDRESS) for _ in range(11)]
    assert [result["__typename"] for result in results] == ["WebhookTargetCreated"] * 10 + ["TooManyWebhookTargets"]


async def test_a_deleted_target_is_on_the_list_no_more() -> None:
    target = a_target()
    api = an_api(FakeTransactions(), webhooks=FakeWebhookTargets([], {target.id: target}, {target.id: ["s"]}))
    assert await answered(api, DELETE, id=str(target.id)) == {
        "__typename": "WebhookTargetDeleted",
        "targetId": str(target.id),
    }
    assert await answered(api, TARGETS) == []


async def test_a_rotation_answers_another_secret_and_how_long_the_old_one_signs_too() -> None:
    target = a_target()
    webhooks = FakeWebhookTargets([], {target.id: target}, {target.id: ["whsec_old"]})
    api = an_api(FakeTransactions(), webhooks=webhooks)

    rotated = await answered(api, ROTATE, id=str(target.id))
    both = webhooks.secrets[target.id]
    at_once = await answered(api, ROTATE, id=str(target.id), atOnce=True)

    assert both == [rotated["secret"], "whsec_old"]
    assert rotated["target"]["previousSecretValidUntil"] == "2026-11-23T12:00:00.000Z"
    assert at_once["target"]["previousSecretValidUntil"] is None
    assert webhooks.secrets[target.id] == [at_once["secret"]]


async def test_events_are_read_page_by_page_and_replayed_from_a_cursor() -> None:
    target, events = a_target(position=3), [an_event(position) for position in (1, 2, 3)]
    webhooks = FakeWebhookTargets(events, {target.id: target}, {target.id: ["s"]})
    api = an_api(FakeTransactions(), webhooks=webhooks)

    page = await answered(api, EVENTS, first=2)
    rest = await answered(api, EVENTS, first=2, after=page["pageInfo"]["endCursor"])
    shown = [edge["node"] for edge in page["edges"] + rest["edges"]]
    assert [node["id"] for node in shown] == [event.message_id for event in events]
    assert shown[0]["body"] == events[0].body
    assert (page["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)

    replayed = await answered(api, REPLAY, id=str(target.id), after=page["edges"][0]["cursor"])
    assert replayed["target"] == {"status": "ACTIVE", "deliveredUpTo": page["edges"][0]["cursor"]}
    from_the_start = await answered(api, REPLAY, id=str(target.id))
    assert from_the_start["target"]["deliveredUpTo"] == webhooks.cursor(0)


@pytest.mark.parametrize("query", [DELETE, ROTATE, REPLAY])
async def test_a_target_that_is_unknown_malformed_or_anothers_is_a_problem(query: str) -> None:
    theirs = a_target(organisation_id=OrganisationId(uuid4()))
    api = an_api(FakeTransactions(), webhooks=FakeWebhookTargets([], {theirs.id: theirs}, {theirs.id: ["s"]}))
    codes = [(await answered(api, query, id=id))["code"] for id in (str(theirs.id), str(uuid4()), "no id")]
    assert codes == ["UNKNOWN_WEBHOOK_TARGET"] * 3


@pytest.mark.parametrize("query", [EVENTS, REPLAY])
async def test_a_cursor_of_something_else_is_bad_user_input(query: str) -> None:
    target = a_target()
    api = an_api(FakeTransactions(), webhooks=FakeWebhookTargets([], {target.id: target}, {target.id: ["s"]}))
    variables = {"id": str(target.id)} if query is REPLAY else {}
    (error,) = (await api.run(query, {**variables, "after": "nonsense"}))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["argument"].endswith("after")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ORGANISATION_ADMIN])
async def test_only_an_administrator_of_the_organisation_sees_or_changes_webhooks(role: Role) -> None:
    target = a_target()
    webhooks = FakeWebhookTargets([], {target.id: target}, {target.id: ["s"]})
    api = an_api(FakeTransactions(), role, webhooks=webhooks)

    for query in (DELETE, ROTATE, REPLAY):
        assert (await answered(api, query, id=str(target.id)))["code"] == "FORBIDDEN"
    assert (await answered(api, CREATE, url=ADDRESS))["code"] == "FORBIDDEN"
    for query in (TARGETS, EVENTS):
        (error,) = (await api.run(query))["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
    assert (list(webhooks.targets), webhooks.secrets) == ([target.id], {target.id: ["s"]})


async def test_whoever_may_not_do_it_learns_nothing_about_the_arguments() -> None:
    api = an_api(FakeTransactions(), Role.ENTITY_ADMIN, webhooks=FakeWebhookTargets([]))

    assert (await answered(api, CREATE, url="https://hooks.example/\0"))["code"] == "FORBIDDEN"
    assert (await answered(api, REPLAY, id=str(uuid4()), after="nonsense\0"))["code"] == "FORBIDDEN"
