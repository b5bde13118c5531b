"""The Integrations page: integrations, their administrations, and the state of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from monitr.application.reading.freshness import Freshness
from monitr.application.reading.pages import Page
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.import_run import Dataset, ImportRun
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Permission, Principal


class Provider(StrEnum):
    """A program that can be connected."""

    OCTOPUS = "OCTOPUS"
    """Octopus, the Belgian bookkeeping."""


@dataclass(frozen=True, slots=True)
class DatasetState:
    """``is_stale``: the last successful reading is older than two scheduled imports; the caller judges that."""

    dataset: Dataset
    rows: int
    last_successful_at: datetime | None
    failed: bool


@dataclass(frozen=True, slots=True)
class AdministrationFilter:
    """All given conditions hold together. ``search``: a part of the name, of the dossier number or, ``in_vat_numbers``,
    of the VAT number, in which dots and spaces do not count; whatever the case. ``among``: no others."""

    search: str | None = None
    in_vat_numbers: bool = True
    statuses: frozenset[AdministrationStatus] | None = None
    among: frozenset[AdministrationId] | None = None


class CardReader(Protocol):
    """What is on the cards of one organisation. Mappings leave out what they do not find."""

    async def integrations(self, ids: Sequence[IntegrationId] | None = None) -> Sequence[Integration]:
        """Those that are CONFIGURED or RECONNECT_REQUIRED, oldest first; with ids, also AWAITING_AUTHORIZATION ones."""
        ...

    async def administrations(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Administration]:
        """The live ones (not DELETED) among them."""
        ...

    async def administrations_of(
        self, integrations: Sequence[IntegrationId]
    ) -> Mapping[IntegrationId, Sequence[Administration]]:
        """The live ones of each, by dossier number."""
        ...

    async def found_administrations(
        self, filter: AdministrationFilter, first: int, after: str | None, *, count: bool
    ) -> Page[Administration]:
        """The live ones that the filter holds, by name whatever the case; ``count``: with the total. Raises
        InvalidCursor."""
        ...

    async def last_imports(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, ImportRun]:
        """The run that was queued last, in whatever state."""
        ...

    async def dataset_states(
        self, ids: Sequence[AdministrationId]
    ) -> Mapping[AdministrationId, Sequence[DatasetState]]:
        """One for each Dataset, also for those never read (rows 0, last_successful_at None)."""
        ...


def seen_by(principal: Principal, administration: Administration) -> Administration:
    """Names only, for whoever does not see its imports (``tests/contract/operations.md``, below the roles)."""
    if principal.may(Permission.SEE_IMPORTS, administration.id):
        return administration
    return replace(administration, vat_number=None, watermark=None, last_successful_import_at=None, complete_from=None)


def integration_seen_by(principal: Principal, integration: Integration) -> Integration:
    """As ``seen_by``. Without the end of its authorisation there is no notice of that either."""
    if principal.may(Permission.SEE_IMPORTS):
        return integration
    return replace(integration, authorized_at=None, authorization_expires_at=None, last_error=None)


def closed_until_seen_by(principal: Principal, id: AdministrationId, freshness: Freshness | None) -> date | None:
    """As ``seen_by``."""
    sees = freshness is not None and principal.may(Permission.SEE_IMPORTS, id)
    return freshness.closed_until if freshness and sees else None


NAMED = 3
"""Names in a label."""


def label_seen_by(principal: Principal, administrations: Sequence[Administration]) -> str:
    """How an integration is told from others, by those of its administrations that the principal sees: how many, and
    the first names. Octopus says nothing of the login itself (octopus.md 1). Empty where only names are seen."""
    if not principal.may(Permission.SEE_IMPORTS):
        return ""
    count = len(administrations)
    names = [row.name for row in administrations[:NAMED]] + (["…"] if count > NAMED else [])
    return f"{count} dossier{'' if count == 1 else 's'}{': ' if names else ''}{', '.join(names)}"
