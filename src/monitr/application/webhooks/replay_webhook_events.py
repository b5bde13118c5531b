"""Events are sent to a target again, from a cursor on; a disabled target goes on by it."""

from dataclasses import dataclass
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.problems import UnknownWebhookTarget
from monitr.application.webhooks.ports import WebhookTargets
from monitr.domain.roles import Forbidden, Permission, Principal
from monitr.domain.webhooks import WebhookTarget, WebhookTargetId


@dataclass(frozen=True, slots=True)
class WebhookReplayStarted:
    target: WebhookTarget


@dataclass(frozen=True, slots=True)
class ReplayWebhookEvents:
    """With their old ids, so that a receiver recognises what it has already."""

    requires: ClassVar[Permission] = Permission.MANAGE_WEBHOOKS

    targets: WebhookTargets

    async def __call__(
        self, principal: Principal, id: WebhookTargetId, after: str | None
    ) -> Result[WebhookReplayStarted, UnknownWebhookTarget | Forbidden]:
        """From the oldest event that is kept, without ``after``. Raises InvalidCursor."""
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        target = await self.targets.replay(principal.organisation, id, after)
        if target is None:
            return Failure(UnknownWebhookTarget(id))
        return Success(WebhookReplayStarted(target))
