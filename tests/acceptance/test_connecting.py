"""Add Octopus: the happy walk, and every way in which it can end otherwise."""

from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from tests.acceptance.books import Books
from tests.acceptance.companies import small_books
from tests.acceptance.conftest import Selected, numbers
from tests.acceptance.front_end import EVERY_READING, Browser, FrontEnd, Stopped
from tests.acceptance.other_octopus import OtherOctopus
from tests.acceptance.program import Program, token
from tests.acceptance.sign_in import Login


@pytest.fixture
def newcomer(program: Program) -> FrontEnd:
    return FrontEnd(program.url, token(str(uuid4()), "ORGANISATION_ADMIN"))


@pytest.fixture
def bookkeeper(octopus: OtherOctopus) -> Login:
    """A login with one dossier that can be selected."""
    books = small_books(documents=1)
    books.number = next(numbers)
    octopus.keep(books)
    return octopus.sign_in.add(Login(f"boekhouder-{books.number}", "pw", [books.number]))


def walk(someone: FrontEnd, login: Login, **more: bool) -> dict[str, list[str]]:
    return Browser().walk(someone.begin()["authorizationUrl"], someone.return_to, login.user, login.password, **more)


def test_the_card_says_what_octopus_is_for(newcomer: FrontEnd):
    (provider,) = newcomer.ask("IntegrationCards")["integrationProviders"]
    assert (provider["key"], provider["authentication"]) == ("OCTOPUS", "OAUTH2")
    assert provider["name"]
    datasets = {each["dataset"] for each in provider["datasets"]}
    assert {"GENERAL_LEDGER", "ACCOUNTS", "DIMENSIONS", "OUTSTANDING_ITEMS", "FIXED_ASSETS"} <= datasets
    assert all(each["usedFor"] for each in provider["datasets"])
    assert provider["integrations"] == []


def test_an_integration_is_on_a_card_once_the_authorisation_is_complete(newcomer: FrontEnd, bookkeeper: Login):
    started = newcomer.begin()
    assert started["integration"]["status"] == "AWAITING_AUTHORIZATION"
    assert started["authorizationUrl"].startswith(f"{newcomer.url}/oauth/octopus/start?")
    assert newcomer.cards() == []
    landed = Browser().walk(started["authorizationUrl"], newcomer.return_to, bookkeeper.user, bookkeeper.password)
    assert landed == {"tab": ["accounting"], "integrationId": [started["integration"]["id"]]}
    (card,) = newcomer.cards()
    assert (card["id"], card["status"]) == (started["integration"]["id"], "CONFIGURED")
    assert card["authorizedAt"] is not None
    assert card["administrations"] == []


def test_octopus_may_be_added_twice(newcomer: FrontEnd, bookkeeper: Login):
    first = newcomer.connect(bookkeeper.user, bookkeeper.password)
    second = newcomer.connect(bookkeeper.user, bookkeeper.password)
    assert first != second
    assert {card["id"] for card in newcomer.cards()} == {first, second}


def test_who_denies_comes_back_with_access_denied_and_no_card(newcomer: FrontEnd, bookkeeper: Login):
    started = newcomer.begin()
    landed = Browser().walk(
        started["authorizationUrl"], newcomer.return_to, bookkeeper.user, bookkeeper.password, consent=False
    )
    assert landed["error"] == ["access_denied"]
    assert newcomer.cards() == []
    found = newcomer.ask("AvailableDossiers", integrationId=started["integration"]["id"])["integration"]
    assert found is None


def test_a_code_that_ran_out_ends_as_expired(newcomer: FrontEnd, bookkeeper: Login, octopus: OtherOctopus):
    octopus.sign_in.code_seconds = -1
    try:
        assert walk(newcomer, bookkeeper)["error"] == ["expired"]
    finally:
        octopus.sign_in.code_seconds = 300
    assert newcomer.cards() == []


def test_an_octopus_that_is_down_is_said_to_be_unavailable(newcomer: FrontEnd, bookkeeper: Login, octopus):
    octopus.sign_in.is_down = True
    try:
        assert walk(newcomer, bookkeeper)["error"] == ["octopus_unavailable"]
    finally:
        octopus.sign_in.is_down = False
    assert newcomer.cards() == []


def test_the_same_answer_of_octopus_is_accepted_once(newcomer: FrontEnd, bookkeeper: Login):
    browser = Browser()
    browser.walk(newcomer.begin()["authorizationUrl"], newcomer.return_to, bookkeeper.user, bookkeeper.password)
    callback = next(url for url in browser.visited if "/oauth/octopus/callback" in url)
    again = browser.http.get(callback)
    assert again.is_redirect
    assert "error=invalid_state" in again.headers["location"]
    assert "integrationId" not in again.headers["location"]
    assert [card["status"] for card in newcomer.cards()] == ["CONFIGURED"]


def test_the_answer_of_octopus_in_another_browser_is_refused(newcomer: FrontEnd, bookkeeper: Login):
    browser = Browser()
    started = newcomer.begin()
    browser.stops_before = "/oauth/octopus/callback"
    with pytest.raises(Stopped) as stopped:
        browser.walk(started["authorizationUrl"], newcomer.return_to, bookkeeper.user, bookkeeper.password)
    elsewhere = httpx.get(str(stopped.value), follow_redirects=False)
    assert elsewhere.is_redirect
    assert "error=invalid_state" in elsewhere.headers["location"]
    assert newcomer.cards() == []


@pytest.mark.parametrize("query", ["", "?code=x", "?state=unknown&code=x", "?state=%00&error=access_denied"])
def test_a_state_that_nobody_issued_ends_at_the_console_with_invalid_state(program: Program, query: str):
    response = httpx.get(f"{program.url}/oauth/octopus/callback{query}", follow_redirects=False)
    assert response.is_redirect
    assert response.headers["location"] in (f"{program.url}/?error=invalid_state", "/?error=invalid_state")
    assert response.headers["referrer-policy"] == "no-referrer"


def test_the_cookie_binds_the_browser_and_scripts_cannot_read_it(newcomer: FrontEnd):
    response = Browser().go_on(newcomer.begin()["authorizationUrl"])
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    location = httpx.URL(response.headers["location"])
    assert location.params["scope"] == "webservice"
    assert location.params["response_type"] == "code"
    assert location.params["code_challenge_method"] == "S256"
    assert location.params["redirect_uri"] == f"{newcomer.url}/oauth/octopus/callback"


@pytest.mark.parametrize(
    "elsewhere", ["https://kwaad.example/", "//kwaad.example", "javascript:alert(1)", "http://127.0.0.1.kwaad.example/"]
)
def test_a_return_address_on_a_foreign_origin_is_refused(newcomer: FrontEnd, elsewhere: str):
    answer = newcomer.answer("ConnectIntegration", provider="OCTOPUS", returnTo=elsewhere)
    if "errors" in answer:
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert "returnTo" in str(answer["errors"][0])
    else:
        assert answer["data"]["connectIntegration"]["__typename"] != "AuthorizationRequired"


def test_without_a_return_address_the_browser_ends_at_the_console(newcomer: FrontEnd, bookkeeper: Login):
    payload = newcomer.ask("ConnectIntegration", provider="OCTOPUS", returnTo=None)["connectIntegration"]
    landed = Browser().walk(payload["authorizationUrl"], f"{newcomer.url}/", bookkeeper.user, bookkeeper.password)
    assert landed == {"integrationId": [payload["integration"]["id"]]}


# --- selecting -------------------------------------------------------------------------------------------------------


def test_dossiers_are_listed_with_the_reason_why_one_cannot_be_selected(newcomer, bookkeeper, octopus: OtherOctopus):
    switched_off = Books(next(numbers), "Uitgeschakeld", "BE0999.999.922")
    octopus.keep(switched_off, disabled=True)
    bookkeeper.dossiers.append(switched_off.number)
    integration = newcomer.connect(bookkeeper.user, bookkeeper.password)
    good = bookkeeper.dossiers[0]
    found = newcomer.ask("AvailableDossiers", integrationId=integration)["integration"]["dossiers"]
    shown = {each["number"]: each for each in found}
    assert set(shown) == {good, switched_off.number}
    assert shown[good]["selectable"] is True
    assert shown[good]["administration"] is None
    assert shown[good]["reason"] is None

    ids = newcomer.select(integration, good)
    found = newcomer.ask("AvailableDossiers", integrationId=integration)["integration"]["dossiers"]
    shown = {each["number"]: each for each in found}
    assert shown[good]["administration"]["id"] == ids[good]
    assert shown[good]["selectable"] is False
    assert shown[good]["reason"]
    assert newcomer.select(integration, good) == ids
    newcomer.wait(ids[good])


@pytest.mark.parametrize("which", ["disabled", "unknown"])
def test_one_dossier_that_cannot_be_selected_stops_all_and_is_named(newcomer, bookkeeper, octopus, which):
    number = next(numbers)
    if which == "disabled":
        octopus.keep(Books(number, "Uitgeschakeld"), disabled=True)
        bookkeeper.dossiers.append(number)
    integration = newcomer.connect(bookkeeper.user, bookkeeper.password)
    answer = newcomer.ask(
        "SelectAdministrations", integrationId=integration, dossierNumbers=[bookkeeper.dossiers[0], number]
    )["selectAdministrations"]
    assert answer["__typename"] != "AdministrationsSelected"
    assert str(number) in answer["message"]
    assert newcomer.cards()[0]["administrations"] == []


def test_a_dossier_of_another_integration_moves_here_with_everything_it_has(newcomer: FrontEnd, bookkeeper: Login):
    (number,) = bookkeeper.dossiers
    first = newcomer.connect(bookkeeper.user, bookkeeper.password)
    id = newcomer.select(first, number)[number]
    newcomer.wait(id)
    lines = len(newcomer.transactions(id))
    second = newcomer.connect(bookkeeper.user, bookkeeper.password)
    assert newcomer.select(second, number)[number] == id
    assert {card["id"]: [each["id"] for each in card["administrations"]] for card in newcomer.cards()} == {
        first: [],
        second: [id],
    }
    assert len(newcomer.transactions(id)) == lines


# --- the life of an administration -----------------------------------------------------------------------------------


def test_a_removed_administration_is_nowhere_and_comes_back_as_it_was(begun: Callable[..., tuple[FrontEnd, Selected]]):
    someone, selected = begun(small_books(documents=1))
    id, number = selected.id, selected.books.number
    lines = len(someone.transactions(id))
    removed = someone.ask("RemoveAdministration", administrationId=id)["removeAdministration"]
    assert removed["__typename"] == "AdministrationRemoved"
    assert removed["administrationId"] == id
    for operation, more in EVERY_READING.items():
        assert someone.ask(operation, administrationId=id, **more) == {"administration": None}, operation
    assert someone.cards()[0]["administrations"] == []
    started = someone.ask("StartImports", administrationIds=[id])["startImports"]
    assert started["code"] == "UNKNOWN_ADMINISTRATION"
    again = someone.ask("RemoveAdministration", administrationId=id, purge=None)["removeAdministration"]
    assert again["code"] == "UNKNOWN_ADMINISTRATION"
    assert someone.progress(id) == []

    assert someone.select(selected.integration, number) == {number: id}
    assert len(someone.transactions(id)) == lines
    assert someone.wait(id)["status"] == "SUCCEEDED"
    assert len(someone.transactions(id)) == lines


def test_a_purged_administration_starts_anew(begun: Callable[..., tuple[FrontEnd, Selected]]):
    someone, selected = begun(small_books(documents=1))
    lines = len(someone.transactions(selected.id))
    someone.ask("RemoveAdministration", administrationId=selected.id, purge=True)
    fresh = someone.select(selected.integration, selected.books.number)[selected.books.number]
    assert someone.wait(fresh)["status"] == "SUCCEEDED"
    assert len(someone.transactions(fresh)) == lines


def test_a_deleted_integration_takes_its_administrations_along(begun: Callable[..., tuple[FrontEnd, Selected]]):
    someone, selected = begun(small_books(documents=1))
    deleted = someone.ask("DeleteIntegration", integrationId=selected.integration)["deleteIntegration"]
    assert deleted["__typename"] == "IntegrationDeleted"
    assert deleted["integrationId"] == selected.integration
    assert someone.cards() == []
    assert someone.ask("LedgerBasics", administrationId=selected.id) == {"administration": None}
    assert someone.ask("AvailableDossiers", integrationId=selected.integration) == {"integration": None}
    again = someone.ask("DeleteIntegration", integrationId=selected.integration)["deleteIntegration"]
    assert again["code"] == "UNKNOWN_INTEGRATION"


def test_reconnecting_keeps_ids_and_rows_and_another_account_is_refused(begun, octopus: OtherOctopus):
    someone, selected = begun(small_books(documents=1))
    stranger = octopus.sign_in.add(Login("vreemd", "pw", []))
    query = {"integrationId": selected.integration, "returnTo": someone.return_to}
    address = someone.ask("ReconnectIntegration", **query)["reconnectIntegration"]["authorizationUrl"]
    landed = Browser().walk(address, someone.return_to, stranger.user, stranger.password)
    assert landed["error"] == ["different_account"]
    assert someone.cards()[0]["status"] == "CONFIGURED"
    login = f"user-{selected.books.number}"
    address = someone.ask("ReconnectIntegration", **query)["reconnectIntegration"]["authorizationUrl"]
    landed = Browser().walk(address, someone.return_to, login, "pw")
    assert landed["integrationId"] == [selected.integration]
    (card,) = someone.cards()
    assert [each["id"] for each in card["administrations"]] == [selected.id]
