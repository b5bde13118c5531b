"""Octopus sends the browser back: exchange the code, and the integration is connected, or connected again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from returns.result import Failure, Result, Success

from monitr.application.octopus import GrantRejected, Octopus, OctopusError, OctopusLogin
from monitr.application.patience import PersonsPatience
from monitr.application.ports import Clock, NewId, Transactions, UnitOfWork
from monitr.application.reconnection import NewLogin, TakeOver, look, naming
from monitr.application.start_authorization import RoundRefused
from monitr.domain.administration import Administration
from monitr.domain.audit import MONITR, OCTOPUS, deeds_on_integration, denied
from monitr.domain.authorization import (
    REFRESH_TOKEN_LIFETIME,
    Authorization,
    CallbackError,
    Purpose,
    Tokens,
    digest,
)
from monitr.domain.import_run import CHANGES_REMEMBERED
from monitr.domain.integration import CONSENTED, NEVER_AUTHORIZED, IntegrationId, IntegrationStatus
from monitr.domain.organisation import AdministrationId


@dataclass(frozen=True, slots=True)
class Connected:
    """``lost``: the administrations of the integration that the login does not open, as far as they were tried."""

    integration_id: IntegrationId
    return_to: str
    lost: tuple[AdministrationId, ...] = ()


@dataclass(frozen=True, slots=True)
class CompleteAuthorization:
    """The state works once, in the browser that started, for 10 minutes. A round that fails leaves no new integration
    behind, and an existing one as it was. After a reconnection the imports start by themselves."""

    transactions: Transactions
    login: OctopusLogin
    octopus: Octopus
    clock: Clock
    new_id: NewId = uuid4
    changes_remembered: timedelta = CHANGES_REMEMBERED

    async def __call__(
        self,
        state: str | None,
        code: str | None,
        browser: str | None,
        error: str | None = None,
        issuer: str | None = None,
    ) -> Result[Connected, RoundRefused]:
        """``code`` is None where Octopus sent an ``error`` instead (RFC 6749, 4.1.2.1): mostly, the user said no.
        ``issuer`` is who claims to answer (RFC 9207), None where that is not said: a code of another server is shown to
        nobody."""
        consumed = await self._consume(state, browser)
        if isinstance(consumed, RoundRefused):
            return Failure(consumed)
        if issuer is not None and not self.login.is_issuer(issuer):
            return await self._abandon(consumed, CallbackError.INVALID_STATE)
        if code is None:
            denied = error in (None, "access_denied")
            return await self._abandon(
                consumed, CallbackError.ACCESS_DENIED if denied else CallbackError.OCTOPUS_UNAVAILABLE
            )
        try:
            async with PersonsPatience().asking():
                tokens = await self.login.exchange(code, consumed.verifier)
                login = await self._look(consumed, tokens)
        except GrantRejected:
            return await self._abandon(consumed, CallbackError.EXPIRED)
        except OctopusError:
            return await self._abandon(consumed, CallbackError.OCTOPUS_UNAVAILABLE)
        if login is not None and not consumed.accept_different_account and (doubt := login.doubt) is not None:
            lost = login.access.lost if doubt is CallbackError.DIFFERENT_ACCOUNT else ()
            return await self._abandon(consumed, doubt, lost)
        return await self._connect(consumed, tokens, login)

    async def _consume(self, state: str | None, browser: str | None) -> Authorization | RoundRefused:
        """In a transaction of its own, before Octopus is asked: a second callback finds the state used."""
        if not state:
            return RoundRefused(CallbackError.INVALID_STATE, None)
        now = self.clock()
        async with self.transactions() as work:
            authorization = await work.authorizations.by_state(digest(state))
            if authorization is None:
                return RoundRefused(CallbackError.INVALID_STATE, None)
            if authorization.consumed_at is not None or not authorization.belongs_to(browser):
                return RoundRefused(CallbackError.INVALID_STATE, authorization.return_to)
            await work.authorizations.save(authorization.consumed(now))
            await work.commit()
        if not authorization.is_open(now):
            await self._discard(authorization, CallbackError.EXPIRED, MONITR)
            return RoundRefused(CallbackError.EXPIRED, authorization.return_to)
        return authorization

    async def _look(self, authorization: Authorization, tokens: Tokens) -> NewLogin | None:
        """What the login of a reconnection lists and opens."""
        if authorization.purpose is Purpose.CONNECT:
            return None
        async with self.transactions(authorization.organisation_id) as work:
            selected = await work.administrations.of_integration(
                authorization.organisation_id, authorization.integration_id
            )
        return await look(self.octopus, tokens.access_token, selected)

    async def _connect(
        self, authorization: Authorization, tokens: Tokens, login: NewLogin | None
    ) -> Result[Connected, RoundRefused]:
        now = self.clock()
        if tokens.refresh_token is None:
            return await self._abandon(authorization, CallbackError.OCTOPUS_UNAVAILABLE)
        async with self.transactions(authorization.organisation_id) as work:
            integration = await work.integrations.find(authorization.organisation_id, authorization.integration_id)
            if integration is None or not integration.is_alive:  # deleted while the user was at Octopus
                return Failure(RoundRefused(CallbackError.EXPIRED, authorization.return_to))
            lost: Sequence[Administration] = ()
            if login is not None:
                take_over = TakeOver(work, login, now, self.new_id, self.changes_remembered, authorization.subject)
                lost = await take_over(integration)
                integration = integration.asks_dossiers(now)
            deadline, cause = now + REFRESH_TOKEN_LIFETIME, naming(lost, CONSENTED.by(authorization.subject))
            authorized = integration.authorized(now, deadline, cause)
            await work.integrations.save(authorized)
            await work.integrations.store_tokens(integration.id, tokens, deadline)
            await work.audit.append(*deeds_on_integration(authorized))
            await work.commit()
        return Success(Connected(authorization.integration_id, authorization.return_to, tuple(it.id for it in lost)))

    async def _abandon(
        self, authorization: Authorization, error: CallbackError, lost: tuple[AdministrationId, ...] = ()
    ) -> Result[Connected, RoundRefused]:
        await self._discard(authorization, error, OCTOPUS)
        return Failure(RoundRefused(error, authorization.return_to, lost))

    async def _discard(self, authorization: Authorization, error: CallbackError, actor: str) -> None:
        async with self.transactions(authorization.organisation_id) as work:
            await discard_unauthorized(work, authorization, error, actor)
            await work.commit()


async def discard_unauthorized(
    work: UnitOfWork, authorization: Authorization, error: CallbackError, actor: str
) -> None:
    """Delete the integration of a round that came to nothing, where it never was authorised."""
    await work.audit.append(denied(authorization, error, actor))
    integration = await work.integrations.find(authorization.organisation_id, authorization.integration_id)
    if integration is not None and integration.status is IntegrationStatus.AWAITING_AUTHORIZATION:
        await work.integrations.save(integration.delete(NEVER_AUTHORIZED))
