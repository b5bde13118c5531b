"""Dossier tokens: got by connecting, kept for their ten minutes, renewed on 401 (octopus.md 1.3)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from monitr.adapters.octopus.answers.no_elements import Meaning, meaning_of
from monitr.adapters.octopus.answers.wire import DossierToken
from monitr.adapters.octopus.client import OctopusClient
from monitr.adapters.octopus.operations import Call, Operation
from monitr.adapters.octopus.quota import OperationQuota
from monitr.adapters.octopus.retries import interruption
from monitr.application.octopus import (
    AuthorizationRejected,
    Credentials,
    DossierNotFound,
    DossierRefused,
    InvalidAnswer,
    OctopusUnavailable,
)
from monitr.application.ports import Clock
from monitr.domain.administration import DossierNumber
from monitr.domain.authorization import leeway
from monitr.domain.integration import IntegrationId
from monitr.domain.words.sentence import Sentence

LIFETIME = timedelta(minutes=10)
_LONGEST_ANSWER = 64 * 1024


class _Key(NamedTuple):
    integration: IntegrationId
    dossier: DossierNumber


@dataclass(frozen=True, slots=True)
class _Connection:
    """``access_token`` is the one it was got with: refused dossier tokens lead back to it."""

    dossier_token: str = field(repr=False)
    access_token: str = field(repr=False)
    good_until: datetime


@dataclass(slots=True)
class DossierTokens:
    """In memory only, for this process."""

    client: OctopusClient
    credentials: Credentials
    quota: OperationQuota
    clock: Clock
    locale: int
    _connections: dict[_Key, _Connection] = field(default_factory=dict, repr=False)

    async def token(self, integration: IntegrationId, dossier: DossierNumber) -> str:
        """One that is still good, by connecting where needed. Raises as ``connect``."""
        connection = self._connections.get(_Key(integration, dossier))
        if connection is not None and self.clock() < connection.good_until:
            return connection.dossier_token
        return await self.connect(integration, dossier)

    async def connect(
        self, integration: IntegrationId, dossier: DossierNumber, *, with_new_access: bool = False
    ) -> str:
        """A new dossier token. A refused access token is refreshed once; ``with_new_access`` refreshes it at once.

        Raises DossierNotFound, DossierRefused, QuotaSpent, AuthorizationRejected, Interrupted, OctopusUnavailable,
        InvalidAnswer.
        """
        former = self._connections.pop(_Key(integration, dossier), None)
        rejected = former.access_token if former is not None and with_new_access else None
        access_token = await self.credentials.access_token(integration, rejected)
        dossier_token = await self._connect(integration, dossier, access_token)
        if dossier_token is None and rejected is None:
            access_token = await self.credentials.access_token(integration, access_token)
            dossier_token = await self._connect(integration, dossier, access_token)
        if dossier_token is None:
            raise OctopusUnavailable(Sentence.of("octopus.FRESH_ACCESS_TOKEN_REFUSED"))
        self._keep(_Key(integration, dossier), dossier_token, access_token)
        return dossier_token

    async def try_with(self, access_token: str, integration: IntegrationId, dossier: DossierNumber) -> None:
        """Connect with a token that is not stored; nothing of the answer is kept. Raises as ``connect``."""
        if await self._connect(integration, dossier, access_token) is None:
            raise AuthorizationRejected("Octopus refuses the access token that it has just given.")

    async def _connect(self, integration: IntegrationId, dossier: DossierNumber, access_token: str) -> str | None:
        """None where the access token was refused."""
        await self.quota.count(integration, dossier, Operation.CONNECT)
        call = Call(Operation.CONNECT, query={"dossierId": dossier, "localeId": self.locale})
        async with self.client.ask(call, "Token", access_token) as answer:
            if answer.is_ok:
                body = await answer.body(_LONGEST_ANSWER)
                if (token := _token_in(body)) is not None:
                    return token
                refusal = answer.refusal_in(body)
                if refusal.says_nothing or meaning_of(body, frozenset()) is not Meaning.ERROR:
                    raise InvalidAnswer(Sentence.of("octopus.NO_DOSSIER_TOKEN"))
            else:
                refusal = await answer.refusal()
        if (passing := interruption(Operation.CONNECT, refusal)) is not None:
            raise passing
        if refusal.is_quota:
            raise await self.quota.spent(integration, dossier, Operation.CONNECT)
        if refusal.status == 401:
            return None
        if refusal.status == 404:
            raise DossierNotFound(f"Octopus does not know the dossier {dossier}, or not for this login.")
        if refusal.is_no_access:
            raise DossierRefused(refusal.reason)
        raise InvalidAnswer(Sentence.of("octopus.ANSWERED", operation="connect", answer=refusal.summary))

    def _keep(self, key: _Key, dossier_token: str, access_token: str) -> None:
        now = self.clock()
        good = {k: connection for k, connection in self._connections.items() if now < connection.good_until}
        self._connections = good | {key: _Connection(dossier_token, access_token, now + LIFETIME - leeway(LIFETIME))}


def _token_in(body: bytes) -> str | None:
    try:
        token = msgspec.json.decode(body, type=DossierToken).token
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return token if token and token.isascii() and token.isprintable() else None
