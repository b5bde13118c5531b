"""Live progress of the imports of one administration."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry
from returns.methods import unwrap_or_failure

from monitr.application.reading.asking import NotPermitted
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Forbidden
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.described import described_subscription
from monitr.entrypoints.graphql.types.imports import ImportRun


@strawberry.type
class Subscription:
    @described_subscription(
        "The present state at once, then each change, up to the end of the run; nothing without any."
    )
    async def import_progress(self, info: Info, administration_id: strawberry.ID) -> AsyncGenerator[ImportRun, None]:
        operation = info.context
        id = AdministrationId(operation.id(administration_id))
        match unwrap_or_failure(await operation.services.follow_import(operation.principal, id)):
            case Forbidden() as forbidden:
                raise NotPermitted(forbidden)
            case runs:
                async with aclosing(runs):
                    async for run in runs:
                        yield ImportRun.of(run)
