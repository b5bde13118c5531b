"""Live progress of imports: of the latest one of an administration, and of all."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
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


class EveryRun(Protocol):
    def follow_all(self, organisation: OrganisationId) -> AsyncGenerator[ImportRun, None]:
        """The runs that are under way at once, then each change of any run, those that begin meanwhile included. It
        never ends by itself. Runs of removed administrations are left out."""
        ...


@dataclass(frozen=True, slots=True)
class FollowImports:
    """All that the principal may see, for as long as somebody listens."""

    requires: ClassVar[Permission] = Permission.SEE_IMPORTS

    every_run: EveryRun

    async def __call__(self, principal: Principal) -> Result[AsyncGenerator[ImportRun, None], Forbidden]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        return Success(self._seen_by(principal))

    async def _seen_by(self, principal: Principal) -> AsyncGenerator[ImportRun, None]:
        async with aclosing(self.every_run.follow_all(principal.organisation)) as runs:
            async for run in runs:
                if principal.may(self.requires, run.administration_id):
                    yield run
