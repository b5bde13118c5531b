"""What sending webhooks needs from the world: the targets and their events, as kept, and the way to a receiver.

The events themselves are noted by the database, in the transaction of what they tell of (adr/0007).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from monitr.application.reading.pages import Page
from monitr.domain.organisation import OrganisationId
from monitr.domain.webhooks import NotAccepted, WebhookEvent, WebhookTarget, WebhookTargetId
from monitr.domain.words.sentence import Sentence


class AddressRefused(Exception):
    """An address that webhooks are not sent to. The reason is for the user who gave it, and tells nothing about what a
    name resolves to: the answers must not map our network."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(str(reason))
        self.reason = reason


class WebhookTargets(Protocol):
    """The targets of an organisation and the events it can see. Every method is a transaction of its own; a target of
    another organisation is not there. What is changed is in the audit trail with it, as done ``by`` that subject."""

    async def add(self, target: WebhookTarget, secret: str, most: int, by: str) -> WebhookTarget | None:
        """Store it, with the secret encrypted. It receives what happens from now on. None where the organisation has
        ``most`` targets already."""
        ...

    async def all_of(self, organisation: OrganisationId) -> Sequence[WebhookTarget]:
        """Oldest first."""
        ...

    async def remove(self, organisation: OrganisationId, id: WebhookTargetId, by: str) -> bool:
        """False where there is no such target. Its secrets go with it."""
        ...

    async def rotate(
        self, organisation: OrganisationId, id: WebhookTargetId, secret: str, previous_until: datetime | None, by: str
    ) -> WebhookTarget | None:
        """From now on ``secret`` signs, and until ``previous_until`` the one before as well. None: no such target."""
        ...

    async def replay(
        self, organisation: OrganisationId, id: WebhookTargetId, after: str | None, by: str
    ) -> WebhookTarget | None:
        """Send (again) what comes after the cursor, or, without one, everything that is kept; what is being sent at
        the moment does not undo that. None: no such target. Raises InvalidCursor."""
        ...

    async def events(self, organisation: OrganisationId, first: int, after: str | None) -> Page[WebhookEvent]:
        """Oldest first. Whoever asks again after the last cursor misses nothing. Raises InvalidCursor."""
        ...

    def cursor(self, position: int) -> str:
        """The cursor of the event at this position, as in ``events``."""
        ...


CheckAddress = Callable[[str], Awaitable[None]]
"""Raises AddressRefused where webhooks are not sent to the address."""


@dataclass(frozen=True, slots=True)
class TargetClaim:
    """One process sends to a target at a time, so that its events arrive in order."""

    target_id: WebhookTargetId
    organisation_id: OrganisationId
    fence: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What a target is to be sent next, in order. ``secrets``: the ones that sign, newest first."""

    target: WebhookTarget
    secrets: Sequence[str] = field(repr=False)
    events: Sequence[WebhookEvent] = ()


class WebhookDeliveries(Protocol):
    """The targets of all organisations, as whoever sends sees them."""

    async def order_events(self) -> int:
        """Give the events that were committed since the last time their places; how many those were."""
        ...

    async def claim(self, lease: timedelta, limit: int) -> Sequence[TargetClaim]:
        """Targets that something is to be sent to now, and nobody is sending to; first those not tried for longest."""
        ...

    async def queue(self, claim: TargetClaim, limit: int) -> Queue | None:
        """None where the claim does not hold any more."""
        ...

    async def save(self, claim: TargetClaim, target: WebhookTarget, lease: timedelta) -> bool:
        """What an attempt changed; the claim holds for ``lease`` from now. False where it does not hold any more: the
        target was deleted, replayed, or taken over, and nothing was changed."""
        ...

    async def release(self, claim: TargetClaim) -> None: ...

    async def prune(self, older_than: timedelta) -> int:
        """Forget events that happened longer ago; how many those were."""
        ...


class SendWebhook(Protocol):
    async def __call__(self, url: str, headers: Mapping[str, str], body: str) -> NotAccepted | None:
        """One attempt, bounded in time; None where the receiver answered 2xx. Redirects are not followed, and nothing
        is connected to but a checked address."""
        ...


class SignWebhook(Protocol):
    def __call__(self, event: WebhookEvent, secrets: Sequence[str], now: datetime) -> Mapping[str, str]:
        """The headers of Standard Webhooks for the event's body, signed by each of the secrets."""
        ...
