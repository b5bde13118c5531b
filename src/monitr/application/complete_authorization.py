"""Octopus sends the browser back: exchange the code, and the integration is connected, or connected again."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from monitr.application.chores.reach_administrations import ReachAdministrations
from monitr.application.octopus import GrantRejected, Octopus, OctopusError, OctopusLogin, OctopusUnavailable
from monitr.application.patience import PersonsPatience
from monitr.application.ports import Clock, Transactions, UnitOfWork
from monitr.application.start_authorization import RoundRefused
from monitr.domain.administration import Administration, AdministrationStatus, DossierNumber
from monitr.domain.authorization import (
    REFRESH_TOKEN_LIFETIME,
    Authorization,
    CallbackError,
    Purpose,
    Tokens,
    digest,
)
from monitr.domain.integration import CONSENTED, NEVER_AUTHORIZED, IntegrationId, IntegrationStatus


@dataclass(frozen=True, slots=True)
class Connected:
    integration_id: IntegrationId
    return_to: str


@dataclass(frozen=True, slots=True)
class CompleteAuthorization:
    """The state works once, in the browser that started, for 10 minutes. A round that fails leaves no new integration
    behind, and an existing one as it was."""

    transactions: Transactions
    login: OctopusLogin
    octopus: Octopus
    clock: Clock

    async def __call__(
        self, state: str | None, code: str | None, browser: str | None, error: str | None = None
    ) -> Result[Connected, RoundRefused]:
        """``code`` is None where Octopus sent an ``error`` instead (RFC 6749, 4.1.2.1): mostly, the user said no."""
        consumed = await self._consume(state, browser)
        if isinstance(consumed, RoundRefused):
            return Failure(consumed)
        if code is None:
            denied = error in (None, "access_denied")
            return await self._abandon(
                consumed, CallbackError.ACCESS_DENIED if denied else CallbackError.OCTOPUS_UNAVAILABLE
            )
        patience = PersonsPatience()
        try:
            async with patience.asking():
                tokens = await self.login.exchange(code, consumed.verifier)
                seen = await self._seen(consumed, tokens)
        except GrantRejected:
            return await self._abandon(consumed, CallbackError.EXPIRED)
        except OctopusError:
            return await self._abandon(consumed, CallbackError.OCTOPUS_UNAVAILABLE)
        if not (consumed.accept_different_account or await self._is_same_account(consumed, seen)):
            return await self._abandon(consumed, CallbackError.DIFFERENT_ACCOUNT)
        outcome = await self._connect(consumed, tokens)
        if is_successful(outcome):
            await self._compare(consumed, seen, patience)
        return outcome

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
            await self._discard(authorization)
            return RoundRefused(CallbackError.EXPIRED, authorization.return_to)
        return authorization

    async def _seen(self, authorization: Authorization, tokens: Tokens) -> frozenset[DossierNumber]:
        """The dossiers that the login of a reconnection sees."""
        if authorization.purpose is Purpose.CONNECT:
            return frozenset()
        listed = await self.octopus.dossiers_with(tokens.access_token)
        return frozenset(dossier.number for dossier in listed.dossiers)

    async def _is_same_account(self, authorization: Authorization, seen: frozenset[DossierNumber]) -> bool:
        """A reconnection has to see at least one of the dossiers that were selected before."""
        selected = await self._selected(authorization)
        return not selected or any(administration.dossier in seen for administration in selected)

    async def _compare(
        self, authorization: Authorization, seen: frozenset[DossierNumber], patience: PersonsPatience
    ) -> None:
        """Those that the login does not list, and those that could not be opened before, are tried (decisions.md,
        section 6). None is deleted; what cannot be asked now the next import finds out."""
        doubtful = [
            administration
            for administration in await self._selected(authorization)
            if administration.dossier not in seen or administration.status is not AdministrationStatus.ACTIVE
        ]
        with suppress(OctopusUnavailable):
            async with patience.asking():
                await ReachAdministrations(self.transactions, self.octopus)(doubtful)

    async def _selected(self, authorization: Authorization) -> Sequence[Administration]:
        async with self.transactions(authorization.organisation_id) as work:
            return await work.administrations.of_integration(
                authorization.organisation_id, authorization.integration_id
            )

    async def _connect(self, authorization: Authorization, tokens: Tokens) -> Result[Connected, RoundRefused]:
        now = self.clock()
        if tokens.refresh_token is None:
            return await self._abandon(authorization, CallbackError.OCTOPUS_UNAVAILABLE)
        async with self.transactions(authorization.organisation_id) as work:
            integration = await work.integrations.find(authorization.organisation_id, authorization.integration_id)
            if integration is None or not integration.is_alive:  # deleted while the user was at Octopus
                return Failure(RoundRefused(CallbackError.EXPIRED, authorization.return_to))
            deadline = now + REFRESH_TOKEN_LIFETIME
            await work.integrations.save(integration.authorized(now, deadline, CONSENTED.by(authorization.subject)))
            await work.integrations.store_tokens(integration.id, tokens, deadline)
            await work.commit()
        return Success(Connected(authorization.integration_id, authorization.return_to))

    async def _abandon(self, authorization: Authorization, error: CallbackError) -> Result[Connected, RoundRefused]:
        await self._discard(authorization)
        return Failure(RoundRefused(error, authorization.return_to))

    async def _discard(self, authorization: Authorization) -> None:
        async with self.transactions(authorization.organisation_id) as work:
            await discard_unauthorized(work, authorization)
            await work.commit()


async def discard_unauthorized(work: UnitOfWork, authorization: Authorization) -> None:
    """Delete the integration of a round that came to nothing, where it never was authorised."""
    integration = await work.integrations.find(authorization.organisation_id, authorization.integration_id)
    if integration is not None and integration.status is IntegrationStatus.AWAITING_AUTHORIZATION:
        await work.integrations.save(integration.delete(NEVER_AUTHORIZED))
