"""``auditTrail``: the operation of the contract, for whom it is, and that nothing in it is a secret."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from monitr.domain.audit import AuditAction, AuditEntry
from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Role
from tests.components.graphql.an_api import an_api
from tests.unit.fake_webhooks import FakeWebhookTargets
from tests.unit.fakes import MINE, FakeTransactions

OPERATION = (Path(__file__).parents[2] / "contract" / "security.operations.graphql").read_text(encoding="utf-8")
SUBJECT = uuid4()


def a_trail(*actors: str, organisation: OrganisationId = MINE) -> FakeTransactions:
    world = FakeTransactions()
    for actor in actors:
        entry = AuditEntry(actor, AuditAction.ADMINISTRATION_PURGED, SUBJECT, "Demo BV", "Dossier 49555.")
        world.committed.audit.append((organisation, entry))
    return world


async def nodes(world: FakeTransactions, *roles: Role, **variables: Any) -> list[dict[str, Any]]:
    answer = await an_api(world, *roles).run(OPERATION, variables)
    assert answer["errors"] == []
    return [edge["node"] for edge in answer["data"]["auditTrail"]["edges"]]


async def test_the_trail_tells_who_did_what_newest_first() -> None:
    newest, oldest = await nodes(a_trail("anna", "monitr"))
    assert (oldest["actor"], newest["actor"]) == ("anna", "monitr")
    assert newest["at"].endswith("Z")
    assert {key: newest[key] for key in ("action", "subject", "subjectName", "detail")} == {
        "action": "ADMINISTRATION_PURGED",
        "subject": str(SUBJECT),
        "subjectName": "Demo BV",
        "detail": "Dossier 49555.",
    }


async def test_it_comes_in_pages() -> None:
    world = a_trail("anna", "bert", "carla")
    answer = await an_api(world).run(OPERATION, {"first": 2})
    page = answer["data"]["auditTrail"]["pageInfo"]
    assert page["hasNextPage"]
    assert [node["actor"] for node in await nodes(world, first=2, after=page["endCursor"])] == ["anna"]


@pytest.mark.parametrize(
    ("subject", "found"),
    [(str(SUBJECT), 1), (str(uuid4()), 0), ("nonsense", 0), (None, 1)],
    ids=["its own", "another", "none", "all"],
)
async def test_a_subject_narrows_it(subject: str | None, found: int) -> None:
    assert len(await nodes(a_trail("anna"), subject=subject)) == found


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ORGANISATION_ADMIN])
async def test_it_is_for_administrators_of_the_organisation_alone(role: Role) -> None:
    answer = await an_api(a_trail("anna"), role).run(OPERATION)
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_another_organisation_has_its_own() -> None:
    assert await nodes(a_trail("anna", organisation=OrganisationId(uuid4()))) == []


async def test_no_secret_is_in_it() -> None:
    """Neither a ticket nor a webhook's secret, nor what its address holds beside the host."""
    world, targets = FakeTransactions(), FakeWebhookTargets()
    api = an_api(world, webhooks=targets)
    asked = await api.operation("ConnectIntegration", provider="OCTOPUS")
    ticket = asked["data"]["connectIntegration"]["authorizationUrl"].partition("ticket=")[2]
    created = await api.run(
        'mutation { createWebhookTarget(input: {url: "https://ann:pass@hooks.example/path?key=word"}) '
        "{ ... on WebhookTargetCreated { secret target { id } } } }"
    )
    made = created["data"]["createWebhookTarget"]
    rotated = await api.run(
        "mutation ($id: ID!) { rotateWebhookSecret(input: {targetId: $id}) "
        "{ ... on WebhookSecretRotated { secret } } }",
        {"id": made["target"]["id"]},
    )
    secrets = [
        ticket,
        made["secret"],
        rotated["data"]["rotateWebhookSecret"]["secret"],
        "ann:",
        "pass@",
        "path",
        "word",
    ]

    written = repr([*world.audit(), *targets.audit])
    assert len(world.audit()) + len(targets.audit) == 3
    assert [secret for secret in secrets if secret in written] == []
