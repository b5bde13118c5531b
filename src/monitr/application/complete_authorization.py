"""Octopus sends the browser back: exchange the code, and the integration is connected, or connected again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from returns.result import Failure, Result, Success

from monitr.application.dossier_access import Access, access_with
from monitr.application.follow_dossiers import describe
from monitr.application.import_queue import queue_or_join
from monitr.application.octopus import GrantRejected, ListedDossiers, Octopus, OctopusError, OctopusLogin
from monitr.application.ports import Clock, NewId, Transactions, UnitOfWork
from monitr.application.start_authorization import RoundRefused
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.authorization import (
    REFRESH_TOKEN_LIFETIME,
    Authorization,
    CallbackError,
    Purpose,
    Tokens,
    digest,
)
from monitr.domain.import_run import (
    CHANGES_REMEMBERED,
    ImportMode,
    ImportRun,
    ImportRunId,
    ImportTrigger,
    mode_of,
)
from monitr.domain.integration import CONSENTED, NEVER_AUTHORIZED, IntegrationId, IntegrationStatus
from monitr.domain.organisation import AdministrationId
from monitr.domain.timeline import Cause


@dataclass(frozen=True, slots=True)
class Connected:
    """``lost``: the administrations of the integration that the login does not open, as far as they were tried."""

    integration_id: IntegrationId
    return_to: str
    lost: tuple[AdministrationId, ...] = ()


@dataclass(frozen=True, slots=True)
class _Login:
    """Whoever has come back from Octopus: nothing of it is stored yet."""

    tokens: Tokens
    listed: ListedDossiers
    access: Access

    @property
    def lists_nothing(self) -> bool:
        """Then its 404 are no proof that a dossier is gone (decision 17)."""
        return not self.listed.dossiers and not self.listed.unreadable


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
        try:
            login = await self._look(consumed, await self.login.exchange(code, consumed.verifier))
        except GrantRejected:
            return await self._abandon(consumed, CallbackError.EXPIRED)
        except OctopusError:
            return await self._abandon(consumed, CallbackError.OCTOPUS_UNAVAILABLE)
        if (refused := _is_another(consumed, login.access)) is not None:
            return await self._abandon(consumed, refused)
        return await self._connect(consumed, login)

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

    async def _look(self, authorization: Authorization, tokens: Tokens) -> _Login:
        """What the login of a reconnection lists, and which of the administrations it opens."""
        if authorization.purpose is Purpose.CONNECT:
            return _Login(tokens, ListedDossiers(()), Access({}, is_certain=True))
        listed = await self.octopus.dossiers_with(tokens.access_token)
        async with self.transactions(authorization.organisation_id) as work:
            selected = await work.administrations.of_integration(
                authorization.organisation_id, authorization.integration_id
            )
        numbers = {dossier.number for dossier in listed.dossiers}
        return _Login(tokens, listed, await access_with(tokens.access_token, self.octopus, selected, numbers))

    async def _connect(self, authorization: Authorization, login: _Login) -> Result[Connected, RoundRefused]:
        now = self.clock()
        if login.tokens.refresh_token is None:
            return await self._abandon(authorization, CallbackError.OCTOPUS_UNAVAILABLE)
        async with self.transactions(authorization.organisation_id) as work:
            integration = await work.integrations.find(authorization.organisation_id, authorization.integration_id)
            if integration is None or not integration.is_alive:  # deleted while the user was at Octopus
                return Failure(RoundRefused(CallbackError.EXPIRED, authorization.return_to))
            lost: list[Administration] = []
            if authorization.purpose is Purpose.RECONNECT:
                await describe(work, integration.organisation_id, integration.id, login.listed.dossiers)
                lost = await self._take_over(work, authorization, login, now)
                integration = integration.asks_dossiers(now)
            deadline = now + REFRESH_TOKEN_LIFETIME
            await work.integrations.save(integration.authorized(now, deadline, _consent(authorization, lost)))
            await work.integrations.store_tokens(integration.id, login.tokens, deadline)
            await work.commit()
        return Success(Connected(authorization.integration_id, authorization.return_to, tuple(it.id for it in lost)))

    async def _take_over(
        self, work: UnitOfWork, authorization: Authorization, login: _Login, now: datetime
    ) -> list[Administration]:
        """Those that the login does not open; none is deleted. The others are imported: one that could not be tried
        finds out by its import."""
        lost: list[Administration] = []
        for administration in await work.administrations.of_integration(
            authorization.organisation_id, authorization.integration_id
        ):
            refused = login.access.refused(administration.id)
            if refused is None:
                if administration.id in login.access.tried and administration.status is not AdministrationStatus.ACTIVE:
                    await work.administrations.save(administration.reached())
                await queue_or_join(work, self._import(administration, now))
                continue
            lost.append(administration)
            if refused.status is not AdministrationStatus.NOT_FOUND or not login.lists_nothing:
                await work.administrations.save(administration.unreachable(refused.status, refused.cause))
        return lost

    def _import(self, administration: Administration, now: datetime) -> ImportRun:
        return ImportRun.queue(
            ImportRunId(self.new_id()),
            administration.organisation_id,
            administration.id,
            mode_of(administration, ImportMode.INCREMENTAL, now, self.changes_remembered),
            ImportTrigger.RECONNECT,
            now,
        )

    async def _abandon(self, authorization: Authorization, error: CallbackError) -> Result[Connected, RoundRefused]:
        await self._discard(authorization)
        return Failure(RoundRefused(error, authorization.return_to))

    async def _discard(self, authorization: Authorization) -> None:
        async with self.transactions(authorization.organisation_id) as work:
            await discard_unauthorized(work, authorization)
            await work.commit()


def _is_another(authorization: Authorization, access: Access) -> CallbackError | None:
    """Why the login is not taken for that of before: it has to open one of the administrations at least. Where Octopus
    did not answer all that was asked, that cannot be told."""
    if authorization.accept_different_account or access.opens_any:
        return None
    if not access.is_certain:
        return CallbackError.OCTOPUS_UNAVAILABLE
    return CallbackError.DIFFERENT_ACCOUNT if access.tried else None


def _consent(authorization: Authorization, lost: Sequence[Administration]) -> Cause:
    cause = CONSENTED.by(authorization.subject)
    if not lost:
        return cause
    names = ", ".join(f"{administration.name} ({administration.dossier})" for administration in lost)
    return replace(cause, why=f"{cause.why} This login does not open: {names}.")


async def discard_unauthorized(work: UnitOfWork, authorization: Authorization) -> None:
    """Delete the integration of a round that came to nothing, where it never was authorised."""
    integration = await work.integrations.find(authorization.organisation_id, authorization.integration_id)
    if integration is not None and integration.status is IntegrationStatus.AWAITING_AUTHORIZATION:
        await work.integrations.save(integration.delete(NEVER_AUTHORIZED))
