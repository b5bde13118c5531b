"""The live state of runs."""

from collections.abc import AsyncGenerator, Collection, Sequence
from typing import NamedTuple, Protocol

from monitr.domain.import_run import ImportRun, ImportRunId
from monitr.domain.organisation import AdministrationId, OrganisationId


class Progress(Protocol):
    """The live state of runs (for the subscriptions)."""

    async def latest(self, organisation: OrganisationId, id: AdministrationId) -> ImportRun | None:
        """The run that was queued last."""
        ...

    async def run(self, organisation: OrganisationId, id: ImportRunId) -> ImportRun | None:
        """One run; None where it is not there (any more)."""
        ...

    async def under_way(self, organisation: OrganisationId, also: Collection[ImportRunId]) -> Sequence[ImportRun]:
        """The runs that have not ended, and those with these ids, in the order in which they were queued; none of
        administrations that were removed."""
        ...


class ChangedRun(NamedTuple):
    """A run that is new, or shows something else than before."""

    organisation: OrganisationId
    run: ImportRunId


class RunChanges(Protocol):
    """The news of changes, from whichever process made them."""

    def listen(self) -> AsyncGenerator[ChangedRun | None, None]:
        """None as soon as no change is missed any more, then the run of each change, of all organisations. Never ends
        by itself; any exception means that changes may have been missed, and that it can be tried again."""
        ...
