"""The mutations about webhooks. A secret is in one answer, and never in another."""

import strawberry

from monitr.application.reading.pages import InvalidCursor
from monitr.application.webhooks import use_cases
from monitr.domain import webhooks
from monitr.domain.webhooks import WebhookTargetId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.paging import given, plain_text
from monitr.entrypoints.graphql.mutations.outcome import answer, mutation
from monitr.entrypoints.graphql.mutations.problems import Problem
from monitr.entrypoints.graphql.types.webhooks import WebhookTarget

LONGEST_DESCRIPTION = 200


@strawberry.input
class CreateWebhookTargetInput:
    """Where the events are to be sent."""

    url: str
    """`https://` and a host of the public internet: docs/webhooks.md says which addresses are accepted."""
    description: str | None = None
    """For people, 200 characters at most; null: none."""


@strawberry.input
class DeleteWebhookTargetInput:
    """Which target to delete."""

    target_id: strawberry.ID
    """The `id` of a `WebhookTarget`."""


@strawberry.input
class RotateWebhookSecretInput:
    """Which target gets another secret."""

    target_id: strawberry.ID
    """The `id` of a `WebhookTarget`."""
    at_once: bool | None = False
    """The old secret signs no more from now on: for one that leaked. Null: false, both sign for 24 hours."""


@strawberry.input
class ReplayWebhookEventsInput:
    """What is sent again, and where."""

    target_id: strawberry.ID
    """The `id` of a `WebhookTarget`."""
    after: str | None = None
    """A cursor of `webhookEvents`, or `deliveredUpTo` of a target; null: everything that is kept, 30 days."""


@strawberry.type
class WebhookTargetCreated:
    """Events are sent there from now on."""

    target: WebhookTarget
    """The new target."""
    secret: str
    """Verifies the signatures (`whsec_…`). It is shown this once."""

    __repr__ = object.__repr__  # which shows nothing of it


@strawberry.type
class WebhookTargetDeleted:
    """Nothing is sent there any more."""

    target_id: strawberry.ID
    """The id as it was given."""


@strawberry.type
class WebhookSecretRotated:
    """Messages are signed with another secret."""

    target: WebhookTarget
    """Until its `previousSecretValidUntil` the old secret signs as well."""
    secret: str
    """The new one (`whsec_…`). It is shown this once."""

    __repr__ = object.__repr__  # which shows nothing of it


@strawberry.type
class WebhookReplayStarted:
    """The events are sent once more."""

    target: WebhookTarget
    """ACTIVE again, where it was disabled."""


@strawberry.type
class WebhookMutations:
    @mutation(use_cases.CreateWebhookTarget)
    async def create_webhook_target(
        self, info: Info, input: CreateWebhookTargetInput
    ) -> WebhookTargetCreated | Problem:
        """The organisation's events are sent to an address from now on; ten addresses at most."""
        create, principal = info.context.use_cases.webhooks.create, info.context.principal
        url = plain_text(input.url, "input.url") or ""
        description = plain_text(input.description, "input.description")
        if description and len(description) > LONGEST_DESCRIPTION:
            raise BadUserInput("input.description", f"it may hold {LONGEST_DESCRIPTION} characters at most.")
        return await answer(
            info,
            create(principal, url, description),
            lambda created: WebhookTargetCreated(target=_shown(info, created.target), secret=created.secret),
        )

    @mutation(use_cases.DeleteWebhookTarget)
    async def delete_webhook_target(
        self, info: Info, input: DeleteWebhookTargetInput
    ) -> WebhookTargetDeleted | Problem:
        """Nothing is sent to it any more."""
        delete, id = info.context.use_cases.webhooks.delete, WebhookTargetId(info.context.id(input.target_id))
        return await answer(
            info, delete(info.context.principal, id), lambda it: WebhookTargetDeleted(target_id=strawberry.ID(str(it)))
        )

    @mutation(use_cases.RotateWebhookSecret)
    async def rotate_webhook_secret(
        self, info: Info, input: RotateWebhookSecretInput
    ) -> WebhookSecretRotated | Problem:
        """Another secret; both sign for a day, so that the receiver can be changed in peace."""
        rotate, id = info.context.use_cases.webhooks.rotate_secret, info.context.id(input.target_id)
        return await answer(
            info,
            rotate(info.context.principal, WebhookTargetId(id), at_once=bool(input.at_once)),
            lambda rotated: WebhookSecretRotated(target=_shown(info, rotated.target), secret=rotated.secret),
        )

    @mutation(use_cases.ReplayWebhookEvents)
    async def replay_webhook_events(
        self, info: Info, input: ReplayWebhookEventsInput
    ) -> WebhookReplayStarted | Problem:
        """What comes after the cursor is sent (again), with its old ids. A disabled target is enabled by it."""
        replay, id = info.context.use_cases.webhooks.replay, WebhookTargetId(info.context.id(input.target_id))
        after = plain_text(given(input.after), "input.after")
        try:
            return await answer(
                info,
                replay(info.context.principal, id, after),
                lambda target: WebhookReplayStarted(target=_shown(info, target)),
            )
        except InvalidCursor:
            raise BadUserInput("input.after", "it is no cursor of webhookEvents.") from None


def _shown(info: Info, target: webhooks.WebhookTarget) -> WebhookTarget:
    return WebhookTarget.of(target, info.context.use_cases.webhooks.cursor)
