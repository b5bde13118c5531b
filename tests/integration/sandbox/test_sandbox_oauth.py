"""Login, consent, codes and tokens."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

import httpx
import pytest

from octopus_sandbox.switches import Consent, Pkce, Rotation
from octopus_sandbox.testing import SandboxServer
from tests.integration.sandbox.sandbox_caller import PLAIN, Caller, tokens

VERIFIER = "a" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")

CHALLENGED = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def authorise_address(server: SandboxServer, **query: str) -> str:
    usual = {
        "scope": "webservice",
        "response_type": "code",
        "client_id": server.client_id,
        "redirect_uri": "http://127.0.0.1:9/callback?kept=1",
        "state": "s/t=a&te",
    }
    return str(httpx.URL(server.authorize_url, params={**usual, **query}))


def callback(server: SandboxServer, query: dict[str, str] | None = None, *, deny: bool = False) -> httpx.QueryParams:
    return httpx.URL(server.authorise(authorise_address(server, **(query or {})), deny=deny)).params


def refreshed(server: SandboxServer, token: str, **more: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "client_id": server.client_id, "refresh_token": token, **more}
    return httpx.post(server.token_url, data=form, verify=PLAIN)


def works(server: SandboxServer, access_token: str) -> bool:
    answer = httpx.get(f"{server.api_url}/dossiers", headers={"Token": access_token}, verify=PLAIN)
    return answer.status_code == 200


def test_the_callback_carries_code_and_state_beside_its_own_query(server: SandboxServer):
    query = callback(server)
    assert set(query) == {"kept", "code", "state"}
    assert query["state"] == "s/t=a&te"


def test_denying_redirects_with_access_denied(server: SandboxServer):
    query = callback(server, deny=True)
    assert (query["error"], query["state"]) == ("access_denied", "s/t=a&te")
    assert "code" not in query


def test_a_wrong_password_shows_an_error_on_the_page(server: SandboxServer):
    with pytest.raises(ValueError, match="User or password is wrong"):
        server.authorise(authorise_address(server), user="demo", password="wrong")


@pytest.mark.parametrize(
    "wrong", [{"client_id": "x"}, {"redirect_uri": ""}, {"scope": "all"}, {"response_type": "token"}]
)
def test_a_wrong_authorise_request_is_answered_with_a_page_and_no_redirect(
    server: SandboxServer, wrong: dict[str, str]
):
    answer = httpx.get(authorise_address(server, **wrong), verify=PLAIN)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_a_code_works_once(server: SandboxServer):
    code = server.authorise_code()
    assert set(tokens(server, code)) == {"access_token", "expires_in", "refresh_token", "token_type"}
    assert tokens(server, code)["error"] == "invalid_grant"


def test_a_code_lives_five_minutes(server: SandboxServer):
    early, late = server.authorise_code(), server.authorise_code()
    server.clock.advance(timedelta(minutes=4, seconds=59))
    assert "access_token" in tokens(server, early)
    server.clock.advance(timedelta(seconds=2))
    assert tokens(server, late)["error"] == "invalid_grant"


def test_access_and_dossier_tokens_live_ten_minutes(server: SandboxServer):
    with Caller(server, 49777) as caller:
        server.clock.advance(timedelta(minutes=9, seconds=59))
        assert caller.dossiers().status_code == caller.get("/bookyears").status_code == 200
        server.clock.advance(timedelta(seconds=2))
        assert caller.dossiers().status_code == caller.get("/bookyears").status_code == 401


def test_a_refresh_token_lives_sixty_days(server: SandboxServer):
    token = tokens(server, server.authorise_code())["refresh_token"]
    server.clock.advance(timedelta(days=59))
    assert refreshed(server, token).status_code == 200
    server.clock.advance(timedelta(days=1))
    assert refreshed(server, token).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("rotation", "answers_token", "old_works"),
    [
        (Rotation.NONE, False, True),
        (Rotation.SAME, True, True),
        (Rotation.KEEP_OLD, True, True),
        (Rotation.INVALIDATE_OLD, True, False),
    ],
)
def test_a_refresh_rotates_as_the_switch_says(
    server: SandboxServer, rotation: Rotation, answers_token: bool, old_works: bool
):
    server.switch(rotation=rotation)
    old = tokens(server, server.authorise_code())["refresh_token"]
    answer = refreshed(server, old).json()
    assert works(server, answer["access_token"])
    assert ("refresh_token" in answer) is answers_token
    assert (answer.get("refresh_token") == old) is (rotation is Rotation.SAME)
    assert (refreshed(server, old).status_code == 200) is old_works
    if rotation is Rotation.INVALIDATE_OLD:
        assert refreshed(server, answer["refresh_token"]).status_code == 200


def test_consent_is_asked_the_first_time_only_unless_switched(server: SandboxServer):
    callback(server)
    page = httpx.get(authorise_address(server), verify=PLAIN).text
    held = page.split('name="round" value="')[1].split('"')[0]
    form = {"round": held, "user": "demo", "password": "demo"}
    login = f"{server.url}/octopus-oauth/login"
    assert httpx.post(login, data=form, verify=PLAIN).status_code == 303
    server.switch(consent=Consent.ALWAYS)
    assert callback(server, deny=True)["error"] == "access_denied"


@pytest.mark.parametrize(
    ("pkce", "query", "form", "accepted"),
    [
        (
            Pkce.ACCEPTED,
            CHALLENGED,
            {"code_verifier": VERIFIER},
            True,
        ),
        (Pkce.ACCEPTED, CHALLENGED, {"code_verifier": "b"}, False),
        (Pkce.ACCEPTED, {}, {}, True),
        (
            Pkce.REQUIRED,
            CHALLENGED,
            {"code_verifier": VERIFIER},
            True,
        ),
        (Pkce.REQUIRED, CHALLENGED, {}, False),
        (Pkce.IGNORED, CHALLENGED, {}, True),
    ],
)
def test_pkce_is_treated_as_the_switch_says(
    server: SandboxServer, pkce: Pkce, query: dict[str, str], form: dict[str, str], accepted: bool
):
    server.switch(pkce=pkce)
    answer: dict[str, Any] = tokens(server, callback(server, query)["code"], **form)
    assert ("access_token" in answer) is accepted


def test_a_secret_is_demanded_where_switched(server: SandboxServer):
    server.switch(secret_required=True)
    assert tokens(server, server.authorise_code())["error"] == "invalid_client"
    assert "access_token" in tokens(server, server.authorise_code(), client_secret="any")


def test_expires_in_can_be_missing(server: SandboxServer):
    server.switch(expires_in=False)
    assert "expires_in" not in tokens(server, server.authorise_code())


@pytest.mark.parametrize("deny", [False, True])
def test_the_callback_may_name_who_answers(server: SandboxServer, deny: bool):
    assert "iss" not in callback(server, deny=deny)
    server.switch(issuer=True)
    assert server.authorize_url.startswith(callback(server, deny=deny)["iss"] + "/")


def test_revoking_ends_every_token_and_the_consent(server: SandboxServer):
    with Caller(server, 49777) as caller:
        token = tokens(server, server.authorise_code())["refresh_token"]
        server.sandbox.revoke("demo")
        assert caller.dossiers().status_code == caller.get("/bookyears").status_code == 401
        assert refreshed(server, token).json()["error"] == "invalid_grant"
    assert callback(server, deny=True)["error"] == "access_denied"


def test_logins_see_partly_different_dossiers(server: SandboxServer):
    seen = {}
    for user in ("demo", "other"):
        with Caller(server, 0, user=user) as caller:
            seen[user] = {record["dossierKey"]["id"] for record in caller.dossiers().json()}
    assert seen["demo"] & seen["other"] == {49002}
    assert seen["other"] - seen["demo"] == {49501}


def test_a_refresh_token_outlives_the_process_of_the_sandbox(server: SandboxServer):
    token = tokens(server, server.authorise_code())["refresh_token"]
    server.reset(server.sandbox.settings)
    assert refreshed(server, token).status_code == 200
    server.sandbox.revoke("demo")
    assert refreshed(server, token).json()["error"] == "invalid_grant"


def test_a_forged_refresh_token_is_refused(server: SandboxServer):
    header, claims, signature = tokens(server, server.authorise_code())["refresh_token"].split(".")
    server.reset(server.sandbox.settings)
    forged = f"{header}.{claims}.{signature[:-4]}AAAA"
    assert refreshed(server, forged).json()["error"] == "invalid_grant"
