"""Bearer tokens for development, signed with a shared secret (HS256, RFC 7518, section 3.2)."""

from datetime import datetime, timedelta

from joserfc import jwt
from joserfc.jwk import OctKey

from monitr.domain.roles import Principal


def sign(
    secret: str, principal: Principal, now: datetime, life: timedelta, issuer: str | None, audience: str | None
) -> str:
    """The claims of ``tests/contract/operations.md``; issuer and audience only where they are configured, names
    only where there are some."""
    claims: dict[str, object] = {
        "sub": principal.subject,
        "org": str(principal.organisation),
        "roles": sorted(principal.roles),
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
    }
    if principal.administrations is not None:
        claims["administrations"] = sorted(str(id) for id in principal.administrations)
    told = {"iss": issuer, "aud": audience, "name": principal.name, "org_name": principal.organisation_name}
    claims |= {name: value for name, value in told.items() if value is not None}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))
