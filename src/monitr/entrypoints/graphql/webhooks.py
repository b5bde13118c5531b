"""Webhooks: where an organisation's events are sent, and the events themselves."""

from datetime import datetime
from typing import Self

import strawberry

from monitr.application.reading import InvalidCursor, Page
from monitr.application.webhooks.ports import WebhookTargets
from monitr.domain import webhooks
from monitr.domain.roles import Permission
from monitr.domain.webhooks import TargetStatus
from monitr.entrypoints.graphql.context import Info
from monitr.entrypoints.graphql.described import described
from monitr.entrypoints.graphql.errors import BadUserInput
from monitr.entrypoints.graphql.imports import Failure
from monitr.entrypoints.graphql.paging import PageInfo, given, page_size, plain_text

DEFAULT_PAGE = 50

strawberry.enum(
    TargetStatus,
    name="WebhookTargetStatus",
    description="FAILING: the next event does not arrive, and is tried again. DISABLED: nothing is sent any more, "
    "until replayWebhookEvents.",
)


@strawberry.type(description="An address that receives the organisation's events, one after the other.")
class WebhookTarget:
    id: strawberry.ID
    url: str
    description: str | None
    status: TargetStatus
    created_at: datetime
    delivered_up_to: str = strawberry.field(
        description="A cursor of webhookEvents: what comes after it has not arrived yet. Replay from here to go on."
    )
    failed_attempts: int = strawberry.field(description="With the next event, in a row.")
    next_attempt_at: datetime | None
    last_attempt_at: datetime | None
    last_success_at: datetime | None
    last_error: Failure | None
    disabled_at: datetime | None
    previous_secret_valid_until: datetime | None

    @classmethod
    def of(cls, target: webhooks.WebhookTarget, targets: WebhookTargets) -> Self:
        return cls(
            id=strawberry.ID(str(target.id)),
            url=target.url,
            description=target.description,
            status=target.status,
            created_at=target.created_at,
            delivered_up_to=targets.cursor(target.position),
            failed_attempts=target.failures,
            next_attempt_at=target.next_attempt_at,
            last_attempt_at=target.last_attempt_at,
            last_success_at=target.last_success_at,
            last_error=Failure.of(target.last_failure),
            disabled_at=target.disabled_at,
            previous_secret_valid_until=target.previous_secret_until,
        )


@strawberry.type(description="docs/webhooks.md lists the types. body is what is sent, to the letter.")
class WebhookEvent:
    id: strawberry.ID
    type: str
    occurred_at: datetime
    body: str

    @classmethod
    def of(cls, event: webhooks.WebhookEvent) -> Self:
        return cls(
            id=strawberry.ID(event.message_id), type=event.type.value, occurred_at=event.occurred_at, body=event.body
        )


@strawberry.type
class WebhookEventEdge:
    cursor: str
    node: WebhookEvent


@strawberry.type
class WebhookEventConnection:
    page_info: PageInfo
    edges: list[WebhookEventEdge]

    @classmethod
    def of(cls, page: Page[webhooks.WebhookEvent]) -> Self:
        return cls(
            page_info=PageInfo.of(page),
            edges=[
                WebhookEventEdge(cursor=cursor, node=WebhookEvent.of(event))
                for event, cursor in zip(page.rows, page.cursors, strict=True)
            ],
        )


@strawberry.type
class WebhookQueries:
    """Targets are settings of the organisation, so whoever manages its integrations manages them."""

    @described("Where the organisation's events are sent, oldest first.")
    async def webhook_targets(self, info: Info) -> list[WebhookTarget]:
        info.context.require(Permission.MANAGE_INTEGRATIONS)
        targets = info.context.services.use_cases.webhooks.targets
        found = await info.context.act(targets.all_of(info.context.principal.organisation))
        return [WebhookTarget.of(target, targets) for target in found]

    @described("What has happened in the last 30 days, oldest first: what the targets are sent.")
    async def webhook_events(
        self, info: Info, first: int | None = DEFAULT_PAGE, after: str | None = strawberry.UNSET
    ) -> WebhookEventConnection:
        info.context.require(Permission.MANAGE_INTEGRATIONS)
        size, cursor = page_size(first, DEFAULT_PAGE), plain_text(given(after), "after")
        targets = info.context.services.use_cases.webhooks.targets
        try:
            page = await info.context.act(targets.events(info.context.principal.organisation, size, cursor))
        except InvalidCursor:
            raise BadUserInput("after", "it is no cursor of this connection.") from None
        return WebhookEventConnection.of(page)
