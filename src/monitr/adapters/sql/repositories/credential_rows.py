"""The stored tokens of an integration, encrypted (``database/secrets_at_rest.py``)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from monitr.adapters.sql.database.secrets_at_rest import ACCESS_TOKEN, REFRESH_TOKEN, Cipher
from monitr.adapters.sql.repositories.rows import entity_of, values_of
from monitr.domain.authorization import Tokens, leeway
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import OrganisationId

# Only the leeway depends on it, and that grows no more beyond ten minutes; an absurd `expires_in` must not overflow.
_LONGEST_LIFETIME = timedelta(days=1)
_SECRETS = {"access_token": ACCESS_TOKEN, "refresh_token": REFRESH_TOKEN}


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """A row of ``credential``, opened. Instants are in UTC; the lifetime is what the access token had when stored."""

    access_token: str = field(repr=False)
    access_expires_at: datetime
    access_lifetime_seconds: int
    refresh_token: str = field(repr=False)
    refresh_expires_at: datetime

    def is_good(self, now: datetime, rejected: str | None) -> bool:
        """Whether the access token can be used still, its leeway included, and is not the one that was refused."""
        lifetime = timedelta(seconds=self.access_lifetime_seconds)
        return self.access_token != rejected and now < self.access_expires_at - leeway(lifetime)


def stored_tokens_of(row: RowMapping, cipher: Cipher) -> StoredTokens:
    """From a row with all columns of ``credential``."""
    id, organisation = row["integration_id"], row["organisation_id"]
    opened = {name: secret.opened(cipher, row[name], id, organisation) for name, secret in _SECRETS.items()}
    return entity_of({**row, **opened}, StoredTokens)


def credential_values(
    id: IntegrationId, organisation: OrganisationId, stored: StoredTokens, cipher: Cipher
) -> dict[str, object]:
    """Every column of the row."""
    values = values_of(stored)
    sealed = {name: secret.sealed(cipher, values[name], id, organisation) for name, secret in _SECRETS.items()}
    return {"integration_id": id, "organisation_id": organisation, **values, **sealed}


def to_be_stored(tokens: Tokens, refresh_token: str, refresh_expires_at: datetime, now: datetime) -> StoredTokens:
    """``refresh_token`` is the one to keep: the new one, or, where Octopus does not rotate, the old."""
    lifetime = min(max(tokens.access_expires_at - now, timedelta()), _LONGEST_LIFETIME)
    seconds = int(lifetime.total_seconds())
    return StoredTokens(tokens.access_token, tokens.access_expires_at, seconds, refresh_token, refresh_expires_at)
