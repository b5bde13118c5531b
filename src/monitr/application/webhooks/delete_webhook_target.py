"""An address is sent no events any more."""

from dataclasses import dataclass
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.problems import UnknownWebhookTarget
from monitr.application.webhooks.ports import WebhookTargets
from monitr.domain.roles import Forbidden, Permission, Principal
from monitr.domain.webhooks import WebhookTargetId


@dataclass(frozen=True, slots=True)
class WebhookTargetDeleted:
    target_id: WebhookTargetId


@dataclass(frozen=True, slots=True)
class DeleteWebhookTarget:
    """An attempt that is under way ends by itself; none follows."""

    requires: ClassVar[Permission] = Permission.MANAGE_WEBHOOKS

    targets: WebhookTargets

    async def __call__(
        self, principal: Principal, id: WebhookTargetId
    ) -> Result[WebhookTargetDeleted, UnknownWebhookTarget | Forbidden]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        if not await self.targets.remove(principal.organisation, id):
            return Failure(UnknownWebhookTarget(id))
        return Success(WebhookTargetDeleted(id))
