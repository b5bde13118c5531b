import asyncio
import gzip
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from monitr.adapters.security.bearer_tokens import CLOCK_SKEW, BearerTokens
from monitr.adapters.security.development_tokens import sign
from monitr.adapters.security.fetched_json import LARGEST_DOCUMENT, LONGEST_FETCH
from monitr.adapters.security.jwks import BURST, PAUSE, Jwks
from monitr.application.bearer_tokens import Bearer, ExpiredToken, InvalidToken, KeysUnavailable, VerifyToken
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Principal, Role
from tests.unit.fakes import MINE, NOON
from tests.virtual_time import in_virtual_time

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # weak ones have to work too

SECRET = "a development secret, long enough"
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
A_WEAK_KEY = rsa.generate_private_key(65537, 1024).private_bytes(  # it has to be weak
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
)
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


async def test_expired_is_said_of_what_a_trusted_key_has_signed_alone() -> None:
    over: dict[str, Any] = {"exp": int(NOON.timestamp()) - 1}
    with pytest.raises(ExpiredToken):
        await DEVELOPMENT(a_development_token(**over))
    with pytest.raises(InvalidToken) as wrong:
        await DEVELOPMENT(a_development_token("a stranger's secret, long enough", **over))
    assert not isinstance(wrong.value, ExpiredToken)


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
        {"sub": "monitr"},
        {"sub": "octopus"},
        {"sub": " Operator"},
        {"sub": "mon\u200bitr"},
        {"sub": "\uff4donitr"},
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


async def test_while_the_issuer_is_away_known_keys_go_on_and_without_any_it_is_no_fault_of_the_token() -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    await tokens(a_token())
    issuer.down, issuer.now = True, NOON + timedelta(hours=2)
    assert (await tokens(a_token(exp=int(issuer.now.timestamp()) + 60))).principal.subject == "anna"
    with pytest.raises(KeysUnavailable):
        await Issuer(down=True).tokens()(a_token())


async def test_keys_that_cannot_be_fetched_again_are_trusted_for_two_hours() -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    await tokens(a_token())
    issuer.down, issuer.now = True, NOON + timedelta(hours=2, seconds=1)
    with pytest.raises(KeysUnavailable):
        await tokens(a_token(exp=int(issuer.now.timestamp()) + 60))


async def test_a_key_that_the_issuer_has_withdrawn_is_trusted_for_an_hour_at_most() -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    await tokens(a_token())
    issuer.keys, issuer.now = [EC], NOON + timedelta(hours=1, seconds=1)
    assert "key" in await refused(tokens, a_token(exp=int(issuer.now.timestamp()) + 60))
    assert issuer.answers == 2


# --- keys that we do not know: anybody can name one ---


def of_a_stranger(kid: str) -> str:
    return a_token(header={"kid": kid})


async def test_a_new_key_is_found_at_once_whatever_a_stranger_names_again_and_again() -> None:
    issuer = Issuer(keys=[EC])
    tokens = issuer.tokens()
    await tokens(a_token(EC, "ES256"))
    for _ in range(50):
        await refused(tokens, of_a_stranger("nonsense"))
    issuer.keys = [EC, RSA]
    assert (await tokens(a_token(RSA))).principal.subject == "anna"
    assert issuer.answers == 3


async def test_a_flood_of_key_ids_costs_the_issuer_few_requests_and_a_new_key_seconds() -> None:
    issuer = Issuer(keys=[EC])
    tokens = issuer.tokens()
    await tokens(a_token(EC, "ES256"))
    for number in range(50):
        await refused(tokens, of_a_stranger(f"nonsense {number}"))
    assert issuer.answers == 1 + BURST
    issuer.keys, issuer.now = [EC, RSA], NOON + PAUSE
    assert (await tokens(a_token(RSA))).principal.subject == "anna"
    assert issuer.answers == 2 + BURST


async def test_a_minute_of_flood_is_a_request_every_five_seconds() -> None:
    issuer = Issuer(keys=[EC])
    tokens = issuer.tokens()
    for second in range(60):
        issuer.now = NOON + timedelta(seconds=second)
        for number in range(5):
            await refused(tokens, of_a_stranger(f"nonsense {second} {number}"))
    assert issuer.answers <= 1 + BURST + 60 / PAUSE.total_seconds()


async def test_who_asks_at_once_shares_one_request_and_who_leaves_does_not_end_it() -> None:
    issuer = Issuer()
    tokens = issuer.tokens()
    impatient = asyncio.create_task(tokens(a_token()))
    await asyncio.sleep(0)
    patient = [asyncio.create_task(tokens(a_token())) for _ in range(20)]
    await asyncio.sleep(0)
    impatient.cancel()
    assert {(await bearer).principal.subject for bearer in patient} == {"anna"}
    assert issuer.answers == 1


async def test_a_weak_key_verifies_nothing() -> None:
    weak = RSAKey.import_key(A_WEAK_KEY, {"kid": "weak"})
    assert "key" in await refused(Issuer(keys=[weak, RSA]).tokens(), a_token(weak))


# --- what the address of the keys may answer ---


async def unavailable(answer: httpx.Response) -> int:
    """How often the address was asked until the keys were given up."""
    asked = 0

    def answered(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return answer

    client = httpx.AsyncClient(transport=httpx.MockTransport(answered), follow_redirects=True)
    with pytest.raises(KeysUnavailable):
        await BearerTokens(lambda: NOON, jwks=Jwks("http://login.monitr.test/keys", client, lambda: NOON))(a_token())
    return asked


KEYS = json.dumps(KeySet([RSA]).as_dict(private=False)).encode()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(302, headers={"location": "http://169.254.169.254/keys"}),
        httpx.Response(200, content=KEYS + b" " * LARGEST_DOCUMENT),
        httpx.Response(200, content=gzip.compress(KEYS), headers={"content-encoding": "gzip"}),
        httpx.Response(203, content=KEYS),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, content=b"\xff"),
        httpx.Response(200, content=b'{"keys": 5}'),
        httpx.Response(200, content=b"[]"),
    ],
    ids=["redirect", "long", "packed", "other status", "deep", "bytes", "no list", "no object"],
)
async def test_an_answer_that_is_no_set_of_keys_is_none(answer: httpx.Response) -> None:
    assert await unavailable(answer) == 1


async def test_an_entry_that_is_no_key_takes_nothing_from_the_others() -> None:
    odd: list[Any] = [5, {}, {"kty": "RSA"}, {"kty": "RSA", "n": 5, "e": []}, {"kty": "EC", "crv": "P-1"}, {"kty": []}]
    content = json.dumps({"keys": [*odd, RSA.as_dict(private=False)]})
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, text=content)))
    tokens = BearerTokens(lambda: NOON, jwks=Jwks("http://login.monitr.test/keys", client, lambda: NOON))
    assert (await tokens(a_token())).principal.subject == "anna"


def test_an_answer_that_drips_is_given_up_in_seconds() -> None:
    async def drips(request: httpx.Request) -> httpx.Response:
        async def content() -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(1)
                yield b" "

        return httpx.Response(200, content=content())

    async def given_up() -> None:
        client = httpx.AsyncClient(transport=httpx.MockTransport(drips))
        with pytest.raises(KeysUnavailable):
            await BearerTokens(lambda: NOON, jwks=Jwks("http://login.monitr.test/keys", client, lambda: NOON))(
                a_token()
            )

    _, seconds = in_virtual_time(given_up())
    assert seconds <= LONGEST_FETCH.total_seconds()


# --- whatever the token is ---

USUAL = json.dumps(claims())
HS256 = '{"alg": "HS256"}'


def signed(header: str, payload: str | bytes, secret: str = SECRET) -> str:
    """With a good signature over whatever is in it."""

    def part(content: str | bytes) -> bytes:
        raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        return urlsafe_b64encode(raw).rstrip(b"=")

    text = part(header) + b"." + part(payload)
    return (text + b"." + part(hmac.digest(secret.encode(), text, "sha256"))).decode()


async def judged(token: str) -> None:
    """By both kinds of keys: a Bearer, or one of the two refusals, and nothing else."""
    tokens = Issuer().tokens(secret=SECRET)
    with suppress(InvalidToken, KeysUnavailable):
        await tokens(token)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just([[1]]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=3,
)
HEADERS = ["alg", "kid", "typ", "cty", "crit", "b64", "jwk", "jku", "x5c", "x5t", "zip"]
CLAIMS = [*claims(), "iat", "nbf", "jti", "administrations"]
ANYTHING = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.differing_executors])


@ANYTHING
@given(st.sampled_from(["HS256", "RS256", "EdDSA"]), st.dictionaries(st.sampled_from(HEADERS), ANY_JSON, max_size=1))
def test_whatever_is_in_its_header_a_token_is_taken_or_refused(algorithm: str, others: dict[str, Any]) -> None:
    asyncio.run(judged(signed(json.dumps({"alg": algorithm, "kid": "rsa", **others}), USUAL)))


@ANYTHING
@given(st.dictionaries(st.sampled_from(CLAIMS), ANY_JSON, max_size=3))
def test_whatever_it_claims_a_token_is_taken_or_refused(changes: dict[str, Any]) -> None:
    asyncio.run(judged(signed(HS256, json.dumps(claims(**changes)))))


@ANYTHING
@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: signed("{}", raw)))
def test_whatever_text_is_sent_as_a_token_is_refused(text: str) -> None:
    asyncio.run(judged(text))


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        ('{"alg": ["HS256"]}', USUAL),
        ('{"alg": null}', USUAL),
        ('{"alg": 7}', USUAL),
        ('["HS256"]', USUAL),
        ('{"alg": "HS256", "crit": 5}', USUAL),
        ('{"alg": "HS256", "crit": [[1]]}', USUAL),
        ('{"alg": "HS256", "crit": []}', USUAL),
        ('{"alg": "HS256", "b64": false}', USUAL),
        ('{"alg": "HS256", "b64": true}', USUAL),
        ('{"alg": "none", "alg": "HS256"}', USUAL),
        ('{"alg": "HS256", "kid": 5}', USUAL),
        ('{"alg": "HS256", "kid": "' + "x" * 300 + '"}', USUAL),
        ('{"alg": "HS256", "x": ' + "[" * 1500 + "]" * 1500 + "}", USUAL),
        (HS256, "[" * 3000 + "]" * 3000),
        (HS256, "5"),
        (HS256, USUAL[:-1] + ', "sub": "berta"}'),
        (HS256, json.dumps(claims(exp=float("inf")))),
        (HS256, USUAL.replace(str(claims()["exp"]), "1e999")),
        (HS256, json.dumps(claims(exp=True))),
        (HS256, json.dumps(claims(exp=str(claims()["exp"])))),
        (HS256, json.dumps(claims(org=[str(MINE)]))),
        (HS256, json.dumps(claims(sub="anna\u0000"))),
        (HS256, json.dumps(claims(sub="\ud800"))),
    ],
    ids=lambda text: text[:24],
)
async def test_an_odd_token_is_refused_although_its_signature_is_good(header: str, payload: str) -> None:
    await refused(DEVELOPMENT, signed(header, payload))


DAY = 24 * 3600


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(NOON.timestamp()) + DAY + CLOCK_SKEW + 1},
        {"exp": int(NOON.timestamp()) + 60, "iat": int(NOON.timestamp()) + 59 - DAY},
        {"exp": 10**400},
    ],
)
async def test_a_token_that_lives_longer_than_a_day_is_refused(changes: dict[str, Any]) -> None:
    assert "day" in await refused(DEVELOPMENT, a_development_token(**changes))


async def test_a_token_may_live_a_day() -> None:
    now = int(NOON.timestamp())
    assert (await DEVELOPMENT(a_development_token(iat=now, exp=now + DAY))).expires_at == NOON + timedelta(days=1)


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
