"""One round of OAuth at Octopus: from the click on "Authenticate with Octopus" to the callback (RFC 6749, RFC 7636)."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import NewType
from uuid import UUID

from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import OrganisationId

AuthorizationId = NewType("AuthorizationId", UUID)

AUTHORIZATION_LIFETIME = timedelta(minutes=10)
"""For opening the page and clicking there; and from the first click on, for the login at Octopus."""
REFRESH_TOKEN_LIFETIME = timedelta(days=60)  # octopus.md 1.2
ACCESS_TOKEN_LIFETIME = timedelta(minutes=10)  # octopus.md 1.2, used where `expires_in` is missing


def digest(secret: str) -> bytes:
    """What the database keeps of a one-time secret: enough to recognise it, not to use it."""
    return sha256(secret.encode()).digest()


class Purpose(StrEnum):
    CONNECT = "CONNECT"
    RECONNECT = "RECONNECT"


class CallbackError(StrEnum):
    """How a round can end badly; the value travels to ``returnTo`` as ``error``."""

    ACCESS_DENIED = "access_denied"
    INVALID_STATE = "invalid_state"
    EXPIRED = "expired"
    OCTOPUS_UNAVAILABLE = "octopus_unavailable"
    DIFFERENT_ACCOUNT = "different_account"


@dataclass(frozen=True, slots=True)
class Authorization:
    """Bound to the organisation and user that asked and, from the click on the start page on, to one browser.

    ``ticket`` opens the start page, ``state`` comes back with the callback, ``browser`` is in the cookie: of these
    only digests are kept. ``verifier`` is the PKCE secret. ``consumed_at`` makes the state usable once.
    ``accept_different_account``: the user has confirmed that the login may open none of the dossiers selected before.
    ``subject_name`` and ``organisation_name``: as the token named them, for the start page; None where it did not.
    """

    id: AuthorizationId
    integration_id: IntegrationId
    organisation_id: OrganisationId
    subject: str
    purpose: Purpose
    return_to: str
    expires_at: datetime
    ticket: bytes
    browser: bytes | None = None
    state: bytes | None = None
    verifier: str | None = field(default=None, repr=False)
    consumed_at: datetime | None = None
    accept_different_account: bool = False
    subject_name: str | None = None
    organisation_name: str | None = None

    def is_open(self, now: datetime) -> bool:
        return self.consumed_at is None and now < self.expires_at

    def belongs_to(self, browser: str | None) -> bool:
        return browser is not None and self.browser == digest(browser)

    def why_closed_to(self, browser: str | None, now: datetime) -> "CallbackError | None":
        """Why the ticket opens nothing in that browser; None where it does. The round is the first browser's that has
        clicked."""
        if not self.is_open(now):
            return CallbackError.EXPIRED
        if self.browser is not None and not self.belongs_to(browser):
            return CallbackError.INVALID_STATE
        return None

    def clicked(self, now: datetime) -> "Authorization":
        """A link may have been on its way for most of its time: the login has its own, counted from the first click."""
        return self if self.browser is not None else replace(self, expires_at=now + AUTHORIZATION_LIFETIME)

    def started(self, browser: str, state: str, verifier: str | None) -> "Authorization":
        """The browser is on its way to Octopus. A second click in it begins anew with another state."""
        return replace(self, browser=digest(browser), state=digest(state), verifier=verifier)

    def consumed(self, now: datetime) -> "Authorization":
        """Over. What is kept of it holds no secret any more."""
        return replace(self, consumed_at=now, verifier=None)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token endpoint answered. ``refresh_token`` is None where a refresh did not rotate it."""

    access_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_token: str | None = field(repr=False)


def leeway(lifetime: timedelta) -> timedelta:
    """How long before its end a token is renewed: never so early that a short-lived one is refreshed in a loop."""
    return min(timedelta(seconds=60), lifetime / 10)
