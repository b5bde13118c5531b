from typing import Any
from uuid import uuid4

import pytest

from monitr.application.octopus import OctopusUnavailable, QuotaSpent
from monitr.domain.administration import AdministrationStatus, Dossier, DossierNumber
from monitr.domain.import_run import ImportStatus
from monitr.domain.integration import IntegrationStatus
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Role
from tests.components.graphql.an_api import an_api
from tests.unit.fakes import (
    NOON,
    FakeOctopus,
    FakeOctopusLogin,
    FakeTransactions,
    a_run,
    an_administration,
    an_integration,
)


def outcome(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer["errors"] == []
    (result,) = answer["data"].values()
    return dict(result)


async def test_connecting_answers_the_address_of_our_own_start_page() -> None:
    world = FakeTransactions()
    result = outcome(await an_api(world).operation("ConnectIntegration", provider="OCTOPUS"))
    assert result["authorizationUrl"].startswith("http://monitr.test/oauth/octopus/start?ticket=")
    assert result["integration"] == {"id": str(world.integrations[0].id), "status": "AWAITING_AUTHORIZATION"}
    assert result["expiresAt"] == "2026-11-22T12:10:00.000Z"


async def test_connecting_without_a_client_id_says_what_the_operator_has_to_do() -> None:
    api = an_api(FakeTransactions(), login=FakeOctopusLogin(is_configured=False))
    result = outcome(await api.operation("ConnectIntegration", provider="OCTOPUS"))
    assert (result["__typename"], result["code"]) == ("NotConfigured", "NOT_CONFIGURED")


@pytest.mark.parametrize("address", ["https://evil.test/", "//evil.test", "javascript:alert(1)"])
async def test_the_browser_is_sent_back_only_to_ourselves_and_the_front_end(address: str) -> None:
    world = FakeTransactions()
    result = outcome(await an_api(world).operation("ConnectIntegration", provider="OCTOPUS", returnTo=address))
    assert result["code"] == "INVALID_RETURN_TO"
    assert world.integrations == []


async def test_reconnecting_keeps_the_integration_as_it_is_until_octopus_answers() -> None:
    broken = an_integration(status=IntegrationStatus.RECONNECT_REQUIRED)
    result = outcome(
        await an_api(FakeTransactions([broken])).operation("ReconnectIntegration", integrationId=str(broken.id))
    )
    assert result["integration"] == {"id": str(broken.id), "status": "RECONNECT_REQUIRED"}


async def test_selected_dossiers_come_back_with_their_first_import() -> None:
    integration = an_integration()
    octopus = FakeOctopus(listed=(Dossier(DossierNumber(1), "Een BV", None),))
    api = an_api(FakeTransactions([integration]), octopus=octopus)

    result = outcome(
        await api.operation("SelectAdministrations", integrationId=str(integration.id), dossierNumbers=[1])
    )

    (row,) = result["administrations"]
    assert (row["dossierNumber"], row["name"]) == (1, "Een BV")
    assert row["lastImport"]["status"] == "QUEUED"


@pytest.mark.parametrize(
    ("octopus", "code"),
    [
        (FakeOctopus(), "DOSSIER_NOT_SELECTABLE"),
        (FakeOctopus(fails=OctopusUnavailable("down")), "OCTOPUS_UNAVAILABLE"),
        (FakeOctopus(fails=QuotaSpent("GET /dossiers", NOON)), "QUOTA_SPENT"),
    ],
)
async def test_what_stands_in_the_way_of_a_selection_is_a_problem_with_a_code(octopus: FakeOctopus, code: str) -> None:
    integration = an_integration()
    api = an_api(FakeTransactions([integration]), octopus=octopus)
    variables = {"integrationId": str(integration.id), "dossierNumbers": [7]}
    assert outcome(await api.operation("SelectAdministrations", **variables))["code"] == code


async def test_a_removed_administration_is_gone_from_the_very_next_field() -> None:
    """Mutations run one after the other; what was read before the second is not what is true after it."""
    integration = an_integration()
    mine = an_administration(integration_id=integration.id)
    api = an_api(FakeTransactions([integration], (), [mine]))
    query = """mutation ($integration: ID!, $administration: ID!) {
      before: reconnectIntegration(input: { integrationId: $integration }) {
        ... on AuthorizationRequired { integration { administrations { id } } }
      }
      removeAdministration(input: { administrationId: $administration }) { __typename }
      after: reconnectIntegration(input: { integrationId: $integration }) {
        ... on AuthorizationRequired { integration { administrations { id } } }
      }
    }"""

    answer = await api.run(query, {"integration": str(integration.id), "administration": str(mine.id)})

    assert answer["data"]["before"]["integration"]["administrations"] == [{"id": str(mine.id)}]
    assert answer["data"]["removeAdministration"]["__typename"] == "AdministrationRemoved"
    assert answer["data"]["after"]["integration"]["administrations"] == []
    assert api.readers.open == 0


async def test_an_explicit_null_for_purge_keeps_the_data_for_the_retention_time() -> None:
    mine = an_administration()
    api = an_api(FakeTransactions((), (), [mine]))
    result = outcome(await api.operation("RemoveAdministration", administrationId=str(mine.id), purge=None))
    assert result["purgeAfter"] == "2026-12-22T12:00:00.000Z"


async def test_sync_now_answers_a_run_for_each_administration_and_a_refusal_for_the_others() -> None:
    fine, broken = an_integration(), an_integration(status=IntegrationStatus.RECONNECT_REQUIRED)
    one = an_administration(integration_id=fine.id, watermark=NOON)
    other = an_administration(integration_id=broken.id)
    api = an_api(FakeTransactions([fine, broken], (), [one, other]))

    result = outcome(await api.operation("StartImports", administrationIds=[str(one.id), str(other.id)], mode=None))

    assert [run["mode"] for run in result["imports"]] == ["INCREMENTAL"]
    assert [(refusal["administrationId"], refusal["code"]) for refusal in result["refused"]] == [
        (str(other.id), "RECONNECT_REQUIRED")
    ]


async def test_an_import_that_nobody_works_on_is_cancelled_at_once() -> None:
    books = an_administration()
    run = a_run(books)
    world = FakeTransactions((), (), [books], [run])
    result = outcome(await an_api(world).operation("CancelImport", importId=str(run.id)))
    assert result["import"]["status"] == "CANCELLED"
    assert world.run(run.id).status is ImportStatus.CANCELLED


async def test_an_import_that_has_ended_is_a_problem_to_cancel() -> None:
    books = an_administration()
    run = a_run(books).cancelled(NOON)
    query = """mutation ($id: ID!) { cancelImport(input: { importId: $id }) {
        __typename ... on ImportEnded { code importId } } }"""
    result = outcome(await an_api(FakeTransactions((), (), [books], [run])).run(query, {"id": str(run.id)}))
    assert result == {"__typename": "ImportEnded", "code": "IMPORT_ENDED", "importId": str(run.id)}


async def test_bookyears_are_read_again_and_unknown_ones_are_bad_input() -> None:
    login = an_integration()
    books = an_administration(integration_id=login.id, watermark=NOON)
    world = FakeTransactions([login], (), [books])
    world.bookyears[books.id] = {1, 2}
    query = """mutation ($ids: [ID!]!, $bookyears: [Int!]) {
        startImports(input: { administrationIds: $ids, bookyears: $bookyears }) { __typename } }"""

    unknown = await an_api(world).run(query, {"ids": [str(books.id)], "bookyears": [2, 3]})
    result = outcome(await an_api(world).run(query, {"ids": [str(books.id)], "bookyears": [2]}))

    (error,) = unknown["errors"]
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", "input.bookyears")
    assert result == {"__typename": "ImportsStarted"}
    assert [run.bookyears for run in world.runs] == [(2,)]


MUTATIONS: dict[str, dict[str, Any]] = {
    "ReconnectIntegration": {"integrationId": "ID"},
    "SelectAdministrations": {"integrationId": "ID", "dossierNumbers": [1]},
    "DeleteIntegration": {"integrationId": "ID"},
    "RemoveAdministration": {"administrationId": "ID"},
    "StartImports": {"administrationIds": ["ID"]},
    "CancelImport": {"importId": "ID"},
}
UNKNOWN = {
    "ReconnectIntegration": "UNKNOWN_INTEGRATION",
    "SelectAdministrations": "UNKNOWN_INTEGRATION",
    "DeleteIntegration": "UNKNOWN_INTEGRATION",
    "RemoveAdministration": "UNKNOWN_ADMINISTRATION",
    "StartImports": "UNKNOWN_ADMINISTRATION",
    "CancelImport": "UNKNOWN_IMPORT",
}


def naming(mutation: str, id: str) -> dict[str, Any]:
    replaced = {"ID": id}
    return {
        name: replaced.get(value, value) if isinstance(value, str) else [replaced.get(v, v) for v in value]
        for name, value in MUTATIONS[mutation].items()
    }


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_an_id_that_is_unknown_malformed_or_foreign_is_a_problem_that_names_it(mutation: str) -> None:
    theirs = OrganisationId(uuid4())
    integration = an_integration(organisation_id=theirs)
    books = an_administration(organisation_id=theirs, integration_id=integration.id)
    run = a_run(books)
    api = an_api(FakeTransactions([integration], (), [books], [run]))
    foreign = {"UNKNOWN_INTEGRATION": integration.id, "UNKNOWN_ADMINISTRATION": books.id, "UNKNOWN_IMPORT": run.id}

    for id in (str(foreign[UNKNOWN[mutation]]), str(uuid4()), "nonsense", "", "é"):
        result = outcome(await api.operation(mutation, **naming(mutation, id)))
        assert result["code"] == UNKNOWN[mutation]
        assert id in result["message"]


@pytest.mark.parametrize("mutation", [*MUTATIONS, "ConnectIntegration"])
@pytest.mark.parametrize("role", Role)
async def test_who_may_not_change_something_is_told_so_by_a_problem(mutation: str, role: Role) -> None:
    allowed = role is Role.ORGANISATION_ADMIN or (
        role is Role.ENTITY_ADMIN and mutation in ("StartImports", "CancelImport")
    )
    api = an_api(FakeTransactions(), role)
    variables = {"provider": "OCTOPUS"} if mutation == "ConnectIntegration" else naming(mutation, str(uuid4()))
    result = outcome(await api.operation(mutation, **variables))
    assert (result.get("code") == "FORBIDDEN") is not allowed


async def test_a_narrowed_admin_starts_imports_only_of_those_administrations() -> None:
    integration = an_integration()
    seen, hidden = (an_administration(integration_id=integration.id) for _ in range(2))
    world = FakeTransactions([integration], (), [seen, hidden])
    api = an_api(world, Role.ENTITY_ADMIN, narrowed_to=frozenset({AdministrationId(seen.id)}))

    refused = outcome(await api.operation("StartImports", administrationIds=[str(seen.id), str(hidden.id)]))
    started = outcome(await api.operation("StartImports", administrationIds=[str(seen.id)]))

    assert refused["code"] == "UNKNOWN_ADMINISTRATION"
    assert len(started["imports"]) == len(world.runs) == 1


async def test_a_removed_administration_is_unknown_to_every_mutation() -> None:
    removed = an_administration(status=AdministrationStatus.DELETED)
    api = an_api(FakeTransactions((), (), [removed]))
    result = outcome(await api.operation("StartImports", administrationIds=[str(removed.id)]))
    assert result["code"] == "UNKNOWN_ADMINISTRATION"


async def test_an_id_without_end_is_told_by_its_beginning() -> None:
    result = outcome(await an_api(FakeTransactions()).operation("StartImports", administrationIds=[100_000 * "x"]))
    assert result["code"] == "UNKNOWN_ADMINISTRATION"
    assert len(str(result)) < 1_000
