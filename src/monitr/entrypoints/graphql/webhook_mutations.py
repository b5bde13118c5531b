"""The mutations about webhooks. A secret is in one answer, and never in another."""

from typing import Annotated, assert_never

import strawberry
from returns.methods import unwrap_or_failure

from monitr.application import problems
from monitr.application.reading import InvalidCursor
from monitr.application.webhooks import (
    create_webhook_target,
    delete_webhook_target,
    replay_webhook_events,
    rotate_webhook_secret,
)
from monitr.domain.roles import Permission
from monitr.domain.webhooks import WebhookTargetId
from monitr.entrypoints.graphql.context import Info, parse_id
from monitr.entrypoints.graphql.described import described
from monitr.entrypoints.graphql.errors import BadUserInput
from monitr.entrypoints.graphql.paging import given, plain_text
from monitr.entrypoints.graphql.problems import Forbidden, Problem
from monitr.entrypoints.graphql.webhooks import WebhookTarget

LONGEST_DESCRIPTION = 200


@strawberry.type(description="docs/webhooks.md says which addresses are accepted.")
class InvalidWebhookAddress(Problem):
    @classmethod
    def of(cls, problem: problems.InvalidWebhookAddress) -> "InvalidWebhookAddress":
        return cls(code=problem.code, message=problem.message)


@strawberry.type
class TooManyWebhookTargets(Problem):
    @classmethod
    def of(cls, problem: problems.TooManyWebhookTargets) -> "TooManyWebhookTargets":
        return cls(code=problem.code, message=problem.message)


@strawberry.type
class UnknownWebhookTarget(Problem):
    target_id: strawberry.ID

    @classmethod
    def of(cls, problem: problems.UnknownWebhookTarget) -> "UnknownWebhookTarget":
        return cls(code=problem.code, message=problem.message, target_id=strawberry.ID(str(problem.target_id)))


@strawberry.type(description="secret verifies the signatures; it is shown this once.")
class WebhookTargetCreated:
    target: WebhookTarget
    secret: str


@strawberry.type
class WebhookTargetDeleted:
    target_id: strawberry.ID


@strawberry.type(
    description="secret is shown this once. Until target.previousSecretValidUntil the old one signs as well."
)
class WebhookSecretRotated:
    target: WebhookTarget
    secret: str


@strawberry.type
class WebhookReplayStarted:
    target: WebhookTarget


CreateWebhookTargetResult = Annotated[
    WebhookTargetCreated | InvalidWebhookAddress | TooManyWebhookTargets | Forbidden,
    strawberry.union("CreateWebhookTargetResult"),
]
DeleteWebhookTargetResult = Annotated[
    WebhookTargetDeleted | UnknownWebhookTarget | Forbidden, strawberry.union("DeleteWebhookTargetResult")
]
RotateWebhookSecretResult = Annotated[
    WebhookSecretRotated | UnknownWebhookTarget | Forbidden, strawberry.union("RotateWebhookSecretResult")
]
ReplayWebhookEventsResult = Annotated[
    WebhookReplayStarted | UnknownWebhookTarget | Forbidden, strawberry.union("ReplayWebhookEventsResult")
]


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


@strawberry.type
class WebhookMutations:
    @described("The organisation's events are sent to an address from now on.")
    async def create_webhook_target(self, info: Info, input: CreateWebhookTargetInput) -> CreateWebhookTargetResult:
        operation = info.context
        if not operation.principal.may(Permission.MANAGE_INTEGRATIONS):
            return Forbidden.of(problems.Forbidden())
        url = plain_text(input.url, "input.url") or ""
        description = plain_text(input.description, "input.description")
        if description and len(description) > LONGEST_DESCRIPTION:
            raise BadUserInput("input.description", f"it may hold {LONGEST_DESCRIPTION} characters at most.")
        create = operation.services.use_cases.webhooks.create
        match unwrap_or_failure(await operation.act(create(operation.principal, url, description))):
            case create_webhook_target.WebhookTargetCreated() as created:
                return WebhookTargetCreated(target=_rendered(info, created), secret=created.secret)
            case problems.InvalidWebhookAddress() as problem:
                return InvalidWebhookAddress.of(problem)
            case problems.TooManyWebhookTargets() as problem:
                return TooManyWebhookTargets.of(problem)
            case other:
                assert_never(other)

    @described("Nothing is sent to it any more.")
    async def delete_webhook_target(self, info: Info, input: DeleteWebhookTargetInput) -> DeleteWebhookTargetResult:
        operation = info.context
        if not operation.principal.may(Permission.MANAGE_INTEGRATIONS):
            return Forbidden.of(problems.Forbidden())
        id = parse_id(input.target_id)
        if id is None:
            return UnknownWebhookTarget.of(problems.UnknownWebhookTarget(input.target_id))
        delete = operation.services.use_cases.webhooks.delete
        match unwrap_or_failure(await operation.act(delete(operation.principal, WebhookTargetId(id)))):
            case delete_webhook_target.WebhookTargetDeleted() as deleted:
                return WebhookTargetDeleted(target_id=strawberry.ID(str(deleted.target_id)))
            case problems.UnknownWebhookTarget() as problem:
                return UnknownWebhookTarget.of(problem)
            case other:
                assert_never(other)

    @described("Another secret; both sign for a day, so that the receiver can be changed in peace.")
    async def rotate_webhook_secret(self, info: Info, input: RotateWebhookSecretInput) -> RotateWebhookSecretResult:
        operation = info.context
        if not operation.principal.may(Permission.MANAGE_INTEGRATIONS):
            return Forbidden.of(problems.Forbidden())
        id = parse_id(input.target_id)
        if id is None:
            return UnknownWebhookTarget.of(problems.UnknownWebhookTarget(input.target_id))
        rotate = operation.services.use_cases.webhooks.rotate_secret
        outcome = await operation.act(rotate(operation.principal, WebhookTargetId(id), at_once=bool(input.at_once)))
        match unwrap_or_failure(outcome):
            case rotate_webhook_secret.WebhookSecretRotated() as rotated:
                return WebhookSecretRotated(target=_rendered(info, rotated), secret=rotated.secret)
            case problems.UnknownWebhookTarget() as problem:
                return UnknownWebhookTarget.of(problem)
            case other:
                assert_never(other)

    @described("What comes after the cursor is sent (again), with its old ids. A disabled target is enabled by it.")
    async def replay_webhook_events(self, info: Info, input: ReplayWebhookEventsInput) -> ReplayWebhookEventsResult:
        operation = info.context
        if not operation.principal.may(Permission.MANAGE_INTEGRATIONS):
            return Forbidden.of(problems.Forbidden())
        id = parse_id(input.target_id)
        if id is None:
            return UnknownWebhookTarget.of(problems.UnknownWebhookTarget(input.target_id))
        after = plain_text(given(input.after), "input.after")
        replay = operation.services.use_cases.webhooks.replay
        try:
            outcome = await operation.act(replay(operation.principal, WebhookTargetId(id), after))
        except InvalidCursor:
            raise BadUserInput("input.after", "it is no cursor of webhookEvents.") from None
        match unwrap_or_failure(outcome):
            case replay_webhook_events.WebhookReplayStarted() as started:
                return WebhookReplayStarted(target=_rendered(info, started))
            case problems.UnknownWebhookTarget() as problem:
                return UnknownWebhookTarget.of(problem)
            case other:
                assert_never(other)


_Changed = (
    create_webhook_target.WebhookTargetCreated
    | rotate_webhook_secret.WebhookSecretRotated
    | replay_webhook_events.WebhookReplayStarted
)


def _rendered(info: Info, changed: _Changed) -> WebhookTarget:
    return WebhookTarget.of(changed.target, info.context.services.use_cases.webhooks.targets)
