"""The stored tokens of an integration: encrypted, each bound to its table, column and row."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import RowMapping

from monitr.domain.authorization import Tokens, leeway
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import OrganisationId

# Only the leeway depends on it, and that grows no more beyond ten minutes; an absurd `expires_in` must not overflow.
_LONGEST_LIFETIME = timedelta(days=1)


class Cipher(Protocol):
    """See ``adapters/security/cipher.py``."""

    def encrypt(self, secret: str, place: str) -> bytes: ...

    def decrypt(self, sealed: bytes, place: str) -> str: ...


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """Instants are in UTC. ``access_lifetime`` is what the access token had when it was stored."""

    access_token: str = field(repr=False)
    access_expires_at: datetime
    access_lifetime: timedelta
    refresh_token: str = field(repr=False)
    refresh_expires_at: datetime

    def is_good(self, now: datetime, rejected: str | None) -> bool:
        """Whether the access token can be used still, its leeway included, and is not the one that was refused."""
        return self.access_token != rejected and now < self.access_expires_at - leeway(self.access_lifetime)


def stored_tokens_of(row: RowMapping, cipher: Cipher) -> StoredTokens:
    """From a row with all columns of ``credential``."""
    id = IntegrationId(row["integration_id"])
    return StoredTokens(
        access_token=cipher.decrypt(row["access_token"], _place("access_token", id)),
        access_expires_at=row["access_expires_at"],
        access_lifetime=timedelta(seconds=row["access_lifetime_seconds"]),
        refresh_token=cipher.decrypt(row["refresh_token"], _place("refresh_token", id)),
        refresh_expires_at=row["refresh_expires_at"],
    )


def credential_values(
    id: IntegrationId, organisation: OrganisationId, stored: StoredTokens, cipher: Cipher
) -> dict[str, object]:
    """Every column of the row."""
    return {
        "integration_id": id,
        "organisation_id": organisation,
        "refresh_token": cipher.encrypt(stored.refresh_token, _place("refresh_token", id)),
        "refresh_expires_at": stored.refresh_expires_at,
        "access_token": cipher.encrypt(stored.access_token, _place("access_token", id)),
        "access_expires_at": stored.access_expires_at,
        "access_lifetime_seconds": int(stored.access_lifetime.total_seconds()),
    }


def to_be_stored(tokens: Tokens, refresh_token: str, refresh_expires_at: datetime, now: datetime) -> StoredTokens:
    """``refresh_token`` is the one to keep: the new one, or, where Octopus does not rotate, the old."""
    lifetime = min(max(tokens.access_expires_at - now, timedelta()), _LONGEST_LIFETIME)
    return StoredTokens(tokens.access_token, tokens.access_expires_at, lifetime, refresh_token, refresh_expires_at)


def _place(column: str, id: IntegrationId) -> str:
    return f"credential|{column}|{id}"
