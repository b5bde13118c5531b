import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from monitr.adapters.security.bearer_tokens import BearerTokens
from monitr.adapters.security.development_tokens import sign
from monitr.adapters.security.jwks import Jwks
from monitr.application.bearer_tokens import Bearer, InvalidToken, KeysUnavailable, VerifyToken
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Principal, Role
from tests.unit.fakes import MINE, NOON

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # weak ones have to work too

SECRET = "a development secret, long enough"
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})


def claims(**changes: Any) -> dict[str, Any]:
    now = int(NOON.timestamp())
    usual = {
        "sub": "anna",
        "org": str(MINE),
        "roles": ["REPORTS"],
        "exp": now + 60,
        "iss": "https://login.monitr.test",
        "aud": "monitr",
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def a_token(key: Key = RSA, algorithm: str = "RS256", header: dict[str, Any] | None = None, **changes: Any) -> str:
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    return jwt.encode({"alg": algorithm, "kid": key.kid} | (header or {}), claims(**changes), key, registry=registry)


def a_development_token(secret: str = SECRET, **changes: Any) -> str:
    return jwt.encode({"alg": "HS256"}, claims(**changes), OctKey.import_key(secret))


@dataclass
class Issuer:
    """Publishes keys over a transport in memory."""

    keys: list[Key] = field(default_factory=lambda: [RSA, EC, ED])
    now: datetime = NOON
    answers: int = 0
    down: bool = False

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.answers += 1
        return httpx.Response(503) if self.down else httpx.Response(200, json=KeySet(self.keys).as_dict(private=False))

    def tokens(self, **settings: Any) -> BearerTokens:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        jwks = Jwks("http://login.monitr.test/keys", client, self.clock)
        usual: dict[str, Any] = {"issuer": "https://login.monitr.test", "audience": "monitr", "jwks": jwks}
        return BearerTokens(self.clock, **(usual | settings))

    def clock(self) -> datetime:
        return self.now


DEVELOPMENT: VerifyToken = BearerTokens(lambda: NOON, SECRET)


async def refused(tokens: VerifyToken, token: str) -> str:
    with pytest.raises(InvalidToken) as invalid:
        await tokens(token)
    return str(invalid.value)


async def test_a_development_token_says_who_asks_and_until_when() -> None:
    principal = Principal(MINE, "anna", frozenset({Role.ENTITY_ADMIN}), frozenset({AdministrationId(UUID(int=7))}))
    token = sign(SECRET, principal, NOON, timedelta(hours=12), None, None)
    assert await DEVELOPMENT(token) == Bearer(principal, NOON + timedelta(hours=12))


@pytest.mark.parametrize("secret", ["short", "x" * 15, "x" * 31, "x" * 200, "passphrase with ü"])
async def test_whatever_secret_signs_the_same_secret_verifies(secret: str) -> None:
    token = sign(secret, Principal(MINE, "anna", frozenset()), NOON, timedelta(hours=1), None, None)
    assert (await BearerTokens(lambda: NOON, secret)(token)).principal.subject == "anna"


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256"), (ED, "EdDSA")])
async def test_the_issuers_keys_verify_its_tokens(key: Key, algorithm: str) -> None:
    bearer = await Issuer().tokens()(a_token(key, algorithm))
    assert bearer.principal == Principal(MINE, "anna", frozenset({Role.REPORTS}))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(NOON.timestamp())},
        {"exp": int(NOON.timestamp()) - 1},
        {"exp": None},
        {"exp": "soon"},
        {"exp": float("nan")},
        {"nbf": int(NOON.timestamp()) + 31},
        {"iat": int(NOON.timestamp()) + 31},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"org": None},
        {"org": "monitr"},
        {"org": 7},
        {"roles": None},
        {"roles": "ORGANISATION_ADMIN"},
        {"administrations": "all"},
    ],
)
async def test_a_claim_that_is_missing_or_wrong_refuses_the_token(changes: dict[str, Any]) -> None:
    await refused(DEVELOPMENT, a_development_token(**changes))


async def test_an_issuers_clock_may_be_a_little_ahead_of_ours() -> None:
    soon = int(NOON.timestamp()) + 29
    assert (await DEVELOPMENT(a_development_token(nbf=soon, iat=soon))).principal.subject == "anna"


async def test_roles_that_we_do_not_know_are_left_out() -> None:
    bearer = await DEVELOPMENT(a_development_token(roles=["OWNER", "REPORTS", 7, None]))
    assert bearer.principal.roles == {Role.REPORTS}
    assert (await DEVELOPMENT(a_development_token(roles=["OWNER"]))).principal.roles == frozenset()


@pytest.mark.parametrize(
    ("named", "name", "organisation"),
    [
        ({"name": "Anna Peeters", "org_name": "Bakkerij Peeters"}, "Anna Peeters", "Bakkerij Peeters"),
        ({"name": "An\u202ena\n", "org_name": "B" * 1000}, "Anna", "B" * 255),
        ({"name": 7, "org_name": ["Bakkerij"]}, None, None),
        ({"name": " \u200b", "org_name": ""}, None, None),
        ({}, None, None),
    ],
    ids=["plain", "hostile", "odd", "empty", "none"],
)
async def test_names_are_shown_and_an_odd_one_is_as_good_as_none(
    named: dict[str, Any], name: str | None, organisation: str | None
) -> None:
    bearer = await DEVELOPMENT(a_development_token(**named))
    assert (bearer.principal.name, bearer.principal.organisation_name) == (name, organisation)


async def test_an_entry_that_is_no_id_does_not_widen_what_a_user_may_see() -> None:
    bearer = await DEVELOPMENT(a_development_token(administrations=["nonsense", 7]))
    assert bearer.principal.administrations == frozenset()


@pytest.mark.parametrize("changes", [{"iss": "https://evil.test"}, {"iss": None}, {"aud": "other"}, {"aud": None}])
async def test_a_token_of_another_issuer_or_for_another_audience_is_refused(changes: dict[str, Any]) -> None:
    await refused(Issuer().tokens(), a_token(**changes))


async def test_one_of_several_audiences_is_enough() -> None:
    assert (await Issuer().tokens()(a_token(aud=["other", "monitr"]))).principal.subject == "anna"


def unsigned(algorithm: str) -> str:
    def part(value: dict[str, Any]) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims())}."


async def test_no_algorithm_but_the_expected_ones_is_accepted() -> None:
    issuer = Issuer()
    public_key_as_secret = jwt.encode(
        {"alg": "HS256", "kid": "rsa"}, claims(), OctKey.import_key(json.dumps(RSA.as_dict(private=False)))
    )
    for token in (unsigned("none"), unsigned("NONE"), unsigned("RS256"), public_key_as_secret):
        await refused(issuer.tokens(), token)
        await refused(issuer.tokens(secret=SECRET), token)
    await refused(DEVELOPMENT, a_token())
    await refused(issuer.tokens(), a_development_token())


async def test_a_development_token_of_another_secret_is_refused() -> None:
    await refused(DEVELOPMENT, a_development_token("another secret, as long as the first"))


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "....", "é.é.é", "x" * 10_000, "eyJhbGciOiJIUzI1NiJ9..x"])
async def test_what_is_no_token_is_refused(token: str) -> None:
    await refused(DEVELOPMENT, token)


async def test_an_unknown_header_is_no_reason_to_refuse() -> None:
    assert (await Issuer().tokens()(a_token(header={"nonce": "abc"}))).principal.subject == "anna"


async def test_the_keys_are_fetched_once_and_kept_for_an_hour() -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    await tokens(a_token())
    await tokens(a_token(EC, "ES256"))
    assert issuer.answers == 1
    issuer.now = NOON + timedelta(minutes=61)
    await tokens(a_token(exp=int(issuer.now.timestamp()) + 60))
    assert issuer.answers == 2


async def test_a_new_key_is_found_and_unknown_ones_cannot_make_us_ask_without_end() -> None:
    issuer = Issuer(keys=[EC])
    tokens = issuer.tokens()
    await tokens(a_token(EC, "ES256"))
    for _ in range(5):
        await refused(tokens, a_token(RSA))
    assert issuer.answers == 1  # still cooling down
    issuer.keys, issuer.now = [EC, RSA], NOON + timedelta(seconds=31)
    assert (await tokens(a_token(RSA))).principal.subject == "anna"
    assert issuer.answers == 2


async def test_while_the_issuer_is_away_known_keys_go_on_and_without_any_it_is_no_fault_of_the_token() -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    await tokens(a_token())
    issuer.down, issuer.now = True, NOON + timedelta(hours=2)
    assert (await tokens(a_token(exp=int(issuer.now.timestamp()) + 60))).principal.subject == "anna"
    with pytest.raises(KeysUnavailable):
        await Issuer(down=True).tokens()(a_token())


async def test_a_published_secret_is_never_used() -> None:
    secret = OctKey.import_key(SECRET, {"kid": "oct"})
    issuer = Issuer(keys=[secret, RSA])
    token = jwt.encode({"alg": "HS256", "kid": "oct"}, claims(), secret)
    await refused(issuer.tokens(), token)


async def test_without_a_key_id_the_only_fitting_key_is_taken() -> None:
    token = jwt.encode({"alg": "RS256"}, claims(), RSA)
    assert (await Issuer().tokens()(token)).principal.subject == "anna"
    other = RSAKey.generate_key(2048, {"kid": "rsa-2"})
    await refused(Issuer(keys=[RSA, other]).tokens(), token)


def test_no_secret_is_in_a_repr() -> None:
    assert SECRET not in repr(DEVELOPMENT)


async def test_an_organisation_is_read_from_the_claim_org() -> None:
    other = OrganisationId(UUID(int=99))
    assert (await DEVELOPMENT(a_development_token(org=str(other)))).principal.organisation == other
