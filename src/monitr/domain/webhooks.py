"""What the front end's backend is told of: the events, their payloads, the targets they go to, and when to try again.

A payload holds ids and states, never a figure, a name or a secret: whoever is told of a change asks for the rest with
its own token. Signatures and headers are those of Standard Webhooks (https://www.standardwebhooks.com).
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType, assert_never
from uuid import UUID

from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.administration import AdministrationStatus
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import Dataset, ImportRunId, ImportStatus
from monitr.domain.integration import IntegrationId, IntegrationStatus
from monitr.domain.organisation import AdministrationId, OrganisationId

WebhookEventId = NewType("WebhookEventId", UUID)
WebhookTargetId = NewType("WebhookTargetId", UUID)

MOST_TARGETS = 10
"""Of one organisation."""
EVENTS_KEPT = timedelta(days=30)
"""How far back a replay can go."""
SECRET_OVERLAP = timedelta(hours=24)
"""How long after a rotation the old secret signs as well."""

ATTEMPTS = 10
"""How often in a row one event may fail to arrive; then its target is disabled. With the pauses: about a day."""
_FIRST_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(hours=12)
_GROWTH = 3.0
_SPREAD = 0.2


class EventType(StrEnum):
    INTEGRATION_CONFIGURED = "integration.configured"
    INTEGRATION_RECONNECTED = "integration.reconnected"
    INTEGRATION_RECONNECT_REQUIRED = "integration.reconnect_required"
    INTEGRATION_DELETED = "integration.deleted"
    ADMINISTRATION_SELECTED = "administration.selected"
    ADMINISTRATION_MOVED = "administration.moved"  # to another integration
    ADMINISTRATION_NOT_FOUND = "administration.not_found"
    ADMINISTRATION_ACCESS_LOST = "administration.access_lost"
    ADMINISTRATION_RECOVERED = "administration.recovered"  # from one of the two above
    ADMINISTRATION_REMOVED = "administration.removed"
    ADMINISTRATION_RESTORED = "administration.restored"
    ADMINISTRATION_PURGED = "administration.purged"
    IMPORT_QUEUED = "import.queued"
    IMPORT_STARTED = "import.started"
    IMPORT_WAITING = "import.waiting"
    IMPORT_RESUMED = "import.resumed"
    IMPORT_SUCCEEDED = "import.succeeded"
    IMPORT_FAILED = "import.failed"
    IMPORT_CANCELLED = "import.cancelled"
    DATASET_CHANGED = "dataset.changed"


@dataclass(frozen=True, slots=True)
class IntegrationChanged:
    """Its status, or its authorisation. An integration that nobody has authorised yet has no events."""

    integration_id: IntegrationId
    after: IntegrationStatus
    before: IntegrationStatus
    reason: ExplanationCode | None = None
    """The code of what went wrong (docs/errors.md)."""

    @property
    def type(self) -> EventType:
        match self.after:
            case IntegrationStatus.DELETED:
                return EventType.INTEGRATION_DELETED
            case IntegrationStatus.RECONNECT_REQUIRED:
                return EventType.INTEGRATION_RECONNECT_REQUIRED
            case IntegrationStatus.CONFIGURED | IntegrationStatus.AWAITING_AUTHORIZATION:
                is_first = self.before is IntegrationStatus.AWAITING_AUTHORIZATION
                return EventType.INTEGRATION_CONFIGURED if is_first else EventType.INTEGRATION_RECONNECTED
            case other:
                assert_never(other)


@dataclass(frozen=True, slots=True)
class AdministrationChanged:
    """``before`` is None where it was selected, ``after`` where it was purged. Without a change of status it was moved
    to the integration."""

    administration_id: AdministrationId
    integration_id: IntegrationId
    after: AdministrationStatus | None
    before: AdministrationStatus | None

    @property
    def type(self) -> EventType:
        match self.after:
            case _ if self.before is None:
                return EventType.ADMINISTRATION_SELECTED
            case None:
                return EventType.ADMINISTRATION_PURGED
            case _ if self.before is self.after:
                return EventType.ADMINISTRATION_MOVED
            case AdministrationStatus.DELETED:
                return EventType.ADMINISTRATION_REMOVED
            case _ if self.before is AdministrationStatus.DELETED:
                return EventType.ADMINISTRATION_RESTORED
            case AdministrationStatus.NOT_FOUND:
                return EventType.ADMINISTRATION_NOT_FOUND
            case AdministrationStatus.ACCESS_LOST:
                return EventType.ADMINISTRATION_ACCESS_LOST
            case AdministrationStatus.ACTIVE:
                return EventType.ADMINISTRATION_RECOVERED
            case other:
                assert_never(other)


@dataclass(frozen=True, slots=True)
class ImportChanged:
    """``before`` is None where it was queued. ``verification`` is what the checks said, None before a success."""

    import_id: ImportRunId
    administration_id: AdministrationId
    after: ImportStatus
    before: ImportStatus | None
    reason: ExplanationCode | None = None
    verification: VerificationStatus | None = None

    @property
    def type(self) -> EventType:
        is_resumed = (self.before, self.after) == (ImportStatus.WAITING, ImportStatus.RUNNING)
        return EventType.IMPORT_RESUMED if is_resumed else _BECAME[self.after]


_BECAME = {
    ImportStatus.QUEUED: EventType.IMPORT_QUEUED,
    ImportStatus.RUNNING: EventType.IMPORT_STARTED,
    ImportStatus.WAITING: EventType.IMPORT_WAITING,
    ImportStatus.SUCCEEDED: EventType.IMPORT_SUCCEEDED,
    ImportStatus.FAILED: EventType.IMPORT_FAILED,
    ImportStatus.CANCELLED: EventType.IMPORT_CANCELLED,
}


@dataclass(frozen=True, slots=True)
class DatasetChanged:
    """A run that has ended, however it ended, wrote rows of the dataset: once for each run and dataset."""

    administration_id: AdministrationId
    import_id: ImportRunId
    dataset: Dataset

    @property
    def type(self) -> EventType:
        return EventType.DATASET_CHANGED


Change = IntegrationChanged | AdministrationChanged | ImportChanged | DatasetChanged

_TOLD_AS = {
    "integration_id": "integrationId",
    "administration_id": "administrationId",
    "import_id": "importId",
    "after": "status",
    "before": "previousStatus",
}
"""Fields whose names in a payload are others."""


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """``position`` orders the events of an organisation: rising, with gaps, in the order of their commits."""

    id: WebhookEventId
    organisation_id: OrganisationId
    position: int
    occurred_at: datetime
    change: Change

    @property
    def type(self) -> EventType:
        return self.change.type

    @property
    def message_id(self) -> str:
        """The header ``webhook-id``: the same whenever and wherever the event is sent."""
        return f"msg_{self.id.hex}"

    @property
    def data(self) -> dict[str, str | None]:
        """The fields of the change as texts, in their order."""
        told = asdict(self.change).items()
        return {_TOLD_AS.get(name, name): None if part is None else str(part) for name, part in told}

    @property
    def body(self) -> str:
        """The same text whenever it is sent, but for what is signed around it: the order of the fields is kept too."""
        instant = self.occurred_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        envelope = {"type": self.type.value, "timestamp": instant, "data": self.data}
        return json.dumps(envelope, separators=(",", ":"))


class TargetStatus(StrEnum):
    """Whether events arrive at a webhook target."""

    ACTIVE = "ACTIVE"
    """What was sent last has arrived."""
    FAILING = "FAILING"
    """The next event does not arrive; it is tried again."""
    DISABLED = "DISABLED"
    """It did not arrive for about a day, or the receiver is gone: nothing is sent any more, until
    `replayWebhookEvents`."""


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """Why an attempt failed. ``gone``: the receiver wants nothing more (410). ``retry_after``: what it asked for."""

    failure: Explanation
    gone: bool = False
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """An address that receives the events of an organisation, one after the other. Instants are aware and in UTC.

    ``position``: all events up to it have arrived (or come before the target). ``failures``: how many attempts with
    the next one have failed in a row.
    """

    id: WebhookTargetId
    organisation_id: OrganisationId
    url: str
    description: str | None
    created_at: datetime
    position: int = 0
    failures: int = 0
    next_attempt_at: datetime | None = None
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    last_failure: Explanation | None = None
    disabled_at: datetime | None = None
    previous_secret_until: datetime | None = None

    @property
    def status(self) -> TargetStatus:
        if self.disabled_at is not None:
            return TargetStatus.DISABLED
        return TargetStatus.FAILING if self.failures else TargetStatus.ACTIVE

    def delivered(self, event: WebhookEvent, now: datetime) -> "WebhookTarget":
        return replace(
            self,
            position=event.position,
            failures=0,
            next_attempt_at=None,
            last_attempt_at=now,
            last_success_at=now,
            last_failure=None,
        )

    def refused(self, refusal: NotAccepted, now: datetime, chance: float) -> "WebhookTarget":
        """The same event is tried again later: after a while, or, at the end of all attempts, only when a user has
        it replayed. ``chance`` is a random number from 0 to 1."""
        failures = self.failures + 1
        over = refusal.gone or failures >= ATTEMPTS
        pause = max(back_off(failures, chance), min(refusal.retry_after or timedelta(), _LONGEST_PAUSE))
        return replace(
            self,
            failures=failures,
            next_attempt_at=None if over else now + pause,
            last_attempt_at=now,
            last_failure=refusal.failure,
            disabled_at=now if over else None,
        )

    def replayed_from(self, position: int) -> "WebhookTarget":
        """What came after ``position`` is sent (again), from now on; a disabled target is enabled by it."""
        return replace(self, position=position, failures=0, next_attempt_at=None, last_failure=None, disabled_at=None)


def back_off(failures: int, chance: float) -> timedelta:
    """The pause after so many failures in a row: 10 s, 30 s, 90 s, … up to 12 h, a fifth more or less by chance."""
    pause = min(_FIRST_PAUSE * _GROWTH ** (failures - 1), _LONGEST_PAUSE)
    return pause * (1 - _SPREAD + 2 * _SPREAD * chance)
