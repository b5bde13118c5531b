""" "Add" and "Authenticate with Octopus": begin an OAuth round for a new integration."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.octopus import OctopusLogin
from monitr.application.ports import Clock, NewId, NewSecret, Transactions, UnitOfWork
from monitr.application.problems import InvalidReturnTo, NotConfigured
from monitr.application.return_addresses import ReturnAddresses
from monitr.domain.audit import asked
from monitr.domain.authorization import AUTHORIZATION_LIFETIME, Authorization, AuthorizationId, Purpose, digest
from monitr.domain.integration import ASKED_TO_ADD, Integration, IntegrationId
from monitr.domain.roles import Forbidden, Permission, Principal


@dataclass(frozen=True, slots=True)
class AuthorizationRequired:
    """``ticket`` opens our own start page, in whoever's browser, until ``expires_at`` (UTC)."""

    integration: Integration
    ticket: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BeginRound:
    """An OAuth round, for a new integration or for one that is to be reconnected."""

    requires: ClassVar[Permission] = Permission.MANAGE_INTEGRATIONS

    transactions: Transactions
    login: OctopusLogin
    return_addresses: ReturnAddresses
    clock: Clock
    new_id: NewId
    new_secret: NewSecret

    def way_back(
        self, principal: Principal, return_to: str | None
    ) -> str | NotConfigured | InvalidReturnTo | Forbidden:
        """Where the browser goes at the end, or why no round begins."""
        if not principal.may(self.requires):
            return Forbidden(self.requires)
        if not self.login.is_configured:
            return NotConfigured()
        address = self.return_addresses.allowed(return_to)
        return InvalidReturnTo(return_to or "") if address is None else address

    async def begin(
        self,
        work: UnitOfWork,
        integration: Integration,
        principal: Principal,
        purpose: Purpose,
        way_back: str,
        *,
        accept_different_account: bool = False,
    ) -> AuthorizationRequired:
        """With the commit."""
        ticket = self.new_secret()
        authorization = Authorization(
            AuthorizationId(self.new_id()),
            integration.id,
            principal.organisation,
            principal.subject,
            purpose,
            way_back,
            self.clock() + AUTHORIZATION_LIFETIME,
            digest(ticket),
            accept_different_account=accept_different_account,
            subject_name=principal.name,
            organisation_name=principal.organisation_name,
        )
        await work.authorizations.save(authorization)
        await work.audit.append(asked(authorization))
        await work.commit()
        return AuthorizationRequired(integration, ticket, authorization.expires_at)


@dataclass(frozen=True, slots=True)
class ConnectIntegration(BeginRound):
    """The integration exists from here as AWAITING_AUTHORIZATION, and is on no card until Octopus's answer is in."""

    async def __call__(
        self, principal: Principal, return_to: str | None
    ) -> Result[AuthorizationRequired, NotConfigured | InvalidReturnTo | Forbidden]:
        way_back = self.way_back(principal, return_to)
        if not isinstance(way_back, str):
            return Failure(way_back)
        integration = Integration.begin(
            IntegrationId(self.new_id()), principal.organisation, self.clock(), ASKED_TO_ADD.by(principal.subject)
        )
        async with self.transactions(principal.organisation) as work:
            await work.integrations.save(integration)
            return Success(await self.begin(work, integration, principal, Purpose.CONNECT, way_back))
