"""Webhooks: where an organisation's events are sent, and the events themselves."""

from collections.abc import Callable
from datetime import datetime
from typing import Self

import strawberry

from monitr.application.reading.asking import NotPermitted, permitted
from monitr.application.reading.pages import Page
from monitr.application.use_cases import refusal
from monitr.domain import webhooks
from monitr.domain.webhooks import TargetStatus
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.paging import After, Connection, First
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.imports import Failure

strawberry.enum(TargetStatus, name="WebhookTargetStatus")


@strawberry.type
class WebhookTarget:
    """An address that receives the organisation's events, one after the other."""

    id: strawberry.ID
    """Opaque; for the mutations about webhooks."""
    url: str
    """Where the events are sent."""
    description: str | None
    """As given when it was made; null: none."""
    status: TargetStatus
    """Whether events arrive."""
    created_at: datetime
    """When it was made (UTC)."""
    delivered_up_to: str
    """A cursor of webhookEvents: what comes after it has not arrived yet. Replay from here to go on."""
    failed_attempts: int
    """With the next event, in a row; 0: none failed."""
    next_attempt_at: datetime | None
    """When the next event is tried again; null: none waits, or nothing is sent any more."""
    last_attempt_at: datetime | None
    """Null: nothing was sent yet."""
    last_success_at: datetime | None
    """Null: nothing has arrived yet."""
    last_error: Failure | None
    """Why the last attempt failed; null: it has not."""
    disabled_at: datetime | None
    """Since when nothing is sent any more; null: it is not disabled."""
    previous_secret_valid_until: datetime | None
    """Until when the secret before signs as well; null: there is none."""

    @classmethod
    def of(cls, target: webhooks.WebhookTarget, cursor: Callable[[int], str]) -> Self:
        return shown(
            cls,
            target,
            delivered_up_to=cursor(target.position),
            failed_attempts=target.failures,
            last_error=target.last_failure,
            previous_secret_valid_until=target.previous_secret_until,
        )


@strawberry.type
class WebhookEvent:
    """Something that happened, as the targets are told."""

    id: strawberry.ID
    """The `webhook-id` of the message: the same however often it is sent."""
    type: str
    """`import.succeeded` and so on: docs/webhooks.md lists them."""
    occurred_at: datetime
    """When it happened (UTC)."""
    body: str
    """The JSON that is sent, to the letter."""

    @classmethod
    def of(cls, event: webhooks.WebhookEvent) -> Self:
        return shown(cls, event, id=strawberry.ID(event.message_id), type=event.type.value)


@strawberry.type
class WebhookQueries:
    @strawberry.field
    async def webhook_targets(self, info: Info) -> list[WebhookTarget]:
        """Where the organisation's events are sent, oldest first."""
        webhooks = info.context.use_cases.webhooks
        targets = permitted(await info.context.act(webhooks.targets(info.context.principal)))
        return [WebhookTarget.of(target, webhooks.cursor) for target in targets]

    @strawberry.field
    async def webhook_events(
        self, info: Info, first: First = 50, after: After = strawberry.UNSET
    ) -> Connection[WebhookEvent]:
        """What has happened in the last 30 days, oldest first: what the targets are sent."""
        events, operation = info.context.use_cases.webhooks.events, info.context
        if forbidden := refusal(type(events), operation.principal):
            raise NotPermitted(forbidden)

        async def read(size: int, cursor: str | None) -> Page[webhooks.WebhookEvent]:
            return permitted(await operation.act(events(operation.principal, size, cursor)))

        return await Connection[WebhookEvent].ask(read, WebhookEvent.of, first, after, 50)
