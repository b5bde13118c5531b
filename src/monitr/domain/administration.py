"""An administration: one Octopus dossier that an organisation has selected."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType, Self

from returns.result import Failure, Result, Success

from monitr.domain.integration import IntegrationId
from monitr.domain.lifecycle import Transitions, following
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.timeline import Agent, Cause, TimelineEvent, What

DossierNumber = NewType("DossierNumber", int)


class AdministrationStatus(StrEnum):
    """What Octopus says of the dossier behind an administration, or what the user has done with it."""

    ACTIVE = "ACTIVE"
    """It is imported, by schedule and on demand."""
    NOT_FOUND = "NOT_FOUND"
    """Octopus does not have the dossier (404). What was imported stays readable; it becomes ACTIVE by itself when the
    dossier is there again."""
    ACCESS_LOST = "ACCESS_LOST"
    """Octopus refuses it (403): it is disabled, or not for this login. What was imported stays readable; it becomes
    ACTIVE by itself when it opens again."""
    DELETED = "DELETED"
    """Removed by the user: in no answer any more. Selecting the dossier within the retention time restores it."""


_ACTIVE, _NOT_FOUND = AdministrationStatus.ACTIVE, AdministrationStatus.NOT_FOUND
_LOST, _DELETED = AdministrationStatus.ACCESS_LOST, AdministrationStatus.DELETED

TRANSITIONS: Transitions[What, AdministrationStatus] = {
    What.SELECTED: {None: _ACTIVE},
    What.MOVED: {_ACTIVE: _ACTIVE, _NOT_FOUND: _ACTIVE, _LOST: _ACTIVE},
    What.DOSSIER_NOT_FOUND: {_ACTIVE: _NOT_FOUND, _LOST: _NOT_FOUND},
    What.ACCESS_LOST: {_ACTIVE: _LOST, _NOT_FOUND: _LOST},
    What.REACHED_AGAIN: {_NOT_FOUND: _ACTIVE, _LOST: _ACTIVE},
    What.REMOVED: {_ACTIVE: _DELETED, _NOT_FOUND: _DELETED, _LOST: _DELETED},
    What.RESTORED: {_DELETED: _ACTIVE},
    What.PURGE_ADVANCED: {_DELETED: _DELETED},
}
"""All that can happen to an administration (``docs/lifecycle.md`` draws it, and a test compares the two)."""

ASKED_TO_SELECT = Cause(Agent.USER, "The dossier was selected.")
ASKED_TO_REMOVE = Cause(Agent.USER, "The administration was removed.")
INTEGRATION_DELETED = Cause(Agent.USER, "Its integration was deleted.")
OPENED = Cause(Agent.OCTOPUS, "Octopus opens the dossier again.")
UNKNOWN = Cause(Agent.OCTOPUS, "Octopus no longer has this dossier.")
NOT_OPENED = Cause(Agent.OCTOPUS, "Octopus does not open this dossier for this login.")


@dataclass(frozen=True, slots=True)
class RetentionOver:
    """The administration was deleted so long ago that its data is gone or going."""

    purge_after: datetime


@dataclass(frozen=True, slots=True)
class Dossier:
    """One company's books as Octopus lists them. ``number`` is None for a record that came without its key."""

    number: DossierNumber
    name: str
    vat_number: str | None

    @property
    def is_named(self) -> bool:
        """Where Octopus gives no name the number stands for it."""
        return self.name.strip() not in ("", f"{self.number}")


@dataclass(frozen=True, slots=True)
class Administration:
    """One company's books here. Instants are aware and in UTC. ``events`` is what has happened to it since it was read:
    saved with it.

    ``watermark``: all changes up to this instant have been read. ``complete_from``: the first day of the oldest
    bookyear of which every chunk has been read; None while there is none.
    """

    id: AdministrationId
    organisation_id: OrganisationId
    integration_id: IntegrationId
    dossier: DossierNumber
    name: str
    vat_number: str | None
    created_at: datetime
    status: AdministrationStatus = AdministrationStatus.ACTIVE
    purge_after: datetime | None = None
    watermark: datetime | None = None
    last_successful_import_at: datetime | None = None
    complete_from: date | None = None
    events: tuple[TimelineEvent, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def select(
        cls,
        id: AdministrationId,
        organisation: OrganisationId,
        integration: IntegrationId,
        dossier: Dossier,
        now: datetime,
        cause: Cause = ASKED_TO_SELECT,
    ) -> Self:
        status = following(TRANSITIONS, What.SELECTED, None)
        events = (TimelineEvent(What.SELECTED, None, status, cause),)
        name, vat_number = dossier.name, dossier.vat_number
        return cls(id, organisation, integration, dossier.number, name, vat_number, now, status, events=events)

    @property
    def is_alive(self) -> bool:
        return self.status is not AdministrationStatus.DELETED

    def described(self, dossier: Dossier) -> "Administration":
        """With the name and VAT number that Octopus has now. A record without a name says nothing (decision 17)."""
        return self if not dossier.is_named else replace(self, name=dossier.name, vat_number=dossier.vat_number)

    def moved_to(self, integration: IntegrationId, cause: Cause = ASKED_TO_SELECT) -> "Administration":
        """Of that integration from here on, with all it has: its login has just opened the dossier."""
        if integration == self.integration_id:
            return self
        return replace(self._after(What.MOVED, cause), integration_id=integration)

    def reached(self) -> "Administration":
        """Octopus has opened the dossier: whatever was wrong with the access is over."""
        if self.status in TRANSITIONS[What.REACHED_AGAIN]:
            return self._after(What.REACHED_AGAIN, OPENED)
        return self

    def unreachable(self, status: AdministrationStatus, cause: Cause | None = None) -> "Administration":
        """``status`` is NOT_FOUND or ACCESS_LOST."""
        if not self.is_alive or self.status is status:
            return self
        if status is _NOT_FOUND:
            return self._after(What.DOSSIER_NOT_FOUND, cause or UNKNOWN)
        return self._after(What.ACCESS_LOST, cause or NOT_OPENED)

    def imported(self, watermark: datetime, now: datetime) -> "Administration":
        """A run read everything up to ``watermark`` and ended now. The watermark never goes back, but from a moment
        that has not come yet (decision 18)."""
        before = self.watermark
        latest = watermark if before is None or before > now else max(before, watermark)
        return replace(self, watermark=latest, last_successful_import_at=now)

    def delete(self, now: datetime, retention: timedelta, cause: Cause = ASKED_TO_REMOVE) -> "Administration":
        """Deleted from ``now`` on, restorable for ``retention``. Deleting again can only bring the purge nearer."""
        deadline = now + retention
        if self.is_alive:
            return replace(self._after(What.REMOVED, cause), purge_after=deadline)
        if self.purge_after is not None and self.purge_after <= deadline:
            return self
        return replace(self._after(What.PURGE_ADVANCED, cause), purge_after=deadline)

    def restore(
        self, now: datetime, integration: IntegrationId | None = None, cause: Cause = ASKED_TO_SELECT
    ) -> Result["Administration", RetentionOver]:
        """Active again, with the id and rows it had, now of ``integration``; fails once the retention is over. One that
        was never removed is as it was."""
        if self.is_alive:
            return Success(self)
        if self.purge_after is not None and self.purge_after <= now:
            return Failure(RetentionOver(self.purge_after))
        restored = self._after(What.RESTORED, cause)
        return Success(replace(restored, integration_id=integration or self.integration_id, purge_after=None))

    def _after(self, what: What, cause: Cause) -> "Administration":
        status = following(TRANSITIONS, what, self.status)
        return replace(self, status=status, events=(*self.events, TimelineEvent(what, self.status, status, cause)))
