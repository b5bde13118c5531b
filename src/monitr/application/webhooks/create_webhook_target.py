"""An administrator of the organisation has its events sent to an address."""

from dataclasses import dataclass, field
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.ports import Clock, NewId, NewSecret
from monitr.application.problems import InvalidWebhookAddress, TooManyWebhookTargets
from monitr.application.webhooks.ports import AddressRefused, CheckAddress, WebhookTargets
from monitr.domain.roles import Forbidden, Permission, Principal
from monitr.domain.webhooks import MOST_TARGETS, WebhookTarget, WebhookTargetId


@dataclass(frozen=True, slots=True)
class WebhookTargetCreated:
    """``secret`` verifies the signatures. It is shown this once."""

    target: WebhookTarget
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CreateWebhookTarget:
    """The address is checked here for the user's sake, and again with every connection for ours."""

    requires: ClassVar[Permission] = Permission.MANAGE_WEBHOOKS

    targets: WebhookTargets
    check_address: CheckAddress
    clock: Clock
    new_id: NewId
    new_secret: NewSecret

    async def __call__(
        self, principal: Principal, url: str, description: str | None
    ) -> Result[WebhookTargetCreated, InvalidWebhookAddress | TooManyWebhookTargets | Forbidden]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        try:
            await self.check_address(url)
        except AddressRefused as refused:
            return Failure(InvalidWebhookAddress(str(refused)))
        target = WebhookTarget(
            WebhookTargetId(self.new_id()), principal.organisation, url, description, created_at=self.clock()
        )
        secret = self.new_secret()
        added = await self.targets.add(target, secret, MOST_TARGETS)
        if added is None:
            return Failure(TooManyWebhookTargets(MOST_TARGETS))
        return Success(WebhookTargetCreated(added, secret))
