"""One-click reconnect: a new OAuth round for the same integration. Nothing is deleted, ids stay."""

from dataclasses import dataclass

from returns.result import Failure, Result, Success

from monitr.application.connect_integration import AuthorizationRequired, BeginRound
from monitr.application.problems import InvalidReturnTo, NotConfigured, UnknownIntegration
from monitr.domain.authorization import Purpose
from monitr.domain.integration import IntegrationId
from monitr.domain.roles import Forbidden, Principal


@dataclass(frozen=True, slots=True)
class Reconnect(BeginRound):
    """Until the callback has succeeded the integration is as it was, old tokens included.

    A login that opens none of the dossiers selected before ends the round with ``different_account``, and nothing has
    changed; whoever means it asks again with ``accept_different_account``."""

    async def __call__(
        self, principal: Principal, id: IntegrationId, return_to: str | None, *, accept_different_account: bool = False
    ) -> Result[AuthorizationRequired, NotConfigured | UnknownIntegration | InvalidReturnTo | Forbidden]:
        way_back = self.way_back(principal, return_to)
        if not isinstance(way_back, str):
            return Failure(way_back)
        async with self.transactions(principal.organisation) as work:
            integration = await work.integrations.find(principal.organisation, id)
            if integration is None or not integration.is_alive:
                return Failure(UnknownIntegration(id))
            required = await self.begin(
                work,
                integration,
                principal,
                Purpose.RECONNECT,
                way_back,
                accept_different_account=accept_different_account,
            )
        return Success(required)
