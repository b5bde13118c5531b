"""Live progress of the imports of one administration."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from monitr.application.reading.asking import permitted
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.types.imports import ImportRun


@strawberry.type
class Subscription:
    """What is told as it happens, over WebSocket (graphql-transport-ws)."""

    @strawberry.subscription
    async def import_progress(
        self,
        info: Info,
        administration_id: Annotated[
            strawberry.ID, strawberry.argument(description="The `id` of an `Administration`.")
        ],
    ) -> AsyncGenerator[ImportRun, None]:
        """Of an administration's present run: its state at once, then each change, up to its end. It ends at once
        without any run."""
        operation = info.context
        id = AdministrationId(operation.id(administration_id))
        async with aclosing(permitted(await operation.services.follow_import(operation.principal, id))) as runs:
            async for run in runs:
                yield ImportRun.of(run)
