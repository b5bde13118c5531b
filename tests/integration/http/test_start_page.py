"""The page that whoever authorises sees first (decision 22): what it says, what it leaves, and which click counts."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from monitr.domain.authorization import Purpose
from monitr.domain.integration import IntegrationStatus
from tests.integration.http.a_server import Server, a_server
from tests.our_page import form_on
from tests.unit.fakes import (
    MINE,
    NOON,
    FakeOctopusLogin,
    FakeTransactions,
    an_authorization,
    an_integration,
    an_integration_awaiting_consent,
    some_tokens,
)

RETURN_TO = "http://localhost:3000/integrations"
START = "/oauth/octopus/start"


def a_round(**changes):
    """The ticket "ticket", for an integration that waits for consent."""
    integration = an_integration_awaiting_consent()
    named = {"subject_name": "Anna Peeters", "organisation_name": "Bakkerij Peeters"} | changes
    return FakeTransactions([integration], [an_authorization(integration_id=integration.id, **named)])


async def the_page(server: Server, ticket: str = "ticket", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await server.client.get(START, params={"ticket": ticket}, headers=named)


async def click(server: Server, decision: str = "authorise", **headers: str) -> httpx.Response:
    address, form = form_on(await the_page(server), decision)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await server.client.post(address, data=form, headers=named)


# --- looking --------------------------------------------------------------------------------------------------------


async def test_looking_changes_nothing_however_often_and_from_wherever() -> None:
    """Mail scanners and previews of messages open links before people do."""
    world = a_round()
    before = (world.authorizations, world.integrations)
    async with a_server(world) as server:
        for method in ("GET", "HEAD", "GET"):
            async with httpx.AsyncClient() as somebody:
                address = f"{server.url}{START}?ticket=ticket"
                answer = await somebody.request(method, address, headers={"sec-fetch-site": "cross-site"})
            assert answer.status_code == 200
            assert "set-cookie" not in answer.headers
        assert (world.authorizations, world.integrations) == before
        assert (await click(server)).status_code == 303


@pytest.mark.parametrize(
    ("claims", "organisation", "person"),
    [({}, "Bakkerij Peeters", "Anna Peeters"), ({"subject_name": None, "organisation_name": None}, str(MINE), "anna")],
)
async def test_the_page_names_the_organisation_who_asked_and_what_will_be_read(
    claims: dict[str, None], organisation: str, person: str
) -> None:
    async with a_server(a_round(**claims)) as server:
        page = (await the_page(server)).text
    assert f"<bdi>{organisation}</bdi>" in page
    assert f"<bdi>{person}</bdi>" in page
    for told in ("general ledger", "accounts", "cost centres", "open invoices", "fixed assets", "all bookyears"):
        assert told in page
    assert "Monitr only reads" in page
    assert "<code>http://octopus.test</code>" in page
    assert "for another 10 minutes" in page


@pytest.mark.parametrize(
    ("accepts", "language", "button"),
    [
        ("nl-BE,nl;q=0.9,en;q=0.8", "nl", "Aanmelden bij Octopus"),
        ("fr", "fr", "Se connecter à Octopus"),
        ("de-AT", "de", "Bei Octopus anmelden"),
        ("en", "en", "Authenticate with Octopus"),
        ("ja,pt;q=0.5", "en", "Authenticate with Octopus"),
    ],
)
async def test_the_page_speaks_the_readers_language(accepts: str, language: str, button: str) -> None:
    async with a_server(a_round()) as server:
        page = await the_page(server, accept_language=accepts)
        closed = await the_page(server, "unknown", accept_language=accepts)
    assert (page.headers["content-language"], closed.headers["content-language"]) == (language, language)
    assert f'<html lang="{language}">' in page.text
    assert button in page.text


async def test_what_others_wrote_stays_text() -> None:
    evil = '</bdi></dd><form action="https://evil.example"><script>alert(1)</script>"\'$token'
    async with a_server(a_round(subject_name=None, subject=evil, organisation_name=evil)) as server:
        page = (await the_page(server)).text
    assert page.count("<form") == 1
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;$token</bdi>" in page


async def test_a_subject_cannot_turn_the_words_beside_it_around() -> None:
    async with a_server(a_round(subject_name=None, subject="anna\u202egnp.exe\n\u200bMonitr\x07")) as server:
        assert "<bdi>annagnp.exe Monitr</bdi>" in (await the_page(server)).text


async def test_nobody_frames_scripts_or_keeps_the_page_and_its_form_goes_to_octopus_or_back() -> None:
    async with a_server(a_round()) as server:
        headers = (await the_page(server)).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self' http://octopus.test http://localhost:3000",
    }
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


# --- which click counts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        ({}, {"token": None}),
        ({}, {"token": "guessed"}),
        ({}, {"token": "é"}),
        ({}, {"ticket": "another"}),
        ({}, {"decision": "whatever"}),
        ({"origin": "https://evil.example"}, {}),
        ({"origin": "null"}, {}),
        ({"origin": "null", "sec-fetch-site": "cross-site"}, {}),
        ({"sec-fetch-site": "cross-site"}, {}),
        ({"sec-fetch-site": "same-site"}, {}),
        ({"sec-fetch-site": "none"}, {}),
        ({"sec-fetch-site": "same-origin", "origin": "https://evil.example"}, {}),
        ({"content-type": "text/plain"}, {}),
    ],
    ids=lambda value: ",".join(f"{name}={text}".encode("ascii", "replace").decode() for name, text in value.items()),
)
async def test_a_click_that_somebody_else_made_up_does_nothing(
    headers: dict[str, str], form: dict[str, str | None]
) -> None:
    """Whoever made the link can read its page, form token included, and put the same form on a page of his own."""
    world = a_round()
    before = (world.authorizations, world.integrations)
    async with a_server(world) as server:
        for decision in ("authorise", "refuse"):
            address, fields = form_on(await the_page(server), decision)
            fields = {name: value for name, value in {**fields, **form}.items() if value is not None}
            answer = await server.client.post(address, data=fields, headers=headers)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers
            assert "has happened" in answer.text
    assert (world.authorizations, world.integrations) == before


async def test_a_form_with_a_field_twice_or_larger_than_ours_does_nothing() -> None:
    async with a_server(a_round()) as server:
        address, fields = form_on(await the_page(server))
        for more in ({"token": [fields["token"], "x"]}, {"more": "x" * 20_000}, {str(n): "x" for n in range(30)}):
            assert (await server.client.post(address, data={**fields, **more})).status_code == 403


@pytest.mark.parametrize("sent", ["origin", "null", "fetch metadata", "neither"])
async def test_a_click_on_the_page_goes_on_to_octopus(sent: str) -> None:
    """A browser that suppresses referrers says ``Origin: null``; a program that is none says nothing."""
    world = a_round()
    async with a_server(world) as server:
        headers: dict[str, dict[str, str]] = {
            "origin": {"origin": server.url},
            "null": {"origin": "null", "sec-fetch-site": "same-origin"},
            "fetch metadata": {"origin": server.url, "sec-fetch-site": "same-origin"},
            "neither": {},
        }
        answer = await click(server, **headers[sent])
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("http://octopus.test/authorize?state=")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert world.authorizations[0].belongs_to(answer.cookies["monitr_oauth"])


@pytest.mark.parametrize("cookie", ['"\\012x"', "a" * 5000], ids=["line break", "long"])
async def test_a_cookie_that_is_none_of_ours_is_no_browser(cookie: str) -> None:
    world = a_round()
    async with a_server(world) as server:
        answer = await click(server, cookie=f"monitr_oauth={cookie}")
    assert answer.status_code == 303
    assert world.authorizations[0].belongs_to(answer.cookies["monitr_oauth"])


async def test_the_origin_is_that_of_the_public_address() -> None:
    async with a_server(a_round(), public_url="https://Api.Monitr.test:443") as server:
        assert (await click(server, origin=server.url)).status_code == 403
        assert (await click(server, origin="https://api.monitr.test")).status_code == 303


# --- who it may be sent to ------------------------------------------------------------------------------------------


async def test_a_bookkeeper_finishes_in_a_browser_of_their_own() -> None:
    world = a_round()
    async with a_server(world, login=FakeOctopusLogin({"c0de": some_tokens()})) as server:
        await the_page(server)  # who asked looks first
        async with httpx.AsyncClient(base_url=server.url) as bookkeeper:
            elsewhere = replace(server, client=bookkeeper)
            state = parse_qs(urlsplit((await click(elsewhere)).headers["location"]).query)["state"][0]
            done = await bookkeeper.get("/oauth/octopus/callback", params={"code": "c0de", "state": state})
            again = await the_page(elsewhere)
    assert done.headers["location"] == f"{RETURN_TO}?integrationId={world.integrations[0].id}"
    assert world.integrations[0].status is IntegrationStatus.CONFIGURED
    assert again.status_code == 410
    assert "no longer works" in again.text


async def test_another_browser_cannot_take_over_what_somebody_has_begun() -> None:
    world = a_round()
    async with a_server(world) as server, httpx.AsyncClient(base_url=server.url) as other:
        address, form = form_on(await the_page(server))
        assert (await click(server)).status_code == 303
        begun = world.authorizations
        looked = await the_page(replace(server, client=other))
        answers = [await other.post(address, data=form | {"decision": it}) for it in ("authorise", "refuse")]
        assert (await the_page(server)).status_code == 200
    assert [answer.status_code for answer in (looked, *answers)] == [409, 409, 409]
    assert "another browser" in looked.text
    assert world.authorizations == begun


async def test_refusing_ends_the_round() -> None:
    world = a_round()
    async with a_server(world, login=FakeOctopusLogin({"c0de": some_tokens()})) as server:
        state = parse_qs(urlsplit((await click(server)).headers["location"]).query)["state"][0]
        address, form = form_on(await the_page(server))
        refused = await click(server, "refuse")
        late = await server.client.get("/oauth/octopus/callback", params={"code": "c0de", "state": state})
        dead = [await the_page(server), await server.client.post(address, data=form)]
    assert (refused.status_code, refused.headers["location"]) == (303, f"{RETURN_TO}?error=access_denied")
    assert late.headers["location"] == f"{RETURN_TO}?error=invalid_state"
    assert [answer.status_code for answer in dead] == [410, 410]
    assert world.integrations[0].status is IntegrationStatus.DELETED


async def test_refusing_to_reconnect_leaves_the_integration_as_it_was() -> None:
    integration = an_integration()
    round_ = an_authorization(integration_id=integration.id, purpose=Purpose.RECONNECT)
    world = FakeTransactions([integration], [round_])
    async with a_server(world) as server:
        assert "again" in (await the_page(server)).text
        assert (await click(server, "refuse")).status_code == 303
    assert world.integrations == [integration]


@pytest.mark.parametrize(
    ("ticket", "expires_at", "status"), [("ticket", NOON, 410), ("unknown", NOON, 404), ("", NOON, 404)]
)
async def test_a_link_that_opens_nothing_says_so_in_words(ticket: str, expires_at, status: int) -> None:
    async with a_server(a_round(expires_at=expires_at)) as server:
        answer = await the_page(server, ticket)
    assert answer.status_code == status
    assert "This link opens nothing" in answer.text
    assert (RETURN_TO in answer.text) is (status == 410)
