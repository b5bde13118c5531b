"""An administration: one Octopus dossier that an organisation has selected."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType, Self

from returns.result import Failure, Result, Success

from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId

DossierNumber = NewType("DossierNumber", int)


class AdministrationStatus(StrEnum):
    ACTIVE = "ACTIVE"
    NOT_FOUND = "NOT_FOUND"  # connecting to the dossier is answered 404
    ACCESS_LOST = "ACCESS_LOST"  # connecting is answered 403: not for this login, or disabled
    DELETED = "DELETED"  # by the user; restorable until purge_after


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


@dataclass(frozen=True, slots=True)
class Administration:
    """One company's books here. Instants are aware and in UTC.

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

    @classmethod
    def select(
        cls,
        id: AdministrationId,
        organisation: OrganisationId,
        integration: IntegrationId,
        dossier: Dossier,
        now: datetime,
    ) -> Self:
        return cls(id, organisation, integration, dossier.number, dossier.name, dossier.vat_number, now)

    @property
    def is_alive(self) -> bool:
        return self.status is not AdministrationStatus.DELETED

    def described(self, dossier: Dossier) -> "Administration":
        """With the name and VAT number that Octopus has now."""
        return replace(self, name=dossier.name, vat_number=dossier.vat_number)

    def moved_to(self, integration: IntegrationId) -> "Administration":
        return replace(self, integration_id=integration)

    def reached(self) -> "Administration":
        """Octopus has opened the dossier: whatever was wrong with the access is over."""
        return self if not self.is_alive else replace(self, status=AdministrationStatus.ACTIVE)

    def unreachable(self, status: AdministrationStatus) -> "Administration":
        return self if not self.is_alive else replace(self, status=status)

    def imported(self, watermark: datetime, now: datetime) -> "Administration":
        """A run read everything up to ``watermark`` and ended now. The watermark never goes back."""
        latest = watermark if self.watermark is None else max(self.watermark, watermark)
        return replace(self, watermark=latest, last_successful_import_at=now)

    def delete(self, now: datetime, retention: timedelta) -> "Administration":
        """Deleted from ``now`` on, restorable for ``retention``. Deleting again can only bring the purge nearer."""
        deadline = now + retention
        return replace(
            self,
            status=AdministrationStatus.DELETED,
            purge_after=deadline if self.purge_after is None else min(self.purge_after, deadline),
        )

    def restore(self, now: datetime) -> Result["Administration", RetentionOver]:
        """Active again, with the id and rows it had; fails once the retention is over."""
        if self.purge_after is not None and self.purge_after <= now:
            return Failure(RetentionOver(self.purge_after))
        return Success(replace(self, status=AdministrationStatus.ACTIVE, purge_after=None))
