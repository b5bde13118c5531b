"""Octopus in the name of an integration (the port ``Octopus``)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from monitr.adapters.octopus.answers.elements import ROOT, ElementScanner, EmptyDocument
from monitr.adapters.octopus.answers.odd_records import Lost, Reading, Unknown
from monitr.adapters.octopus.answers.translate import a_dossier
from monitr.adapters.octopus.answers.wire import ListedDossier
from monitr.adapters.octopus.client import LONGEST_LIST, AnsweredWithError
from monitr.adapters.octopus.dossier import ConnectedDossier
from monitr.adapters.octopus.operations import Call, Operation
from monitr.adapters.octopus.reads import Reads, refused
from monitr.adapters.octopus.retries import interruption
from monitr.application.octopus import (
    AuthorizationRejected,
    Credentials,
    DossierNotFound,
    DossierRefused,
    ListedDossiers,
    OctopusUnavailable,
    Pause,
)
from monitr.domain.accounting.ledger import OddRecord
from monitr.domain.administration import Dossier, DossierNumber
from monitr.domain.integration import IntegrationId
from monitr.domain.words.sentence import Sentence


class _AccessRefused(Exception):
    """The access token was answered 401."""


@dataclass(frozen=True, slots=True)
class OctopusOfIntegrations:
    credentials: Credentials
    reads: Reads
    unknown: Unknown

    async def dossiers(self, integration: IntegrationId) -> ListedDossiers:
        async def read() -> ListedDossiers:
            token = await self.credentials.access_token(integration)
            with suppress(_AccessRefused):
                return await self._listed(integration, token)
            token = await self.credentials.access_token(integration, token)
            try:
                return await self._listed(integration, token)
            except _AccessRefused:
                raise OctopusUnavailable(Sentence.of("octopus.FRESH_ACCESS_TOKEN_REFUSED")) from None

        return await self.reads.retries.of_a_person()(read)

    async def dossiers_with(self, access_token: str) -> ListedDossiers:
        """Not counted, because there is no integration to count it for: one call when somebody connects."""
        try:
            return await self.reads.retries.of_a_person()(lambda: self._read_dossiers(None, access_token))
        except _AccessRefused:
            raise AuthorizationRejected("Octopus refuses the access token that it has just given.") from None

    async def refusal(
        self, integration: IntegrationId, dossier: DossierNumber, *, lately: bool = False
    ) -> Sentence | None:
        try:
            await self.reads.of(integration, dossier).try_to_open(anew=not lately)
        except DossierRefused as refused:
            return refused.reason
        except DossierNotFound:
            return Sentence.of("dossier.UNKNOWN")
        return None

    async def reach(self, integration: IntegrationId, dossier: DossierNumber) -> None:
        await self.reads.of(integration, dossier).try_to_open(anew=True)

    async def reach_with(self, access_token: str, integration: IntegrationId, dossier: DossierNumber) -> None:
        """Without a turn: the imports of the login of before may hold it for as long as an answer takes."""
        await self.reads.retries.of_a_person()(lambda: self.reads.tokens.try_with(access_token, integration, dossier))

    @asynccontextmanager
    async def open(
        self, integration: IntegrationId, dossier: DossierNumber, pause: Pause | None = None
    ) -> AsyncIterator[ConnectedDossier]:
        reads = self.reads.of(integration, dossier, pause)
        await reads.connect()
        yield ConnectedDossier(reads, self.unknown)

    async def _listed(self, integration: IntegrationId, token: str) -> ListedDossiers:
        async with self.reads.turns.turn(integration):
            await self.reads.quota.count(integration, None, Operation.DOSSIERS)
            return await self._read_dossiers(integration, token)

    async def _read_dossiers(self, integration: IntegrationId | None, token: str) -> ListedDossiers:
        reading = Reading(Operation.DOSSIERS, ListedDossier, self.unknown)
        rows: list[Dossier] = []
        odd: list[OddRecord] = []
        lost: list[Lost] = []
        async with self.reads.client.ask(Call(Operation.DOSSIERS), "Token", token) as answer:
            try:
                if answer.is_ok:
                    async for block in answer.elements(ElementScanner({ROOT}), LONGEST_LIST):
                        rows += reading.rows(block, a_dossier, odd, lost)
                    return ListedDossiers(tuple(rows), len(lost))
                refusal = await answer.refusal()
            except EmptyDocument:
                return ListedDossiers(())
            except AnsweredWithError as error:
                refusal = error.refusal
        if (passing := interruption(Operation.DOSSIERS, refusal)) is not None:
            raise passing
        if refusal.is_quota:
            raise await self.reads.quota.spent(integration, None, Operation.DOSSIERS)
        if refusal.status == 401:
            raise _AccessRefused
        if refusal.status == 404:
            return ListedDossiers(())
        raise refused(Call(Operation.DOSSIERS), refusal)
