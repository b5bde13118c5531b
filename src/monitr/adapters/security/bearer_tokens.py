"""Verification of bearer tokens with joserfc: the issuer's keys in production, a shared secret in development."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import cast
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import Key, OctKey

from monitr.adapters.security.jwks import ASYMMETRIC, Jwks
from monitr.application.bearer_tokens import Bearer, InvalidToken
from monitr.application.ports import Clock
from monitr.domain.names import readable
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Principal, Role

LONGEST_TOKEN = 8192
"""Characters; a header line of more is not accepted by most proxies either."""
LONGEST_SUBJECT = 255
CLOCK_SKEW = 30
"""Seconds that an issuer's clock may be ahead of ours (``nbf``, ``iat``). The end of a token is taken at its word."""

Claims = dict[str, object]


@dataclass(frozen=True, slots=True)
class BearerTokens:
    """A VerifyToken. The algorithm in the header only selects between the two kinds of keys, each with its own list of
    algorithms, so ``none`` and a public key used as an HMAC secret are refused (RFC 8725, sections 2.1 and 3.1).

    ``issuer`` and ``audience`` are asked of tokens that the issuer's keys sign; a development token need not have them.
    """

    clock: Clock
    secret: str | None = field(default=None, repr=False)
    jwks: Jwks | None = None
    issuer: str | None = None
    audience: str | None = None

    async def __call__(self, token: str) -> Bearer:
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise InvalidToken("it is no token")
        try:
            header = jws.extract_compact(token.encode()).headers()
            algorithm, kid = header.get("alg"), header.get("kid")
        except (JoseError, ValueError) as error:
            raise InvalidToken("it is no signed JWT") from error
        if algorithm == "HS256" and self.secret is not None:
            return self._bearer(self._claims(token, _development_key(self.secret), ["HS256"]), from_issuer=False)
        if algorithm in ASYMMETRIC and self.jwks is not None:
            key = await self.jwks.key(algorithm, kid if isinstance(kid, str) else None)
            return self._bearer(self._claims(token, key, [algorithm]), from_issuer=True)
        raise InvalidToken("its algorithm is not accepted here")

    def _claims(self, token: str, key: Key, algorithms: Sequence[str]) -> Claims:
        """Of a token with a good signature. Headers that we do not know are no reason to refuse it."""
        registry = jws.JWSRegistry(algorithms=algorithms, strict_check_header=False)
        try:
            return jwt.decode(token, key, algorithms, registry).claims
        except (JoseError, ValueError) as error:
            raise InvalidToken("its signature does not hold") from error

    def _bearer(self, claims: Claims, *, from_issuer: bool) -> Bearer:
        now = int(self.clock().timestamp())
        options: dict[str, jwt.ClaimsOption] = {"exp": {"essential": True}, "sub": {"essential": True}}
        if from_issuer and self.issuer is not None:
            options["iss"] = {"essential": True, "value": self.issuer}
        if from_issuer and self.audience is not None:
            options["aud"] = {"essential": True, "value": self.audience}
        try:
            jwt.JWTClaimsRegistry(now=now, leeway=CLOCK_SKEW, **options).validate(claims)
            jwt.JWTClaimsRegistry(now=now, exp={"essential": True}).validate({"exp": claims["exp"]})
        except ExpiredTokenError as error:
            raise InvalidToken("it has expired") from error
        except (JoseError, OverflowError) as error:
            raise InvalidToken("a registered claim is missing or wrong") from error
        return Bearer(_principal(claims), _instant(claims["exp"]))


@lru_cache(maxsize=1)
def _development_key(secret: str) -> OctKey:
    """Kept, since joserfc looks at it from many sides before it believes that it is a secret."""
    return OctKey.import_key(secret)


def _principal(claims: Claims) -> Principal:
    subject, organisation, roles = claims.get("sub"), claims.get("org"), claims.get("roles")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise InvalidToken("its claim sub is wrong")
    if not isinstance(roles, list):
        raise InvalidToken("its claim roles is missing or no list")
    named = cast("list[object]", roles)
    parsed = _uuid(organisation)
    if parsed is None:
        raise InvalidToken("its claim org is no UUID")
    known = frozenset(Role(role) for role in named if isinstance(role, str) and role in Role.__members__)
    return Principal(
        OrganisationId(parsed),
        subject,
        known,
        _narrowed_to(claims.get("administrations")),
        _name(claims.get("name")),
        _name(claims.get("org_name")),
    )


def _name(claim: object) -> str | None:
    """It is only shown: an odd one is as good as none."""
    return readable(claim) or None if isinstance(claim, str) else None


def _narrowed_to(administrations: object) -> frozenset[AdministrationId] | None:
    """An entry that is no id names no administration: it must not widen what the rest narrows."""
    if administrations is None:
        return None
    if not isinstance(administrations, list):
        raise InvalidToken("its claim administrations is no list")
    ids = map(_uuid, cast("list[object]", administrations))
    return frozenset(AdministrationId(id) for id in ids if id is not None)


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _instant(seconds: object) -> datetime:
    """The end of time for a token that claims to live longer than dates do."""
    assert isinstance(seconds, int | float)  # the registry has checked it
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)
