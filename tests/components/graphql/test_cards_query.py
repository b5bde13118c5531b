from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from monitr.application.octopus import AuthorizationRejected, OctopusUnavailable, QuotaSpent
from monitr.application.reading.cards import DatasetState
from monitr.domain.administration import AdministrationStatus, Dossier, DossierNumber
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import Dataset, ImportStatus
from monitr.domain.integration import IntegrationStatus
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Role
from monitr.domain.words.sentence import Sentence
from tests.components.graphql.an_api import an_api
from tests.components.graphql.fake_reader import FakeBooks
from tests.unit.fakes import (
    NOON,
    FakeOctopus,
    FakeTransactions,
    a_run,
    an_administration,
    an_integration,
    an_integration_awaiting_consent,
)


async def test_the_cards_show_the_administrations_of_each_integration_with_their_last_import() -> None:
    integration = an_integration()
    books = an_administration(integration_id=integration.id)
    api = an_api(FakeTransactions([integration], (), [books], [a_run(books)]), next_import=NOON)

    answer = await api.operation("IntegrationCards")

    assert answer["errors"] == []
    (provider,) = answer["data"]["integrationProviders"]
    assert {dataset["dataset"] for dataset in provider["datasets"]} == {dataset.value for dataset in Dataset}
    (card,) = provider["integrations"]
    assert card["id"] == str(integration.id)
    (row,) = card["administrations"]
    assert row["lastImport"]["status"] == "QUEUED"
    assert row["nextImportAt"] == "2026-11-22T12:00:00.000Z"
    assert {dataset["status"] for dataset in row["datasets"]} == {"FRESH"}


async def test_an_integration_that_waits_for_consent_is_on_no_card_but_can_be_asked_for() -> None:
    waiting = an_integration_awaiting_consent()
    api = an_api(FakeTransactions([waiting]))

    cards = await api.operation("IntegrationCards")
    asked = await api.run("query ($id: ID!) { integration(id: $id) { status } }", {"id": str(waiting.id)})

    assert cards["data"]["integrationProviders"][0]["integrations"] == []
    assert asked["data"]["integration"]["status"] == "AWAITING_AUTHORIZATION"


async def test_unknown_malformed_removed_and_foreign_ids_are_null_and_cannot_be_told_apart() -> None:
    removed = an_administration(status=AdministrationStatus.DELETED)
    theirs = an_administration(organisation_id=OrganisationId(uuid4()))
    deleted = an_integration(status=IntegrationStatus.DELETED)
    api = an_api(FakeTransactions([deleted], (), [removed, theirs]))

    for id in (str(removed.id), str(theirs.id), str(uuid4()), str(deleted.id), "", "nonsense", f"{{{theirs.id}}}"):
        answer = await api.run(
            "query ($id: ID!) { administration(id: $id) { name } integration(id: $id) { status } }", {"id": id}
        )
        assert answer == {"data": {"administration": None, "integration": None}, "errors": []}, id


async def test_a_waiting_run_says_when_it_goes_on_whatever_the_schedule_says() -> None:
    integration, tomorrow = an_integration(), NOON + timedelta(hours=11)
    books = an_administration(integration_id=integration.id)
    waiting = (
        a_run(books).begin(NOON).wait(tomorrow, Explanation(ExplanationCode.QUOTA_SPENT, Sentence.verbatim("used up")))
    )
    api = an_api(FakeTransactions([integration], (), [books], [waiting]), next_import=NOON)

    answer = await api.operation("ImportHistory", administrationId=str(books.id))

    assert waiting.status is ImportStatus.WAITING
    assert answer["data"]["administration"]["nextImportAt"] == "2026-11-22T23:00:00.000Z"


async def test_a_run_that_a_wrong_clock_told_to_wait_goes_on_now() -> None:
    integration = an_integration()
    books = an_administration(integration_id=integration.id)
    trouble = Explanation(ExplanationCode.QUOTA_SPENT, Sentence.verbatim("used up"))
    waiting = a_run(books).begin(NOON).wait(NOON + timedelta(days=400), trouble)
    api = an_api(FakeTransactions([integration], (), [books], [waiting]), next_import=NOON)

    answer = await api.operation("ImportHistory", administrationId=str(books.id))

    assert answer["data"]["administration"]["nextImportAt"] == "2026-11-22T12:00:00.000Z"


async def test_what_the_schedule_does_not_import_has_no_next_import() -> None:
    broken, fine = an_integration(status=IntegrationStatus.RECONNECT_REQUIRED), an_integration()
    unreachable = an_administration(integration_id=fine.id, status=AdministrationStatus.NOT_FOUND)
    unauthorised = an_administration(integration_id=broken.id)
    api = an_api(FakeTransactions([broken, fine], (), [unreachable, unauthorised]), next_import=NOON)

    for books in (unreachable, unauthorised):
        answer = await api.operation("ImportHistory", administrationId=str(books.id))
        assert answer["data"]["administration"]["nextImportAt"] is None


async def test_a_dataset_is_stale_when_it_is_older_than_two_scheduled_imports() -> None:
    books = an_administration()
    limit = timedelta(hours=48)
    states = [
        DatasetState(Dataset.GENERAL_LEDGER, 10, NOON - limit, False),
        DatasetState(Dataset.ACCOUNTS, 10, NOON - limit - timedelta(seconds=1), False),
        DatasetState(Dataset.RELATIONS, 10, NOON - limit - timedelta(seconds=1), True),
        DatasetState(Dataset.JOURNALS, 0, None, False),
    ]
    api = an_api(FakeTransactions((), (), [books]), books=FakeBooks(states=states), stale_after=limit)

    answer = await api.run(
        "query ($id: ID!) { administration(id: $id) { datasets { status isStale } } }", {"id": str(books.id)}
    )

    assert answer["data"]["administration"]["datasets"] == [
        {"status": "FRESH", "isStale": False},
        {"status": "STALE", "isStale": True},
        {"status": "FAILED", "isStale": True},
        {"status": "NEVER", "isStale": False},
    ]


async def test_names_are_all_that_receivables_only_sees_of_a_card() -> None:
    failure = Explanation(ExplanationCode.RECONNECT_REQUIRED, Sentence.verbatim("expired"))
    integration = an_integration(status=IntegrationStatus.RECONNECT_REQUIRED, last_error=failure)
    books = an_administration(integration_id=integration.id, last_successful_import_at=NOON)
    api = an_api(FakeTransactions([integration], (), [books], [a_run(books)]), Role.RECEIVABLES_ONLY)

    (card,) = (await api.operation("IntegrationCards"))["data"]["integrationProviders"][0]["integrations"]
    history = await api.operation("ImportHistory", administrationId=str(books.id))

    (row,) = card["administrations"]
    assert row["name"] == "Demo BV"
    assert card["lastError"] is row["lastImport"] is row["lastSuccessfulImportAt"] is row["nextImportAt"] is None
    assert row["datasets"] == []
    assert [error["extensions"]["code"] for error in history["errors"]] == ["FORBIDDEN"]


async def test_a_narrowed_user_sees_only_those_administrations() -> None:
    integration = an_integration()
    seen, hidden = (an_administration(integration_id=integration.id, dossier=DossierNumber(n)) for n in (1, 2))
    world = FakeTransactions([integration], (), [seen, hidden])
    api = an_api(world, Role.REPORTS, narrowed_to=frozenset({AdministrationId(seen.id)}))

    (card,) = (await api.operation("IntegrationCards"))["data"]["integrationProviders"][0]["integrations"]
    by_id = await api.run("query ($id: ID!) { administration(id: $id) { name } }", {"id": str(hidden.id)})

    assert [row["id"] for row in card["administrations"]] == [str(seen.id)]
    assert by_id == {"data": {"administration": None}, "errors": []}


async def test_the_dossiers_say_which_of_them_can_be_selected() -> None:
    integration = an_integration()
    mine = an_administration(integration_id=integration.id, dossier=DossierNumber(1))
    octopus = FakeOctopus(
        listed=tuple(Dossier(DossierNumber(n), f"Dossier {n}", None) for n in (1, 2, 3)),
        refusals={DossierNumber(3): "It is disabled in Octopus."},
    )
    api = an_api(FakeTransactions([integration], (), [mine]), octopus=octopus)

    answer = await api.operation("AvailableDossiers", integrationId=str(integration.id))

    dossiers = answer["data"]["integration"]["dossiers"]
    assert [dossier["selectable"] for dossier in dossiers] == [False, True, False]
    assert [bool(dossier["administration"]) for dossier in dossiers] == [True, False, False]


async def test_where_octopus_cannot_list_the_dossiers_the_entry_in_errors_says_why() -> None:
    integration = an_integration()
    for failure, code in [
        (OctopusUnavailable("down"), "OCTOPUS_UNAVAILABLE"),
        (QuotaSpent("GET /dossiers", NOON), "QUOTA_SPENT"),
    ]:
        api = an_api(FakeTransactions([replace(integration)]), octopus=FakeOctopus(fails=failure))
        answer = await api.operation("AvailableDossiers", integrationId=str(integration.id))
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]


async def test_a_card_that_needs_reconnecting_shows_the_selected_dossiers_and_says_so() -> None:
    integration = an_integration()
    mine = an_administration(integration_id=integration.id, dossier=DossierNumber(1))
    octopus = FakeOctopus(fails=AuthorizationRejected("no"))
    api = an_api(FakeTransactions([integration], (), [mine]), octopus=octopus)

    answer = await api.operation("AvailableDossiers", integrationId=str(integration.id))

    (dossier,) = answer["data"]["integration"]["dossiers"]
    assert (dossier["number"], dossier["selectable"]) == (1, False)
    assert "Reconnect" in dossier["reason"]


async def test_only_an_organisation_admin_sees_dossiers() -> None:
    integration = an_integration()
    for role in set(Role) - {Role.ORGANISATION_ADMIN}:
        api = an_api(FakeTransactions([integration]), role)
        answer = await api.operation("AvailableDossiers", integrationId=str(integration.id))
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
