"""The OAuth rounds: what is sent, and what each answer of the token endpoint means."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from monitr.application.octopus import (
    AuthorizationRejected,
    GrantRejected,
    InvalidAnswer,
    NotConfiguredError,
    OctopusUnavailable,
)
from tests.integration.octopus.scripted_octopus import NO_ANSWER, NOON, RESET, Reply, World, a_world, answer

TOKENS = answer(body={"access_token": "a", "refresh_token": "r", "token_type": "Bearer", "expires_in": 600})


def sent(world: World) -> dict[str, str]:
    [asked] = world.server.asked_for("/token")
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    return {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}


async def test_the_authorize_address_has_what_octopus_documents_and_an_s256_challenge() -> None:
    async with a_world(authorize_url="https://octopus.example/authorize") as world:
        url = urlsplit(world.adapter.login.authorize_url("the state", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))

    assert url.netloc + url.path == "octopus.example/authorize"
    assert parse_qs(url.query) == {
        "scope": ["webservice"],
        "response_type": ["code"],
        "client_id": ["house"],
        "redirect_uri": ["http://127.0.0.1:8000/oauth/octopus/callback"],
        "state": ["the state"],
        "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],  # RFC 7636, appendix B
        "code_challenge_method": ["S256"],
    }


async def test_without_pkce_there_is_neither_verifier_nor_challenge() -> None:
    async with a_world(pkce=False) as world:
        assert world.adapter.login.new_verifier() is None
        assert "challenge" not in world.adapter.login.authorize_url("s", None)


async def test_verifiers_are_fresh_and_of_the_length_that_is_prescribed() -> None:
    async with a_world() as world:
        one, other = world.adapter.login.new_verifier(), world.adapter.login.new_verifier()

    assert one != other
    assert 43 <= len(one or "") <= 128


async def test_a_code_is_exchanged_with_the_parameters_of_the_manual_the_redirect_address_and_the_verifier() -> None:
    async with a_world() as world:
        world.server.answers("/token", TOKENS)

        tokens = await world.adapter.login.exchange("the code", "verifier")

    assert sent(world) == {
        "grant_type": "authorization_code",
        "client_id": "house",
        "code": "the code",
        "redirect_uri": "http://127.0.0.1:8000/oauth/octopus/callback",
        "code_verifier": "verifier",
    }
    assert (tokens.access_token, tokens.refresh_token) == ("a", "r")
    assert tokens.access_expires_at == NOON + timedelta(minutes=10)


async def test_a_refresh_sends_the_parameters_of_the_manual_and_keeps_the_token_where_none_came() -> None:
    async with a_world() as world:
        world.server.answers("/token", answer(body={"access_token": "b", "expires_in": "300"}))

        tokens = await world.adapter.login.refresh("r1")

    assert sent(world) == {"grant_type": "refresh_token", "client_id": "house", "refresh_token": "r1"}
    assert tokens.refresh_token is None
    assert tokens.access_expires_at == NOON + timedelta(minutes=5)


async def test_the_client_secret_is_sent_only_where_there_is_one() -> None:
    async with a_world(client_secret="hush") as world:
        world.server.answers("/token", TOKENS)

        await world.adapter.login.refresh("r1")

    assert sent(world)["client_secret"] == "hush"


@pytest.mark.parametrize("lifetime", [{}, {"expires_in": None}, {"expires_in": "soon"}, {"expires_in": -1}])
async def test_a_life_that_octopus_does_not_tell_is_ten_minutes(lifetime: dict[str, object]) -> None:
    async with a_world() as world:
        world.server.answers("/token", answer(body={"access_token": "b"} | lifetime))

        assert (await world.adapter.login.refresh("r")).access_expires_at == NOON + timedelta(minutes=10)


@pytest.mark.parametrize(
    "refusal",
    [answer(400, {"error": "invalid_grant"}), answer(400), answer(401, b"<html>", "text/html"), answer(403, b"no")],
    ids=str,
)
async def test_a_code_that_is_refused_is_a_rejected_grant(refusal: Reply) -> None:
    async with a_world() as world:
        world.server.answers("/token", refusal)

        with pytest.raises(GrantRejected):
            await world.adapter.login.exchange("code", None)


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_only_invalid_grant_ends_an_authorisation(status: int) -> None:
    async with a_world() as world:
        world.server.answers("/token", answer(status, {"error": "invalid_grant", "error_description": "x"}))

        with pytest.raises(AuthorizationRejected):
            await world.adapter.login.refresh("r")


@pytest.mark.parametrize(
    "other",
    [
        answer(400, {"error": "invalid_scope"}),
        answer(400),
        answer(401, b"<html>", "text/html"),
        answer(200, b"<html>secret</html>", "text/html"),
        answer(200, {}),
        answer(200, {"access_token": "a\r\nb"}),
        answer(302, location="http://127.0.0.1:9/"),
    ],
    ids=str,
)
async def test_any_other_refusal_of_a_refresh_leaves_the_authorisation_alone(other: Reply) -> None:
    async with a_world() as world:
        world.server.answers("/token", other)

        with pytest.raises(InvalidAnswer) as raised:
            await world.adapter.login.refresh("the-refresh-token")

    assert "the-refresh-token" not in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "refusal",
    [
        answer(400, {"error": "unauthorized_client"}),
        answer(401, {"error": "invalid_client", "error_description": "secret"}),
        answer(200, {"error": "invalid_client"}),
        answer(400, {"errorCode": -68, "technicalInfo": "secret"}),
    ],
    ids=str,
)
async def test_a_software_house_that_octopus_does_not_know_is_said_as_that(refusal: Reply) -> None:
    async with a_world() as world:
        world.server.answers("/token", refusal)

        for asked in (world.adapter.login.refresh("r"), world.adapter.login.exchange("code", None)):
            with pytest.raises(NotConfiguredError, match="software house id") as raised:
                await asked
            assert "secret" not in str(raised.value)


@pytest.mark.parametrize("fault", [NO_ANSWER, RESET, answer(500), answer(502)], ids=str)
async def test_a_code_is_sent_once_where_its_request_may_have_been_taken(fault: Reply) -> None:
    """A second request with the same code would end the authorisation (RFC 6749, 4.1.2)."""
    async with a_world() as world:
        world.server.answers("/token", fault, TOKENS)

        with pytest.raises(OctopusUnavailable):
            await world.adapter.login.exchange("code", None)

    assert len(world.server.asked_for("/token")) == 1


@pytest.mark.parametrize("fault", [NO_ANSWER, RESET, answer(500), answer(503), answer(429)], ids=str)
async def test_a_refresh_is_sent_once_a_call(fault: Reply) -> None:
    """It happens under a lock; whoever needs the token asks again without it."""
    async with a_world() as world:
        world.server.answers("/token", fault, TOKENS)

        with pytest.raises(OctopusUnavailable):
            await world.adapter.login.refresh("r")

    assert len(world.server.asked_for("/token")) == 1


async def test_without_a_client_id_nothing_is_asked() -> None:
    async with a_world(client_id=None) as world:
        assert not world.adapter.login.is_configured
        with pytest.raises(NotConfiguredError):
            world.adapter.login.authorize_url("s", None)
        with pytest.raises(NotConfiguredError):
            await world.adapter.login.exchange("c", None)
        with pytest.raises(NotConfiguredError):
            await world.adapter.login.refresh("r")

    assert world.server.asked == []


async def test_secrets_are_in_no_representation() -> None:
    async with a_world(client_secret="hush") as world:
        await world.octopus.refusal(*next_dossier())

        assert "hush" not in repr(world.adapter.login)
        assert "dossier-token" not in repr(world.octopus)
        assert "access-1" not in repr(world.octopus.reads.tokens)


def next_dossier():
    from tests.integration.octopus.scripted_octopus import DOSSIER, INTEGRATION

    return INTEGRATION, DOSSIER


@pytest.mark.parametrize(
    ("issuer", "known", "is_octopus"),
    [
        ("https://octopus.example", None, True),
        ("https://octopus.example:443/realms/one", None, True),
        ("https://octopus.example.evil.example", None, False),
        ("http://octopus.example", None, False),
        ("", None, False),
        ("https://login.octopus.example", "https://login.octopus.example", True),
        ("https://login.octopus.example/", "https://login.octopus.example", False),
        ("https://octopus.example", "https://login.octopus.example", False),
    ],
)
async def test_an_issuer_is_octopuss_to_the_letter_or_where_none_is_known_by_its_origin(
    issuer: str, known: str | None, is_octopus: bool
) -> None:
    async with a_world(authorize_url="https://octopus.example/oauth/authorize", issuer=known) as world:
        assert world.adapter.login.origin == "https://octopus.example"
        assert world.adapter.login.is_issuer(issuer) is is_octopus
