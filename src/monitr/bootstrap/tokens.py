"""Who asks: verifying bearer tokens, and signing those for development."""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

import httpx

from monitr.adapters.security.bearer_tokens import BearerTokens
from monitr.adapters.security.development_tokens import sign
from monitr.adapters.security.discovery import Discovery
from monitr.adapters.security.jwks import Jwks, NoKeys, published_keys
from monitr.application.bearer_tokens import VerifyToken
from monitr.application.signing_in import FindSignIn, nobodys_sign_in
from monitr.bootstrap.ports import Ports, now
from monitr.domain.roles import Principal
from monitr.installation import Fault, encryption_keys
from monitr.settings import Settings


@asynccontextmanager
async def token_verifier(of: Ports) -> AsyncIterator[VerifyToken]:
    """Open for as long as the context is: it may fetch the issuer's keys."""
    settings = of.settings
    async with httpx.AsyncClient() as client:
        jwks = Jwks(settings.auth_jwks_url, client, of.clock) if settings.auth_jwks_url else None
        secret = settings.auth_secret.get_secret_value() if settings.auth_secret else None
        yield BearerTokens(of.clock, secret, jwks, settings.auth_issuer, settings.auth_audience)


@asynccontextmanager
async def sign_in(of: Ports) -> AsyncIterator[FindSignIn]:
    """Open for as long as the context is: it may fetch the issuer's discovery document."""
    settings = of.settings
    if settings.auth_client_id is None or settings.auth_issuer is None:
        yield nobodys_sign_in
        return
    async with httpx.AsyncClient() as client:
        yield Discovery(
            settings.auth_issuer,
            settings.auth_client_id,
            settings.auth_scopes,
            settings.auth_resource,
            client,
            of.clock,
            may_be_plain=urlsplit(settings.auth_issuer).scheme == "http",
        )


async def issuer_trouble(settings: Settings) -> Fault | None:
    """None where MONITR_AUTH_JWKS_URL, which is set, answers with keys."""
    where = f"MONITR_AUTH_JWKS_URL ({settings.auth_jwks_url})"
    try:
        async with httpx.AsyncClient() as client:
            keys = await published_keys(client, settings.auth_jwks_url or "")
    except NoKeys as trouble:
        return Fault(f"The issuer's keys cannot be had from {where}: {trouble}", _OF_ITS_OWN)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        reach = "let this machine through to it, or correct the address"
        return Fault(f"The issuer does not answer at {where}", reach)
    return None if keys else Fault(f"What {where} answers holds no key that can verify a token", _OF_ITS_OWN)


_OF_ITS_OWN = "set it to the jwks_uri that the issuer names in its .well-known/openid-configuration"


def form_key(settings: Settings) -> bytes:
    """Of the forms on our pages: 32 bytes, of the encryption key that all processes share. After a rotation a page that
    was open has to be opened again."""
    return hmac.digest(encryption_keys(settings)[0], b"monitr forms", sha256)


def development_token(settings: Settings, principal: Principal, life: timedelta) -> str:
    """Raises ValueError where no MONITR_AUTH_SECRET is set."""
    if settings.auth_secret is None:
        raise ValueError("MONITR_AUTH_SECRET is not set")
    secret = settings.auth_secret.get_secret_value()
    return sign(secret, principal, now(), life, settings.auth_issuer, settings.auth_audience)
