"""What an organisation can do about its webhooks: short use cases, put together by the composition root."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.ports import Clock, NewId, NewSecret
from monitr.application.problems import InvalidWebhookAddress, TooManyWebhookTargets, UnknownWebhookTarget
from monitr.application.reading.pages import Page
from monitr.application.webhooks.ports import AddressRefused, CheckAddress, WebhookTargets
from monitr.domain.roles import Forbidden, Permission, Principal
from monitr.domain.webhooks import MOST_TARGETS, SECRET_OVERLAP, WebhookEvent, WebhookTarget, WebhookTargetId


@dataclass(frozen=True, slots=True)
class WebhookUseCase:
    """What all of them need."""

    requires: ClassVar[Permission] = Permission.MANAGE_WEBHOOKS

    targets: WebhookTargets


@dataclass(frozen=True, slots=True)
class ListWebhookTargets(WebhookUseCase):
    """The addresses that an organisation's events are sent to, oldest first."""

    async def __call__(self, principal: Principal) -> Result[Sequence[WebhookTarget], Forbidden]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        return Success(await self.targets.all_of(principal.organisation))


@dataclass(frozen=True, slots=True)
class ReadWebhookEvents(WebhookUseCase):
    """What has happened in an organisation: the events that its targets are sent, oldest first, as far back as kept."""

    async def __call__(
        self, principal: Principal, first: int, after: str | None
    ) -> Result[Page[WebhookEvent], Forbidden]:
        """Raises InvalidCursor."""
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        return Success(await self.targets.events(principal.organisation, first, after))


@dataclass(frozen=True, slots=True)
class TargetWithSecret:
    """``secret`` verifies the signatures from now on. It is shown this once."""

    target: WebhookTarget
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CreateWebhookTarget(WebhookUseCase):
    """An address is sent the events. It is checked now for the user's sake, with every connection for ours."""

    check_address: CheckAddress
    clock: Clock
    new_id: NewId
    new_secret: NewSecret

    async def __call__(
        self, principal: Principal, url: str, description: str | None
    ) -> Result[TargetWithSecret, InvalidWebhookAddress | TooManyWebhookTargets | Forbidden]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        try:
            await self.check_address(url)
        except AddressRefused as refused:
            return Failure(InvalidWebhookAddress(refused.reason))
        target = WebhookTarget(
            WebhookTargetId(self.new_id()), principal.organisation, url, description, created_at=self.clock()
        )
        secret = self.new_secret()
        added = await self.targets.add(target, secret, MOST_TARGETS, principal.subject)
        if added is None:
            return Failure(TooManyWebhookTargets(MOST_TARGETS))
        return Success(TargetWithSecret(added, secret))


@dataclass(frozen=True, slots=True)
class DeleteWebhookTarget(WebhookUseCase):
    """An address is sent no events any more. An attempt that is under way ends by itself; none follows."""

    async def __call__(
        self, principal: Principal, id: WebhookTargetId
    ) -> Result[WebhookTargetId, UnknownWebhookTarget | Forbidden]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        if not await self.targets.remove(principal.organisation, id, principal.subject):
            return Failure(UnknownWebhookTarget(id))
        return Success(id)


@dataclass(frozen=True, slots=True)
class RotateWebhookSecret(WebhookUseCase):
    """A target gets another secret. For a day both sign, so that receivers can be changed in peace; ``at_once`` where
    the old one leaked."""

    clock: Clock
    new_secret: NewSecret

    async def __call__(
        self, principal: Principal, id: WebhookTargetId, *, at_once: bool = False
    ) -> Result[TargetWithSecret, UnknownWebhookTarget | Forbidden]:
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        secret = self.new_secret()
        previous_until = None if at_once else self.clock() + SECRET_OVERLAP
        target = await self.targets.rotate(principal.organisation, id, secret, previous_until, principal.subject)
        if target is None:
            return Failure(UnknownWebhookTarget(id))
        return Success(TargetWithSecret(target, secret))


@dataclass(frozen=True, slots=True)
class ReplayWebhookEvents(WebhookUseCase):
    """Events are sent again, from a cursor on, with their old ids, so that a receiver recognises what it has already; a
    disabled target goes on by it."""

    async def __call__(
        self, principal: Principal, id: WebhookTargetId, after: str | None
    ) -> Result[WebhookTarget, UnknownWebhookTarget | Forbidden]:
        """From the oldest event that is kept, without ``after``. Raises InvalidCursor."""
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        target = await self.targets.replay(principal.organisation, id, after, principal.subject)
        if target is None:
            return Failure(UnknownWebhookTarget(id))
        return Success(target)


@dataclass(frozen=True, slots=True)
class WebhookUseCases:
    """``cursor`` is that of the event at a position, as in ``events``."""

    targets: ListWebhookTargets
    events: ReadWebhookEvents
    cursor: Callable[[int], str]
    create: CreateWebhookTarget
    delete: DeleteWebhookTarget
    rotate_secret: RotateWebhookSecret
    replay: ReplayWebhookEvents
