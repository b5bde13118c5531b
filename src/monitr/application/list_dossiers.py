"""The dossiers that an integration's login can see, and which of them can be selected."""

from dataclasses import dataclass
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.follow_dossiers import describe
from monitr.application.octopus import AuthorizationRejected, Octopus, OctopusError, QuotaSpent
from monitr.application.patience import PersonsPatience
from monitr.application.ports import Transactions
from monitr.application.problems import DailyMaximumReached, NotAuthorized, OctopusDown, UnknownIntegration
from monitr.domain.administration import Administration, Dossier
from monitr.domain.integration import IntegrationId
from monitr.domain.roles import Forbidden, Permission, Principal
from monitr.domain.words.sentence import Sentence

ALREADY_SELECTED = Sentence.of("dossier.ALREADY_SELECTED")


@dataclass(frozen=True, slots=True)
class ListedDossier:
    """``reason`` says why it cannot be selected; None where it can."""

    dossier: Dossier
    reason: Sentence | None
    administration: Administration | None


@dataclass(frozen=True, slots=True)
class ListDossiers:
    """Octopus's list, each dossier with its administration here, which has its name from now on. A dossier that is not
    selected through this integration is tried by its connect call, once in some minutes, since the list does not say
    which ones are disabled or out of reach: it can be selected where ``SelectAdministrations`` would. Where there are
    more than can be tried while somebody waits, the next attempt goes on from there."""

    requires: ClassVar[Permission] = Permission.MANAGE_INTEGRATIONS

    transactions: Transactions
    octopus: Octopus

    async def __call__(
        self, principal: Principal, id: IntegrationId
    ) -> Result[
        list[ListedDossier], UnknownIntegration | NotAuthorized | OctopusDown | DailyMaximumReached | Forbidden
    ]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        async with self.transactions(principal.organisation) as work:
            integration = await work.integrations.find(principal.organisation, id)
        if integration is None or not integration.is_alive:
            return Failure(UnknownIntegration(id))
        if not integration.is_authorized:
            return Failure(NotAuthorized())
        patience = PersonsPatience()
        try:
            async with patience.asking():
                listed = (await self.octopus.dossiers(id)).dossiers
            async with self.transactions(principal.organisation) as work:
                await work.integrations.find(principal.organisation, id)
                await describe(work, principal.organisation, id, listed)
                await work.commit()
            async with self.transactions(principal.organisation) as work:
                known = await work.administrations.of_dossiers(
                    principal.organisation, [dossier.number for dossier in listed]
                )
            async with patience.asking():
                return Success([await self._judge(id, dossier, known.get(dossier.number)) for dossier in listed])
        except AuthorizationRejected:
            return Failure(NotAuthorized())
        except QuotaSpent as spent:
            return Failure(DailyMaximumReached(spent.until))
        except OctopusError:
            return Failure(OctopusDown())

    async def _judge(self, id: IntegrationId, dossier: Dossier, administration: Administration | None) -> ListedDossier:
        selected = administration if administration is not None and administration.is_alive else None
        if selected is not None and selected.integration_id == id:
            return ListedDossier(dossier, ALREADY_SELECTED, selected)
        return ListedDossier(dossier, await self.octopus.refusal(id, dossier.number, lately=True), selected)
