"""Stop an import at its next checkpoint. What it has published stays, and stays consistent."""

from dataclasses import dataclass
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.ports import Clock, Transactions
from monitr.application.problems import ImportEnded, UnknownImport
from monitr.domain.audit import import_cancelled
from monitr.domain.import_run import ImportRun, ImportRunId
from monitr.domain.roles import Forbidden, Permission, Principal


@dataclass(frozen=True, slots=True)
class CancelImport:
    requires: ClassVar[Permission] = Permission.RUN_IMPORTS

    transactions: Transactions
    clock: Clock

    async def __call__(
        self, principal: Principal, id: ImportRunId
    ) -> Result[ImportRun, UnknownImport | ImportEnded | Forbidden]:
        """The run as it is now: CANCELLED, or still RUNNING up to its next checkpoint."""
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        async with self.transactions(principal.organisation) as work:
            of = await work.imports.administration_of(principal.organisation, id)
            if of is None or not principal.may(self.requires, of):
                return Failure(UnknownImport(id))
            administration = await work.administrations.find(principal.organisation, of)
            run = await work.imports.find(principal.organisation, id)  # locked after its administration, as everywhere
            if run is None or administration is None or not administration.is_alive:
                return Failure(UnknownImport(id))
            if run.status.is_final:
                return Failure(ImportEnded(id))
            cancelled = run.request_cancellation(self.clock())
            await work.imports.save(cancelled)
            if cancelled != run:
                await work.audit.append(import_cancelled(cancelled, administration, principal.subject))
            await work.commit()
        return Success(cancelled)
