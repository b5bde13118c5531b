"""The gear on the Octopus card: remove one administration."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.chores.abandoned_integrations import dismiss_if_abandoned
from monitr.application.ports import Clock, Transactions, UnitOfWork
from monitr.application.problems import UnknownAdministration
from monitr.domain.administration import ASKED_TO_REMOVE, Administration
from monitr.domain.audit import actor_of, deeds_on_administration, import_cancelled
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Forbidden, Permission, Principal
from monitr.domain.timeline import Cause


@dataclass(frozen=True, slots=True)
class AdministrationRemoved:
    """All its data is erased after ``purge_after`` (UTC)."""

    administration_id: AdministrationId
    purge_after: datetime


@dataclass(frozen=True, slots=True)
class RemoveAdministration:
    """It disappears from every answer at once, its imports stop, and its data goes when the retention is over."""

    requires: ClassVar[Permission] = Permission.MANAGE_INTEGRATIONS

    transactions: Transactions
    clock: Clock
    retention: timedelta

    async def __call__(
        self, principal: Principal, id: AdministrationId, *, purge: bool = False
    ) -> Result[AdministrationRemoved, UnknownAdministration | Forbidden]:
        """With ``purge`` it may have been removed before: its data goes now."""
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        if not principal.may(self.requires, id):
            return Failure(UnknownAdministration(id))
        retention, cause = timedelta() if purge else self.retention, ASKED_TO_REMOVE.by(principal.subject)
        async with self.transactions(principal.organisation) as work:
            found = await work.administrations.with_integration(principal.organisation, [id])
            administration, integration = found.get(id, (None, None))
            if administration is None or not (administration.is_alive or purge):
                return Failure(UnknownAdministration(id))
            purge_after = await remove(work, administration, self.clock(), retention, cause)
            if integration is not None:
                await dismiss_if_abandoned(work, integration)
            await work.commit()
        return Success(AdministrationRemoved(id, purge_after))


async def remove(
    work: UnitOfWork, administration: Administration, now: datetime, retention: timedelta, cause: Cause
) -> datetime:
    """Delete it within the unit of work: stop its import, and purge it later. Returns when (UTC)."""
    deleted = administration.delete(now, retention, cause)
    purge_after = deleted.purge_after or now
    await work.administrations.save(deleted)
    await work.audit.append(*deeds_on_administration(deleted, now))
    if run := await work.imports.active(administration.id):
        await work.imports.save(run.request_cancellation(now))
        if not run.cancel_requested:
            await work.audit.append(import_cancelled(run, deleted, actor_of(cause)))
    await work.jobs.purge(administration.id, not_before=purge_after)
    return purge_after
