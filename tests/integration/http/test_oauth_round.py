from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from monitr.application.octopus import OctopusUnavailable
from monitr.domain.administration import Dossier, DossierNumber
from monitr.domain.authorization import Purpose
from monitr.domain.integration import IntegrationStatus
from tests.integration.http.a_server import Server, a_server
from tests.our_page import form_on
from tests.unit.fakes import (
    FakeOctopus,
    FakeOctopusLogin,
    FakeTransactions,
    an_administration,
    an_authorization,
    an_integration,
    an_integration_awaiting_consent,
    some_tokens,
)

RETURN_TO = "http://localhost:3000/integrations"


def a_round(**changes):
    """An integration that waits for consent, and the ticket "ticket" to its start page."""
    integration = an_integration_awaiting_consent()
    return FakeTransactions([integration], [an_authorization(integration_id=integration.id, **changes)])


def query_of(answer: httpx.Response) -> dict[str, list[str]]:
    assert answer.status_code == 303
    return parse_qs(urlsplit(answer.headers["location"]).query)


async def clicked(server: Server, ticket: str = "ticket", decision: str = "authorise") -> httpx.Response:
    """The answer to a button of the start page."""
    address, form = form_on(await server.client.get("/oauth/octopus/start", params={"ticket": ticket}), decision)
    return await server.client.post(address, data=form)


async def start(server: Server, ticket: str = "ticket") -> str:
    """The state that the browser takes to Octopus; the cookie stays in the client."""
    return query_of(await clicked(server, ticket))["state"][0]


async def test_a_round_ends_at_the_return_address_with_the_integration() -> None:
    world = a_round()
    async with a_server(world, login=FakeOctopusLogin({"c0de": some_tokens()})) as server:
        state = await start(server)
        answer = await server.client.get("/oauth/octopus/callback", params={"code": "c0de", "state": state})
    assert answer.headers["location"] == f"{RETURN_TO}?integrationId={world.integrations[0].id}"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert world.integrations[0].status is IntegrationStatus.CONFIGURED


@pytest.mark.parametrize(
    ("public_url", "secure"), [("http://api.monitr.test", False), ("https://api.monitr.test", True)]
)
async def test_the_cookie_is_for_this_round_and_this_browser_only(public_url: str, secure: bool) -> None:
    async with a_server(a_round(), public_url=public_url) as server:
        answer = await clicked(server)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("monitr_oauth=")
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/oauth/octopus", "Max-Age=600"):
        assert attribute in cookie
    assert ("Secure" in cookie) is secure


async def test_a_callback_in_another_browser_changes_nothing() -> None:
    world = a_round()
    async with a_server(world, login=FakeOctopusLogin({"c0de": some_tokens()})) as server:
        state = await start(server)
        server.client.cookies.clear()
        answer = await server.client.get("/oauth/octopus/callback", params={"code": "c0de", "state": state})
    assert query_of(answer) == {"error": ["invalid_state"]}
    assert world.integrations[0].status is IntegrationStatus.AWAITING_AUTHORIZATION


async def test_a_state_works_once() -> None:
    async with a_server(a_round(), login=FakeOctopusLogin({"c0de": some_tokens()})) as server:
        state = await start(server)
        await server.client.get("/oauth/octopus/callback", params={"code": "c0de", "state": state})
        again = await server.client.get("/oauth/octopus/callback", params={"code": "c0de", "state": state})
    assert query_of(again) == {"error": ["invalid_state"]}


async def test_an_unknown_state_ends_at_our_own_page() -> None:
    async with a_server() as server:
        for path in ("/oauth/octopus/callback?state=x&code=y", "/oauth/octopus/callback"):
            answer = await server.client.get(path)
            assert answer.headers["location"] == f"{server.url}/?error=invalid_state"


@pytest.mark.parametrize(
    ("parameters", "login", "error"),
    [
        ({"error": "access_denied"}, FakeOctopusLogin(), "access_denied"),
        ({"error": "access_denied", "code": "c0de"}, FakeOctopusLogin({"c0de": some_tokens()}), "access_denied"),
        ({"code": "wrong"}, FakeOctopusLogin(), "expired"),
        ({"code": "c0de"}, FakeOctopusLogin(fails=OctopusUnavailable("down")), "octopus_unavailable"),
    ],
)
async def test_what_went_wrong_travels_to_the_return_address_and_nothing_secret_does(
    parameters: dict[str, str], login: FakeOctopusLogin, error: str
) -> None:
    async with a_server(a_round(), login=login) as server:
        state = await start(server)
        answer = await server.client.get("/oauth/octopus/callback", params={**parameters, "state": state})
    assert answer.headers["location"] == f"{RETURN_TO}?error={error}"


@pytest.mark.parametrize(
    ("issuer", "error"),
    [
        ("iss=http://octopus.test", None),
        ("iss=http://evil.example", "invalid_state"),
        ("iss=", "invalid_state"),
        ("iss=http://octopus.test&iss=http://evil.example", "invalid_state"),
    ],
)
async def test_an_answer_that_says_who_answers_has_to_be_octopuss(issuer: str, error: str | None) -> None:
    async with a_server(a_round(), login=FakeOctopusLogin({"c0de": some_tokens()})) as server:
        state = await start(server)
        answer = await server.client.get(f"/oauth/octopus/callback?code=c0de&state={state}&{issuer}")
    assert query_of(answer).get("error", [None]) == [error]


async def test_a_reconnection_with_another_login_is_refused() -> None:
    integration = an_integration(status=IntegrationStatus.RECONNECT_REQUIRED)
    round_ = an_authorization(integration_id=integration.id, purpose=Purpose.RECONNECT)
    mine = an_administration(integration_id=integration.id, dossier=DossierNumber(1))
    world = FakeTransactions([integration], [round_], [mine])
    octopus = FakeOctopus(listed=(Dossier(DossierNumber(2), "Other", None),))
    async with a_server(world, octopus, FakeOctopusLogin({"c0de": some_tokens()})) as server:
        state = await start(server)
        answer = await server.client.get("/oauth/octopus/callback", params={"code": "c0de", "state": state})
    assert query_of(answer) == {"error": ["different_account"], "lost": [str(mine.id)]}


async def test_a_reconnection_names_by_their_ids_what_its_login_does_not_open() -> None:
    integration = an_integration(status=IntegrationStatus.RECONNECT_REQUIRED)
    round_ = an_authorization(integration_id=integration.id, purpose=Purpose.RECONNECT)
    one, two, three = [
        an_administration(integration_id=integration.id, dossier=DossierNumber(number)) for number in (1, 2, 3)
    ]
    world = FakeTransactions([integration], [round_], [one, two, three])
    octopus = FakeOctopus(listed=(Dossier(DossierNumber(2), "Other", None),))
    async with a_server(world, octopus, FakeOctopusLogin({"c0de": some_tokens()})) as server:
        state = await start(server)
        answer = await server.client.get("/oauth/octopus/callback", params={"code": "c0de", "state": state})
    lost = f"{one.id},{three.id}"
    assert query_of(answer) == {"integrationId": [str(integration.id)], "lost": [lost]}
