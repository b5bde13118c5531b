"""Live progress of the imports of one administration."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import ClassVar, Protocol

from returns.result import Failure, Result, Success

from monitr.application.reading.reading import OpenReading
from monitr.domain.import_run import ImportRun
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Forbidden, Permission, Principal


class LatestRun(Protocol):
    def follow(self, organisation: OrganisationId, administration: AdministrationId) -> AsyncGenerator[ImportRun, None]:
        """The present state of the latest run at once, then each change; ends with that run, or where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class FollowImport:
    """No transaction stays open while somebody listens."""

    requires: ClassVar[Permission] = Permission.SEE_IMPORTS

    open_reading: OpenReading
    latest_run: LatestRun

    async def __call__(
        self, principal: Principal, id: AdministrationId
    ) -> Result[AsyncGenerator[ImportRun, None], Forbidden]:
        """One that is unknown to the principal is like one without runs: nothing can be learnt from it."""
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        if not principal.may(self.requires, id):
            return Success(_nothing())
        async with self.open_reading(principal) as reading:
            known = await reading.administrations([id])
        return Success(self.latest_run.follow(principal.organisation, id) if id in known else _nothing())


async def _nothing() -> AsyncGenerator[ImportRun, None]:
    runs: tuple[ImportRun, ...] = ()
    for run in runs:
        yield run
