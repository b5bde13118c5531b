"""Select dossiers: each becomes an administration of its own, and its first import is queued with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.chores.abandoned_integrations import dismiss_if_abandoned
from monitr.application.import_queue import queue_or_join
from monitr.application.octopus import AuthorizationRejected, Octopus, OctopusError, OctopusUnavailable, QuotaSpent
from monitr.application.patience import PersonsPatience
from monitr.application.ports import Clock, NewId, Transactions, UnitOfWork
from monitr.application.problems import (
    DailyMaximumReached,
    DossierNotSelectable,
    NotAuthorized,
    OctopusDown,
    UnknownIntegration,
)
from monitr.domain.administration import ASKED_TO_SELECT, Administration, Dossier, DossierNumber
from monitr.domain.audit import deeds_on_administration
from monitr.domain.import_run import (
    CHANGES_REMEMBERED,
    ImportMode,
    ImportRun,
    ImportRunId,
    ImportTrigger,
    mode_of,
)
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Forbidden, Permission, Principal
from monitr.domain.timeline import Cause
from monitr.domain.words.sentence import Sentence

NOT_LISTED = Sentence.of("dossier.NOT_LISTED")

SelectionProblem = UnknownIntegration | NotAuthorized | OctopusDown | DailyMaximumReached | DossierNotSelectable


@dataclass(frozen=True, slots=True)
class SelectAdministrations:
    """All or none. One that is selected already is returned as it is; one of another integration of the organisation
    moves to this one with everything it has; one that was removed comes back with everything it had.

    One that was not imported for longer than ``changes_remembered`` is read again as a whole."""

    requires: ClassVar[Permission] = Permission.MANAGE_INTEGRATIONS

    transactions: Transactions
    octopus: Octopus
    clock: Clock
    new_id: NewId
    changes_remembered: timedelta = CHANGES_REMEMBERED

    async def __call__(
        self, principal: Principal, id: IntegrationId, numbers: Sequence[int]
    ) -> Result[tuple[Administration, ...], SelectionProblem | Forbidden]:
        """The administrations in the order in which the dossiers were asked for."""
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        wanted = [DossierNumber(number) for number in dict.fromkeys(numbers)]
        async with self.transactions(principal.organisation) as work:
            integration = await work.integrations.find(principal.organisation, id)
            known = await work.administrations.of_dossiers(principal.organisation, wanted)
        if integration is None or not integration.is_alive:
            return Failure(UnknownIntegration(id))
        if not integration.is_authorized:
            return Failure(NotAuthorized())

        selectable = await self._in_time(integration, wanted, known)
        if isinstance(selectable, SelectionProblem):
            return Failure(selectable)
        by = principal.subject
        former = {administration.integration_id for administration in known.values()}
        async with self.transactions(principal.organisation) as work:
            # all that may change, locked in one order for everybody, before their administrations
            locked = {
                each: await work.integrations.find(principal.organisation, each) for each in sorted({id, *former})
            }
            current = locked.pop(id)
            if current is None or not current.is_alive:  # deleted while Octopus was asked
                return Failure(UnknownIntegration(id))
            known = await work.administrations.of_dossiers(principal.organisation, wanted)
            selected = [
                await self._select(work, current, selectable[number], known.get(number), by) for number in wanted
            ]
            for left in locked.values():
                if left is not None:
                    await dismiss_if_abandoned(work, left)
            await work.commit()
        return Success(tuple(selected))

    async def _in_time(
        self,
        integration: Integration,
        wanted: Sequence[DossierNumber],
        known: dict[DossierNumber, Administration],
    ) -> dict[DossierNumber, Dossier] | SelectionProblem:
        try:
            async with PersonsPatience().asking():
                return await self._selectable(integration, wanted, known)
        except OctopusUnavailable:
            return OctopusDown()

    async def _selectable(
        self,
        integration: Integration,
        wanted: Sequence[DossierNumber],
        known: dict[DossierNumber, Administration],
    ) -> dict[DossierNumber, Dossier] | SelectionProblem:
        try:
            listed = {dossier.number: dossier for dossier in (await self.octopus.dossiers(integration.id)).dossiers}
            for number in wanted:
                if number not in listed:
                    return DossierNotSelectable(number, NOT_LISTED)
                if _is_selected(known.get(number), integration):
                    continue
                if reason := await self.octopus.refusal(integration.id, number):
                    return DossierNotSelectable(number, reason)
            return listed
        except AuthorizationRejected:
            return NotAuthorized()
        except QuotaSpent as spent:
            return DailyMaximumReached(spent.until)
        except OctopusError:
            return OctopusDown()

    async def _select(
        self,
        work: UnitOfWork,
        integration: Integration,
        dossier: Dossier,
        known: Administration | None,
        by: str,
    ) -> Administration:
        now, cause = self.clock(), ASKED_TO_SELECT.by(by)
        if known is not None and _is_selected(known, integration):
            return known
        administration = self._kept(known, integration, dossier, now, cause) or Administration.select(
            AdministrationId(self.new_id()), integration.organisation_id, integration.id, dossier, now, cause
        )
        await work.administrations.save(administration)
        await work.audit.append(*deeds_on_administration(administration, now))
        await queue_or_join(work, self._first_import(administration, now), administration, by)
        return administration

    @staticmethod
    def _kept(
        known: Administration | None, integration: Integration, dossier: Dossier, now: datetime, cause: Cause
    ) -> Administration | None:
        """The administration that the dossier has or had here; None where there is none, or no more."""
        if known is None:
            return None
        if known.is_alive:
            return known.moved_to(integration.id, cause).described(dossier)
        restored = known.restore(now, integration.id, cause).value_or(None)
        return restored and restored.described(dossier)

    def _first_import(self, administration: Administration, now: datetime) -> ImportRun:
        return ImportRun.queue(
            ImportRunId(self.new_id()),
            administration.organisation_id,
            administration.id,
            mode_of(administration, ImportMode.INCREMENTAL, now, self.changes_remembered),
            ImportTrigger.FIRST if administration.watermark is None else ImportTrigger.RECONNECT,
            now,
        )


def _is_selected(administration: Administration | None, integration: Integration) -> bool:
    return administration is not None and administration.is_alive and administration.integration_id == integration.id
