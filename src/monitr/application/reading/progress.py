"""The live state of runs."""

from collections.abc import AsyncGenerator
from typing import Protocol

from monitr.domain.import_run import ImportRun, ImportRunId
from monitr.domain.organisation import AdministrationId, OrganisationId


class Progress(Protocol):
    """The live state of runs (for the subscription)."""

    async def latest(self, organisation: OrganisationId, id: AdministrationId) -> ImportRun | None:
        """The run that was queued last."""
        ...

    async def run(self, organisation: OrganisationId, id: ImportRunId) -> ImportRun | None:
        """One run; None where it is not there (any more)."""
        ...


class RunChanges(Protocol):
    """The news of changes, from whichever process made them."""

    def listen(self) -> AsyncGenerator[ImportRunId | None, None]:
        """None as soon as no change is missed any more, then the run of each change, of all organisations. Never ends
        by itself; any exception means that changes may have been missed, and that it can be tried again."""
        ...
