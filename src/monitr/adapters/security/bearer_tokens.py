"""Verification of bearer tokens with joserfc: the issuer's keys in production, a shared secret in development."""

import json
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Never, cast
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import Key, OctKey
from joserfc.util import urlsafe_b64decode

from monitr.adapters.security.jwks import ASYMMETRIC, Jwks
from monitr.application.bearer_tokens import LONGEST_LIFE, Bearer, ExpiredToken, InvalidToken
from monitr.application.ports import Clock
from monitr.domain.audit import is_nobodys
from monitr.domain.names import readable
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Principal, Role

LONGEST_TOKEN = 8192
"""Characters; a header line of more is not accepted by most proxies either."""
LONGEST_SUBJECT = 255
LONGEST_KEY_ID = 255
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
        header = _header(token)
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or not isinstance(kid, str | None) or len(kid or "") > LONGEST_KEY_ID:
            raise InvalidToken("its header is none of a signed JWT")
        if algorithm == "HS256" and self.secret is not None:
            return self._bearer(_claims(token, _development_key(self.secret), algorithm), from_issuer=False)
        if algorithm in ASYMMETRIC and self.jwks is not None:
            key = await self.jwks.key(algorithm, kid)
            return self._bearer(_claims(token, key, algorithm), from_issuer=True)
        raise InvalidToken("its algorithm is not accepted here")

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
            ends = _end(claims, now)
        except ExpiredTokenError as error:
            raise ExpiredToken("it has expired") from error
        except (JoseError, OverflowError, TypeError) as error:
            raise InvalidToken("a registered claim is missing or wrong") from error
        return Bearer(_principal(claims), ends)


def _header(token: str) -> Claims:
    """Looked at before the library sees it: anybody can write one (RFC 7515, sections 4 and 5.2). What has to be
    understood (``crit``) and unencoded payloads (RFC 7797) are nothing that we understand. Raises InvalidToken."""
    header = _object(token.partition(".")[0].encode())
    if "crit" in header or "b64" in header:
        raise InvalidToken("its header asks for what is not understood here")
    return header


def _object(part: bytes) -> Claims:
    """A part of a token. Of a name that is there twice two readers may take different ones, so it is refused (RFC 7519,
    section 4). Raises InvalidToken."""
    try:
        found: object = json.loads(
            urlsafe_b64decode(part), object_pairs_hook=_named_once, parse_constant=_no_such_number
        )
    except (JoseError, ValueError, RecursionError) as error:
        raise InvalidToken("it is no signed JWT") from error
    if not isinstance(found, dict):
        raise InvalidToken("it is no signed JWT")
    return cast("Claims", found)


def _named_once(pairs: list[tuple[str, object]]) -> Claims:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _no_such_number(text: str) -> Never:
    raise ValueError(f"{text} is no number of JSON")


def _claims(token: str, key: Key, algorithm: str) -> Claims:
    """Of a token with a good signature. Headers that we do not know are no reason to refuse it."""
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    try:
        jws.deserialize_compact(token, key, [algorithm], registry)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise InvalidToken("its signature does not hold") from error
    return _object(token.split(".")[1].encode())


def _end(claims: Claims, now: int) -> datetime:
    """Nobody can call a token back, so it may not live long. Raises InvalidToken, TypeError, OverflowError."""
    ends, issued = cast("float", claims["exp"]), cast("float", claims.get("iat", now))
    longest = LONGEST_LIFE.total_seconds()
    if ends - issued > longest or ends - now > longest + CLOCK_SKEW:
        raise InvalidToken("it lives longer than a day")
    return datetime.fromtimestamp(ends, UTC)


@lru_cache(maxsize=1)
def _development_key(secret: str) -> OctKey:
    """Kept, since joserfc looks at it from many sides before it believes that it is a secret."""
    return OctKey.import_key(secret)


def _principal(claims: Claims) -> Principal:
    subject, organisation, roles = claims.get("sub"), claims.get("org"), claims.get("roles")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not _is_text(subject):
        raise InvalidToken("its claim sub is wrong")
    if is_nobodys(subject):
        raise InvalidToken("its claim sub is a name of the program's own")
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


def _is_text(claim: str) -> bool:
    """Control characters are nobody's name, and the database takes neither a zero nor half a character."""
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in claim)


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
