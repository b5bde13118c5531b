"""The Integrations page: integrations, their administrations, and the state of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from monitr.domain.administration import Administration
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
