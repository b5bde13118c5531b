""" "Add" and "Authenticate with Octopus": begin an OAuth round for a new integration."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.octopus import OctopusLogin
from monitr.application.ports import Clock, NewId, NewSecret, Transactions
from monitr.application.problems import InvalidReturnTo, NotConfigured
from monitr.application.return_addresses import ReturnAddresses
from monitr.domain.authorization import AUTHORIZATION_LIFETIME, Authorization, AuthorizationId, Purpose, digest
from monitr.domain.integration import ASKED_TO_ADD, Integration, IntegrationId
from monitr.domain.roles import Forbidden, Permission, Principal


@dataclass(frozen=True, slots=True)
class AuthorizationRequired:
    """``ticket`` opens our own start page, once for each browser, until ``expires_at`` (UTC)."""

    integration: Integration
    ticket: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ConnectIntegration:
    """The integration exists from here as AWAITING_AUTHORIZATION, and is on no card until Octopus's answer is in."""

    requires: ClassVar[Permission] = Permission.MANAGE_INTEGRATIONS

    transactions: Transactions
    login: OctopusLogin
    return_addresses: ReturnAddresses
    clock: Clock
    new_id: NewId
    new_secret: NewSecret

    async def __call__(
        self, principal: Principal, return_to: str | None
    ) -> Result[AuthorizationRequired, NotConfigured | InvalidReturnTo | Forbidden]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        if not self.login.is_configured:
            return Failure(NotConfigured())
        address = self.return_addresses.allowed(return_to)
        if address is None:
            return Failure(InvalidReturnTo(return_to or ""))

        now = self.clock()
        integration = Integration.begin(
            IntegrationId(self.new_id()), principal.organisation, now, ASKED_TO_ADD.by(principal.subject)
        )
        ticket = self.new_secret()
        authorization = Authorization(
            AuthorizationId(self.new_id()),
            integration.id,
            principal.organisation,
            principal.subject,
            Purpose.CONNECT,
            address,
            now + AUTHORIZATION_LIFETIME,
            digest(ticket),
        )
        async with self.transactions(principal.organisation) as work:
            await work.integrations.save(integration)
            await work.authorizations.save(authorization)
            await work.commit()
        return Success(AuthorizationRequired(integration, ticket, authorization.expires_at))
