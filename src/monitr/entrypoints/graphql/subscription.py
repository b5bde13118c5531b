"""Live progress of the imports of one administration."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry

from monitr.application.reading.asking import permitted
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.types.imports import ImportRun


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def import_progress(self, info: Info, administration_id: strawberry.ID) -> AsyncGenerator[ImportRun, None]:
        """The present state at once, then each change, up to the end of the run; nothing without any."""
        operation = info.context
        id = AdministrationId(operation.id(administration_id))
        async with aclosing(permitted(await operation.services.follow_import(operation.principal, id))) as runs:
            async for run in runs:
                yield ImportRun.of(run)
