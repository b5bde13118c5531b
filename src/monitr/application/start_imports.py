""" "Sync now": queue an import for one administration, or several."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.ports import Clock, NewId, Transactions, UnitOfWork
from monitr.application.problems import UnknownAdministration
from monitr.domain.administration import Administration
from monitr.domain.audit import import_started
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
from monitr.domain.organisation import AdministrationId, OrganisationId
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


class UnknownBookyear(LookupError):
    """The administration has no bookyear of this number."""

    def __init__(self, administration: AdministrationId, bookyear: int) -> None:
        self.sentence = Sentence.of("input.NO_BOOKYEAR_THERE", administration_id=administration, bookyear=bookyear)
        super().__init__(str(self.sentence))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read of each administration, and on what occasion."""

    mode: ImportMode
    trigger: ImportTrigger
    unless_since: datetime | None
    bookyears: tuple[int, ...]

    def is_met_by(self, last: ImportRun, now: datetime) -> bool:
        """Whether that run is what the tick asks for. One of a moment that has not come is of a wrong clock."""
        is_asked_for = self.trigger is not ImportTrigger.DEEP_READ or last.trigger is self.trigger
        return self.unless_since is not None and is_asked_for and self.unless_since <= last.queued_at <= now + SLACK


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
        bookyears: Collection[int] = (),
    ) -> Result[ImportsStarted, UnknownAdministration | Forbidden]:
        """In the order of ``ids``. An administration whose last import was queued at ``unless_since`` or later is left
        out; where a DEEP_READ is wanted, only where that was one. With ``bookyears``, these are read whole again by an
        import of the changes, whatever the mode. Raises UnknownBookyear."""
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        wanted = Wanted(
            ImportMode.INCREMENTAL if bookyears else mode, trigger, unless_since, tuple(sorted({*bookyears}))
        )
        asked = list(dict.fromkeys(ids))
        async with self.transactions(principal.organisation) as work:
            # locks all of them, in one order for everybody, so that two callers cannot wait for each other
            found = await work.administrations.with_integration(principal.organisation, asked)
            for id in asked:
                if id not in found or not found[id][0].is_alive or not principal.may(self.requires, id):
                    return Failure(UnknownAdministration(id))
            await _look_for_bookyears(work, principal.organisation, asked, wanted.bookyears)
            joined = {id: run for id in asked if (run := await work.imports.active(id))}
            outcomes = [joined.get(id) or await self._start(work, *found[id], wanted) for id in asked]
            runs = tuple(outcome for outcome in outcomes if isinstance(outcome, ImportRun))
            begun = [(run, found[run.administration_id][0]) for run in runs if run.administration_id not in joined]
            await work.audit.append(*(import_started(run, of, principal.subject) for run, of in begun))
            await work.commit()
        refused = tuple(outcome for outcome in outcomes if isinstance(outcome, ImportRefusal))
        return Success(ImportsStarted(runs, refused, frozenset(run.id for run in joined.values())))

    async def _start(
        self,
        work: UnitOfWork,
        administration: Administration,
        integration: Integration | None,
        wanted: Wanted,
    ) -> ImportRun | ImportRefusal | None:
        last = await work.imports.last_ended(administration.id)
        now = self.clock()
        if last is not None and wanted.is_met_by(last, now):
            return None
        if integration is None or not integration.is_authorized:
            return ImportRefusal(
                administration.id,
                RefusalCode.RECONNECT_REQUIRED,
                Sentence.of("refusal.RECONNECT_REQUIRED"),
            )
        if wanted.trigger is ImportTrigger.SYNC_NOW and last and (refusal := self._cooling_down(last, integration)):
            return refusal
        run = ImportRun.queue(
            ImportRunId(self.new_id()),
            administration.organisation_id,
            administration.id,
            mode_of(administration, wanted.mode, now, self.changes_remembered),
            wanted.trigger,
            now,
            wanted.bookyears,
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


async def _look_for_bookyears(
    work: UnitOfWork,
    organisation: OrganisationId,
    administrations: Sequence[AdministrationId],
    wanted: Collection[int],
) -> None:
    """Raises UnknownBookyear where one of the administrations has not all of them."""
    if not wanted:
        return
    known = await work.administrations.bookyears(organisation, administrations)
    for administration in administrations:
        for bookyear in wanted:
            if bookyear not in known.get(administration, ()):
                raise UnknownBookyear(administration, bookyear)
