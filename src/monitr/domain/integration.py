"""An integration: one authorised link of an organisation to an Octopus login."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self
from uuid import UUID

from monitr.domain.authorization_notice import Notice, notice
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.lifecycle import Transitions, following
from monitr.domain.organisation import OrganisationId
from monitr.domain.timeline import Agent, Cause, TimelineEvent, What

IntegrationId = NewType("IntegrationId", UUID)


class IntegrationStatus(StrEnum):
    """Where an integration stands."""

    AWAITING_AUTHORIZATION = "AWAITING_AUTHORIZATION"
    """The user is at Octopus. It is on no card, and deleted when nobody comes back in 10 minutes."""
    CONFIGURED = "CONFIGURED"
    """Octopus accepts its authorisation."""
    RECONNECT_REQUIRED = "RECONNECT_REQUIRED"
    """Octopus no longer accepts it: nothing is imported until somebody reconnects. What was imported stays readable."""
    DELETED = "DELETED"
    """Its tokens are erased."""


TRANSITIONS: Transitions[What, IntegrationStatus] = {
    What.ADDED: {None: IntegrationStatus.AWAITING_AUTHORIZATION},
    What.AUTHORIZED: {IntegrationStatus.AWAITING_AUTHORIZATION: IntegrationStatus.CONFIGURED},
    What.RECONNECTED: {
        IntegrationStatus.CONFIGURED: IntegrationStatus.CONFIGURED,
        IntegrationStatus.RECONNECT_REQUIRED: IntegrationStatus.CONFIGURED,
    },
    What.AUTHORIZATION_REFUSED: {IntegrationStatus.CONFIGURED: IntegrationStatus.RECONNECT_REQUIRED},
    What.DELETED: {
        IntegrationStatus.AWAITING_AUTHORIZATION: IntegrationStatus.DELETED,
        IntegrationStatus.CONFIGURED: IntegrationStatus.DELETED,
        IntegrationStatus.RECONNECT_REQUIRED: IntegrationStatus.DELETED,
    },
}
"""All that can happen to an integration (``docs/lifecycle.md`` draws it, and a test compares the two)."""

RECONNECT = Explanation(
    ExplanationCode.RECONNECT_REQUIRED,
    "Octopus no longer accepts the authorisation of this integration: it has expired or was revoked.",
    "Reconnect the integration: everything that was imported stays.",
)


ASKED_TO_ADD = Cause(Agent.USER, "Octopus was added.")
CONSENTED = Cause(Agent.USER, "The user has logged in at Octopus and authorised Monitr.")
REFUSED = Cause(Agent.OCTOPUS, RECONNECT.message)
ASKED_TO_DELETE = Cause(Agent.USER, "The integration was deleted.")
ABANDONED = Cause(Agent.MONITR, "It was left without administrations and without a valid authorisation.")
NEVER_AUTHORIZED = Cause(Agent.MONITR, "The authorisation at Octopus was denied, failed, or not given in time.")


@dataclass(frozen=True, slots=True)
class Integration:
    """Instants are aware and in UTC. ``events`` is what has happened to it since it was read: saved with it.

    ``dossiers_asked_at``: when an import or a reconnection last asked for the list of its login's dossiers.
    """

    id: IntegrationId
    organisation_id: OrganisationId
    status: IntegrationStatus
    created_at: datetime
    authorized_at: datetime | None = None
    authorization_expires_at: datetime | None = None
    last_error: Explanation | None = None
    dossiers_asked_at: datetime | None = None
    events: tuple[TimelineEvent, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def begin(cls, id: IntegrationId, organisation: OrganisationId, now: datetime, cause: Cause = ASKED_TO_ADD) -> Self:
        """It exists from here, awaiting the user's consent at Octopus, and is on no card yet."""
        status = following(TRANSITIONS, What.ADDED, None)
        return cls(id, organisation, status, now, events=(TimelineEvent(What.ADDED, None, status, cause),))

    @property
    def is_alive(self) -> bool:
        """On a card, and reachable by id."""
        return self.status is not IntegrationStatus.DELETED

    @property
    def is_authorized(self) -> bool:
        return self.status is IntegrationStatus.CONFIGURED

    def notice(self, now: datetime) -> Notice | None:
        """The warning that its authorisation ends soon, where it does."""
        if not self.is_authorized or self.authorization_expires_at is None:
            return None
        return notice(self.authorization_expires_at, now)

    def authorized(self, now: datetime, expires_at: datetime, cause: Cause = CONSENTED) -> "Integration":
        """Octopus has answered with tokens; the refresh token lives until ``expires_at``."""
        first = self.status is IntegrationStatus.AWAITING_AUTHORIZATION
        return replace(
            self._after(What.AUTHORIZED if first else What.RECONNECTED, cause),
            authorized_at=now,
            authorization_expires_at=expires_at,
            last_error=None,
        )

    def prolonged(self, expires_at: datetime) -> "Integration":
        """Octopus has replaced the refresh token, which lives until ``expires_at``."""
        return replace(self, authorization_expires_at=expires_at)

    def asks_dossiers(self, now: datetime) -> "Integration":
        """Whatever comes of it: a list that is not answered is not asked for at once again."""
        return replace(self, dossiers_asked_at=now)

    def rejected(self, cause: Cause = REFUSED) -> "Integration":
        """Octopus has refused the refresh token; only the user can repair that. A deleted one stays deleted."""
        if self.status is not IntegrationStatus.CONFIGURED:
            return self
        return replace(self._after(What.AUTHORIZATION_REFUSED, cause), last_error=RECONNECT)

    def delete(self, cause: Cause = ASKED_TO_DELETE) -> "Integration":
        return replace(
            self._after(What.DELETED, cause), authorized_at=None, authorization_expires_at=None, last_error=None
        )

    def _after(self, what: What, cause: Cause) -> "Integration":
        status = following(TRANSITIONS, what, self.status)
        return replace(self, status=status, events=(*self.events, TimelineEvent(what, self.status, status, cause)))
