"""The mutations about webhooks. A secret is in one answer, and never in another."""

import strawberry

from monitr.application.reading.pages import InvalidCursor
from monitr.application.webhooks import use_cases
from monitr.domain import webhooks
from monitr.domain.webhooks import WebhookTargetId
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.paging import given, plain_text
from monitr.entrypoints.graphql.mutations.outcome import answer, mutation
from monitr.entrypoints.graphql.mutations.problems import Problem
from monitr.entrypoints.graphql.types.webhooks import WebhookTarget

LONGEST_DESCRIPTION = 200


@strawberry.input
class CreateWebhookTargetInput:
    url: str
    description: str | None = None


@strawberry.input
class DeleteWebhookTargetInput:
    target_id: strawberry.ID


@strawberry.input
class RotateWebhookSecretInput:
    target_id: strawberry.ID
    at_once: bool | None = strawberry.field(
        default=False, description="The old secret signs no more from now on: for one that leaked."
    )


@strawberry.input
class ReplayWebhookEventsInput:
    target_id: strawberry.ID
    after: str | None = strawberry.field(
        default=None, description="A cursor of webhookEvents; null: everything that is kept."
    )


@strawberry.type(description="secret verifies the signatures; it is shown this once.")
class WebhookTargetCreated:
    target: WebhookTarget
    secret: str

    __repr__ = object.__repr__  # which shows nothing of it


@strawberry.type
class WebhookTargetDeleted:
    target_id: strawberry.ID


@strawberry.type(
    description="secret is shown this once. Until target.previousSecretValidUntil the old one signs as well."
)
class WebhookSecretRotated:
    target: WebhookTarget
    secret: str

    __repr__ = object.__repr__  # which shows nothing of it


@strawberry.type
class WebhookReplayStarted:
    target: WebhookTarget


@strawberry.type
class WebhookMutations:
    @mutation(use_cases.CreateWebhookTarget, "The organisation's events are sent to an address from now on.")
    async def create_webhook_target(
        self, info: Info, input: CreateWebhookTargetInput
    ) -> WebhookTargetCreated | Problem:
        create, principal = info.context.use_cases.webhooks.create, info.context.principal
        url = plain_text(input.url, "input.url") or ""
        description = plain_text(input.description, "input.description")
        if description and len(description) > LONGEST_DESCRIPTION:
            raise BadUserInput("input.description", Sentence.of("input.TOO_LONG", most=LONGEST_DESCRIPTION))
        return await answer(
            info,
            create(principal, url, description),
            lambda created: WebhookTargetCreated(target=_shown(info, created.target), secret=created.secret),
        )

    @mutation(use_cases.DeleteWebhookTarget, "Nothing is sent to it any more.")
    async def delete_webhook_target(
        self, info: Info, input: DeleteWebhookTargetInput
    ) -> WebhookTargetDeleted | Problem:
        delete, id = info.context.use_cases.webhooks.delete, WebhookTargetId(info.context.id(input.target_id))
        return await answer(
            info, delete(info.context.principal, id), lambda it: WebhookTargetDeleted(target_id=strawberry.ID(str(it)))
        )

    @mutation(
        use_cases.RotateWebhookSecret,
        "Another secret; both sign for a day, so that the receiver can be changed in peace.",
    )
    async def rotate_webhook_secret(
        self, info: Info, input: RotateWebhookSecretInput
    ) -> WebhookSecretRotated | Problem:
        rotate, id = info.context.use_cases.webhooks.rotate_secret, info.context.id(input.target_id)
        return await answer(
            info,
            rotate(info.context.principal, WebhookTargetId(id), at_once=bool(input.at_once)),
            lambda rotated: WebhookSecretRotated(target=_shown(info, rotated.target), secret=rotated.secret),
        )

    @mutation(
        use_cases.ReplayWebhookEvents,
        "What comes after the cursor is sent (again), with its old ids. A disabled target is enabled by it.",
    )
    async def replay_webhook_events(
        self, info: Info, input: ReplayWebhookEventsInput
    ) -> WebhookReplayStarted | Problem:
        replay, id = info.context.use_cases.webhooks.replay, WebhookTargetId(info.context.id(input.target_id))
        after = plain_text(given(input.after), "input.after")
        try:
            return await answer(
                info,
                replay(info.context.principal, id, after),
                lambda target: WebhookReplayStarted(target=_shown(info, target)),
            )
        except InvalidCursor:
            raise BadUserInput("input.after", Sentence.of("input.NO_CURSOR_OF_EVENTS")) from None


def _shown(info: Info, target: webhooks.WebhookTarget) -> WebhookTarget:
    return WebhookTarget.of(target, info.context.use_cases.webhooks.cursor)
