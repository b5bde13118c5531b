"""How a person signs in to the console: at the organisation's own issuer, never with a password of ours."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


class IssuerUnavailable(ConnectionError):
    """The issuer does not say how one signs in. One sentence for the operator."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a public client of the issuer needs for OpenID Connect's authorization code with PKCE.

    Addresses are those of the issuer's discovery document; None: it has no such endpoint. ``resource`` names our API to
    issuers that ask for it (RFC 8707).
    """

    issuer: str
    client_id: str
    scopes: str
    resource: str | None
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str | None = None
    end_session_endpoint: str | None = None

    @property
    def fetched(self) -> list[str]:
        """The addresses that the page itself sends requests to; it goes to the others as a whole."""
        return [address for address in (self.token_endpoint, self.revocation_endpoint) if address]


FindSignIn = Callable[[], Awaitable[SignIn | None]]
"""None: nobody signs in at an issuer here. Raises IssuerUnavailable."""


async def nobodys_sign_in() -> SignIn | None:
    """Where no issuer is set up."""
    return None
