"""Another login, or the same one again, for an integration that has administrations already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitr.application.dossier_access import Access, Refused, access_with
from monitr.application.follow_dossiers import describe
from monitr.application.import_queue import queue_or_join
from monitr.application.octopus import ListedDossiers, Octopus
from monitr.application.ports import NewId, UnitOfWork
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.authorization import CallbackError
from monitr.domain.import_run import ImportMode, ImportRun, ImportRunId, ImportTrigger, mode_of
from monitr.domain.integration import Integration
from monitr.domain.timeline import Cause
from monitr.domain.words.sentence import Sentence


@dataclass(frozen=True, slots=True)
class NewLogin:
    """Whoever has come back from Octopus: nothing of it is stored yet."""

    listed: ListedDossiers
    access: Access

    @property
    def doubt(self) -> CallbackError | None:
        """Why it is not taken for the login of before: it has to open one of the administrations at least. Where
        Octopus did not answer all that was asked, that cannot be told."""
        if self.access.opens_any:
            return None
        if not self.access.is_certain:
            return CallbackError.OCTOPUS_UNAVAILABLE
        return CallbackError.DIFFERENT_ACCOUNT if self.access.tried else None

    def proves(self, refused: Refused) -> bool:
        """To a login that lists nothing at all, a 404 does not say that the dossier is gone (decision 17)."""
        lists_any = bool(self.listed.dossiers) or self.listed.unreadable > 0
        return lists_any or refused.status is not AdministrationStatus.NOT_FOUND


async def look(octopus: Octopus, access_token: str, selected: Sequence[Administration]) -> NewLogin:
    """What the login lists, and which of the selected administrations it opens. Raises OctopusUnavailable,
    InvalidAnswer, QuotaSpent, AuthorizationRejected."""
    listed = await octopus.dossiers_with(access_token)
    numbers = {dossier.number for dossier in listed.dossiers}
    return NewLogin(listed, await access_with(access_token, octopus, selected, numbers))


@dataclass(frozen=True, slots=True)
class TakeOver:
    """The administrations of the integration are the login's from now on: they have its names and its access, and are
    imported. None is deleted."""

    work: UnitOfWork
    login: NewLogin
    now: datetime
    new_id: NewId
    changes_remembered: timedelta
    actor: str

    async def __call__(self, integration: Integration) -> Sequence[Administration]:
        """Those that the login does not open. The integration is locked."""
        organisation, id = integration.organisation_id, integration.id
        await describe(self.work, organisation, id, self.login.listed.dossiers)
        of_integration = await self.work.administrations.of_integration(organisation, id)
        return [it for it in of_integration if not await self._is_open(it)]

    async def _is_open(self, administration: Administration) -> bool:
        """One that could not be tried is taken for open: its import finds out."""
        access = self.login.access
        if (refused := access.refused(administration.id)) is not None:
            if self.login.proves(refused):
                await self.work.administrations.save(administration.unreachable(refused.status, refused.cause))
            return False
        if administration.id in access.tried and administration.status is not AdministrationStatus.ACTIVE:
            await self.work.administrations.save(administration.reached())
        await queue_or_join(self.work, self._import(administration), administration, self.actor)
        return True

    def _import(self, administration: Administration) -> ImportRun:
        return ImportRun.queue(
            ImportRunId(self.new_id()),
            administration.organisation_id,
            administration.id,
            mode_of(administration, ImportMode.INCREMENTAL, self.now, self.changes_remembered),
            ImportTrigger.RECONNECT,
            self.now,
        )


def naming(lost: Sequence[Administration], cause: Cause) -> Cause:
    """With the administrations that the login does not open, by name."""
    if not lost:
        return cause
    names = ", ".join(f"{administration.name} ({administration.dossier})" for administration in lost)
    return replace(cause, why=cause.why.with_(lost=Sentence.of("DOES_NOT_OPEN", names=names)))
