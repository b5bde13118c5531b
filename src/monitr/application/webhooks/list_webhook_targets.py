"""The addresses that an organisation's events are sent to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.webhooks.ports import WebhookTargets
from monitr.domain.roles import Forbidden, Permission, Principal
from monitr.domain.webhooks import WebhookTarget


@dataclass(frozen=True, slots=True)
class ListWebhookTargets:
    """Oldest first."""

    requires: ClassVar[Permission] = Permission.MANAGE_WEBHOOKS

    targets: WebhookTargets

    async def __call__(self, principal: Principal) -> Result[Sequence[WebhookTarget], Forbidden]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        return Success(await self.targets.all_of(principal.organisation))
