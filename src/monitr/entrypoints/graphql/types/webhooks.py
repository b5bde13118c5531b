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
from monitr.entrypoints.graphql.execution.paging import Connection
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.imports import Failure

strawberry.enum(
    TargetStatus,
    name="WebhookTargetStatus",
    description="FAILING: the next event does not arrive, and is tried again. DISABLED: nothing is sent any more, "
    "until replayWebhookEvents.",
)


@strawberry.type
class WebhookTarget:
    """An address that receives the organisation's events, one after the other."""

    id: strawberry.ID
    url: str
    description: str | None
    status: TargetStatus
    created_at: datetime
    delivered_up_to: str
    """A cursor of webhookEvents: what comes after it has not arrived yet. Replay from here to go on."""
    failed_attempts: int
    """With the next event, in a row."""
    next_attempt_at: datetime | None
    last_attempt_at: datetime | None
    last_success_at: datetime | None
    last_error: Failure | None
    disabled_at: datetime | None
    previous_secret_valid_until: datetime | None

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
    """docs/webhooks.md lists the types. body is what is sent, to the letter."""

    id: strawberry.ID
    type: str
    occurred_at: datetime
    body: str

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
        self, info: Info, first: int | None = 50, after: str | None = strawberry.UNSET
    ) -> Connection[WebhookEvent]:
        """What has happened in the last 30 days, oldest first: what the targets are sent."""
        events, operation = info.context.use_cases.webhooks.events, info.context
        if forbidden := refusal(type(events), operation.principal):
            raise NotPermitted(forbidden)

        async def read(size: int, cursor: str | None) -> Page[webhooks.WebhookEvent]:
            return permitted(await operation.act(events(operation.principal, size, cursor)))

        return await Connection[WebhookEvent].ask(read, WebhookEvent.of, first, after, 50)
