"""An integration: one authorised link of an organisation to an Octopus login."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self
from uuid import UUID

from monitr.domain.failure import Failure
from monitr.domain.organisation import OrganisationId

IntegrationId = NewType("IntegrationId", UUID)


class IntegrationStatus(StrEnum):
    AWAITING_AUTHORIZATION = "AWAITING_AUTHORIZATION"  # the user is at Octopus; on no card
    CONFIGURED = "CONFIGURED"
    RECONNECT_REQUIRED = "RECONNECT_REQUIRED"  # Octopus no longer accepts our tokens
    DELETED = "DELETED"


RECONNECT = Failure(
    "RECONNECT_REQUIRED",
    "Octopus no longer accepts the authorisation of this integration: it has expired or was revoked.",
    "Reconnect the integration: everything that was imported stays.",
)


@dataclass(frozen=True, slots=True)
class Integration:
    """Instants are aware and in UTC."""

    id: IntegrationId
    organisation_id: OrganisationId
    status: IntegrationStatus
    created_at: datetime
    authorized_at: datetime | None = None
    authorization_expires_at: datetime | None = None
    last_error: Failure | None = None

    @classmethod
    def begin(cls, id: IntegrationId, organisation: OrganisationId, now: datetime) -> Self:
        """It exists from here, awaiting the user's consent at Octopus, and is on no card yet."""
        return cls(id, organisation, IntegrationStatus.AWAITING_AUTHORIZATION, now)

    @property
    def is_alive(self) -> bool:
        """On a card, and reachable by id."""
        return self.status is not IntegrationStatus.DELETED

    @property
    def is_authorized(self) -> bool:
        return self.status is IntegrationStatus.CONFIGURED

    def authorized(self, now: datetime, expires_at: datetime) -> "Integration":
        """Octopus has answered with tokens; the refresh token lives until ``expires_at``."""
        return replace(
            self,
            status=IntegrationStatus.CONFIGURED,
            authorized_at=now,
            authorization_expires_at=expires_at,
            last_error=None,
        )

    def rejected(self) -> "Integration":
        """Octopus has refused the refresh token; only the user can repair that. A deleted one stays deleted."""
        if self.status is not IntegrationStatus.CONFIGURED:
            return self
        return replace(self, status=IntegrationStatus.RECONNECT_REQUIRED, last_error=RECONNECT)

    def delete(self) -> "Integration":
        return replace(
            self, status=IntegrationStatus.DELETED, authorized_at=None, authorization_expires_at=None, last_error=None
        )
