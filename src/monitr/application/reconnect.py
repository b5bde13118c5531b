"""One-click reconnect: a new OAuth round for the same integration. Nothing is deleted, ids stay."""

from dataclasses import dataclass
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.connect_integration import AuthorizationRequired
from monitr.application.octopus import OctopusLogin
from monitr.application.ports import Clock, NewId, NewSecret, Transactions
from monitr.application.problems import InvalidReturnTo, NotConfigured, UnknownIntegration
from monitr.application.return_addresses import ReturnAddresses
from monitr.domain.authorization import AUTHORIZATION_LIFETIME, Authorization, AuthorizationId, Purpose, digest
from monitr.domain.integration import IntegrationId
from monitr.domain.roles import Forbidden, Permission, Principal


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Until the callback has succeeded the integration is as it was, old tokens included.

    A login that sees none of the dossiers selected before ends the round with ``different_account``, and nothing has
    changed; whoever means it asks again with ``accept_different_account``."""

    requires: ClassVar[Permission] = Permission.MANAGE_INTEGRATIONS

    transactions: Transactions
    login: OctopusLogin
    return_addresses: ReturnAddresses
    clock: Clock
    new_id: NewId
    new_secret: NewSecret

    async def __call__(
        self, principal: Principal, id: IntegrationId, return_to: str | None, *, accept_different_account: bool = False
    ) -> Result[AuthorizationRequired, NotConfigured | UnknownIntegration | InvalidReturnTo | Forbidden]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        if not self.login.is_configured:
            return Failure(NotConfigured())
        address = self.return_addresses.allowed(return_to)
        if address is None:
            return Failure(InvalidReturnTo(return_to or ""))

        now = self.clock()
        ticket = self.new_secret()
        async with self.transactions(principal.organisation) as work:
            integration = await work.integrations.find(principal.organisation, id)
            if integration is None or not integration.is_alive:
                return Failure(UnknownIntegration(id))
            authorization = Authorization(
                AuthorizationId(self.new_id()),
                integration.id,
                principal.organisation,
                principal.subject,
                Purpose.RECONNECT,
                address,
                now + AUTHORIZATION_LIFETIME,
                digest(ticket),
                accept_different_account=accept_different_account,
            )
            await work.authorizations.save(authorization)
            await work.commit()
        return Success(AuthorizationRequired(integration, ticket, authorization.expires_at))
