"""What has happened in an organisation: the events that its targets are sent."""

from dataclasses import dataclass
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.reading.pages import Page
from monitr.application.webhooks.ports import WebhookTargets
from monitr.domain.roles import Forbidden, Permission, Principal
from monitr.domain.webhooks import WebhookEvent


@dataclass(frozen=True, slots=True)
class ReadWebhookEvents:
    """Oldest first, as far back as they are kept."""

    requires: ClassVar[Permission] = Permission.MANAGE_WEBHOOKS

    targets: WebhookTargets

    async def __call__(
        self, principal: Principal, first: int, after: str | None
    ) -> Result[Page[WebhookEvent], Forbidden]:
        """Raises InvalidCursor."""
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        return Success(await self.targets.events(principal.organisation, first, after))
