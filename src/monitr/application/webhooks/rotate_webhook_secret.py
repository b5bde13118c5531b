"""A target gets another secret."""

from dataclasses import dataclass, field
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.ports import Clock, NewSecret
from monitr.application.problems import UnknownWebhookTarget
from monitr.application.webhooks.ports import WebhookTargets
from monitr.domain.roles import Forbidden, Permission, Principal
from monitr.domain.webhooks import SECRET_OVERLAP, WebhookTarget, WebhookTargetId


@dataclass(frozen=True, slots=True)
class WebhookSecretRotated:
    """``secret`` is shown this once."""

    target: WebhookTarget
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RotateWebhookSecret:
    """For a day both secrets sign, so that receivers can be changed in peace; ``at_once`` where the old one leaked."""

    requires: ClassVar[Permission] = Permission.MANAGE_WEBHOOKS

    targets: WebhookTargets
    clock: Clock
    new_secret: NewSecret

    async def __call__(
        self, principal: Principal, id: WebhookTargetId, *, at_once: bool = False
    ) -> Result[WebhookSecretRotated, UnknownWebhookTarget | Forbidden]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        secret = self.new_secret()
        previous_until = None if at_once else self.clock() + SECRET_OVERLAP
        target = await self.targets.rotate(principal.organisation, id, secret, previous_until)
        if target is None:
            return Failure(UnknownWebhookTarget(id))
        return Success(WebhookSecretRotated(target, secret))
