""" "Sync now": queue an import for one administration, or several."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.ports import Clock, NewId, Transactions, UnitOfWork
from monitr.application.problems import UnknownAdministration
from monitr.domain.administration import Administration
from monitr.domain.audit import AuditEntry, import_started
from monitr.domain.codes import RefusalCode
from monitr.domain.import_run import (
    CHANGES_REMEMBERED,
    SLACK,
    ImportMode,
    ImportRun,
    ImportRunId,
    ImportStatus,
    ImportTrigger,
    mode_of,
)
from monitr.domain.integration import Integration
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Forbidden, Permission, Principal
from monitr.domain.words.sentence import Sentence


@dataclass(frozen=True, slots=True)
class ImportRefusal:
    """Why one administration is not imported, while others are."""

    administration_id: AdministrationId
    code: RefusalCode
    sentence: Sentence

    @property
    def message(self) -> str:
        """In English."""
        return str(self.sentence)


@dataclass(frozen=True, slots=True)
class ImportsStarted:
    """One run for each administration that is not refused: a new one, or the one that is active already."""

    imports: tuple[ImportRun, ...]
    refused: tuple[ImportRefusal, ...]
    joined: frozenset[ImportRunId] = frozenset()
    """Those of the imports that were under way already."""


@dataclass(frozen=True, slots=True)
class StartImports:
    """``cool_down`` is the time between a successful import and the next "Sync now". What was not imported for longer
    than ``changes_remembered`` is read again as a whole, whatever was asked for."""

    requires: ClassVar[Permission] = Permission.RUN_IMPORTS

    transactions: Transactions
    clock: Clock
    new_id: NewId
    cool_down: timedelta
    changes_remembered: timedelta = CHANGES_REMEMBERED

    async def __call__(
        self,
        principal: Principal,
        ids: Sequence[AdministrationId],
        mode: ImportMode,
        trigger: ImportTrigger = ImportTrigger.SYNC_NOW,
        unless_since: datetime | None = None,
    ) -> Result[ImportsStarted, UnknownAdministration | Forbidden]:
        """An administration whose last import was queued at ``unless_since`` or later is left out; where a DEEP_READ is
        wanted, only where that was one."""
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        wanted = sorted(set(ids))  # one order for everybody, so that two callers cannot wait for each other
        outcomes: list[ImportRun | ImportRefusal | None] = []
        joined: set[ImportRunId] = set()
        begun: list[AuditEntry] = []
        async with self.transactions(principal.organisation) as work:
            found = await work.administrations.with_integration(principal.organisation, wanted)
            for id in wanted:
                administration, integration = found.get(id, (None, None))
                reachable = principal.may(self.requires, id)
                if administration is None or not administration.is_alive or not reachable:
                    return Failure(UnknownAdministration(id))
                active = await work.imports.active(id)
                if active is not None:
                    joined.add(active.id)
                outcome = active or await self._start(work, administration, integration, mode, trigger, unless_since)
                if isinstance(outcome, ImportRun) and outcome is not active:
                    begun.append(import_started(outcome, administration, principal.subject))
                outcomes.append(outcome)
            await work.audit.append(*begun)
            await work.commit()
        return Success(
            ImportsStarted(
                tuple(outcome for outcome in outcomes if isinstance(outcome, ImportRun)),
                tuple(outcome for outcome in outcomes if isinstance(outcome, ImportRefusal)),
                frozenset(joined),
            )
        )

    async def _start(
        self,
        work: UnitOfWork,
        administration: Administration,
        integration: Integration | None,
        mode: ImportMode,
        trigger: ImportTrigger,
        unless_since: datetime | None,
    ) -> ImportRun | ImportRefusal | None:
        last = await work.imports.last_ended(administration.id)
        now = self.clock()
        if unless_since is not None and last is not None and _is_the_tick_s(last, trigger, unless_since, now):
            return None
        if integration is None or not integration.is_authorized:
            return ImportRefusal(
                administration.id,
                RefusalCode.RECONNECT_REQUIRED,
                Sentence.of("refusal.RECONNECT_REQUIRED"),
            )
        if trigger is ImportTrigger.SYNC_NOW and last and (refusal := self._cooling_down(last, integration)):
            return refusal
        run = ImportRun.queue(
            ImportRunId(self.new_id()),
            administration.organisation_id,
            administration.id,
            mode_of(administration, mode, now, self.changes_remembered),
            trigger,
            now,
        )
        await work.imports.add(run)
        return run

    def _cooling_down(self, last: ImportRun, integration: Integration) -> ImportRefusal | None:
        """Only a successful run that was not followed by a reconnection cools down, and not from a moment that has not
        come: a clock was wrong then."""
        if last.status is not ImportStatus.SUCCEEDED or last.finished_at is None:
            return None
        if last.finished_at > self.clock() + SLACK:
            return None
        if (integration.authorized_at or last.finished_at) > last.finished_at:
            return None
        ready = last.finished_at + self.cool_down
        if ready <= self.clock():
            return None
        return ImportRefusal(
            last.administration_id,
            RefusalCode.COOL_DOWN,
            Sentence.of("refusal.COOL_DOWN", imported_at=last.finished_at, ready_at=ready),
        )


def _is_the_tick_s(last: ImportRun, trigger: ImportTrigger, tick: datetime, now: datetime) -> bool:
    """Whether that run is what the tick asks for. One of a moment that has not come is of a wrong clock."""
    is_asked_for = trigger is not ImportTrigger.DEEP_READ or last.trigger is trigger
    return is_asked_for and tick <= last.queued_at <= now + SLACK
