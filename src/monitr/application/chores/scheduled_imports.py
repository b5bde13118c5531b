"""The schedule: an import of what changed in every active administration, once a tick."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from returns.result import Success

from monitr.application.ports import Clock
from monitr.application.start_imports import StartImports
from monitr.domain.audit import MONITR
from monitr.domain.import_run import ImportMode, ImportTrigger
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Principal


class Schedule(Protocol):
    """Instants are UTC."""

    def last_tick(self, now: datetime) -> datetime:
        """The newest tick that is not after ``now``."""
        ...

    def due_at(self, tick: datetime, administration: AdministrationId) -> datetime:
        """When the tick's import of this administration is due; the same answer in every process."""
        ...


class ScheduledAdministrations(Protocol):
    """The administrations of all organisations, as the scheduler sees them."""

    def alone(self) -> AbstractAsyncContextManager[bool]:
        """True where no other scheduler is at it; then none begins until the context ends."""
        ...

    async def not_imported_since(
        self, tick: datetime, trigger: ImportTrigger
    ) -> Sequence[tuple[OrganisationId, AdministrationId]]:
        """Active ones of authorised integrations, whose last run has ended and was queued before the tick (or at a
        moment that has not come: a clock was wrong), and whose dossiers still have calls of Octopus left today. With
        DEEP_READ only runs of that trigger count, and only what was imported before the tick is read again."""
        ...


@dataclass(frozen=True, slots=True)
class ScheduledImports:
    """Called again and again, by any number of schedulers. A tick is never missed: a scheduler that was away queues the
    last tick's imports when it is back. An import that is under way at a tick is followed by the tick's own."""

    administrations: ScheduledAdministrations
    start_imports: StartImports
    schedule: Schedule
    clock: Clock
    trigger: ImportTrigger = ImportTrigger.SCHEDULE

    async def __call__(self) -> int:
        """The number of imports that were queued."""
        now = self.clock()
        tick = self.schedule.last_tick(now)
        async with self.administrations.alone() as alone:
            if not alone:
                return 0
            waiting = await self.administrations.not_imported_since(tick, self.trigger)
            due = [(organisation, id) for organisation, id in waiting if self.schedule.due_at(tick, id) <= now]
            return sum([await self._queue(organisation, id, tick) for organisation, id in due])

    async def _queue(self, organisation: OrganisationId, id: AdministrationId, tick: datetime) -> int:
        """A scheduler that was suspended meanwhile finds what another one has queued."""
        itself = Principal.administrator(organisation, MONITR)
        match await self.start_imports(itself, [id], ImportMode.INCREMENTAL, self.trigger, tick):
            case Success(started):
                return len(started.imports)
            case _:  # removed in this very moment
                return 0
