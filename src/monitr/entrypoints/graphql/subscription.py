"""Live progress of imports."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry

from monitr.application.reading.asking import permitted
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.types.imports import ImportRun


@strawberry.type
class Subscription:
    @described(
        "The present state at once, then each change, up to the end of the run; nothing without any.",
        is_subscription=True,
    )
    async def import_progress(self, info: Info, administration_id: strawberry.ID) -> AsyncGenerator[ImportRun, None]:
        operation = info.context
        id = AdministrationId(operation.id(administration_id))
        async with aclosing(permitted(await operation.services.follow_import(operation.principal, id))) as runs:
            async for run in runs:
                yield ImportRun.of(run)

    @described(
        "Every change of every run that the caller may see, beginning with those under way: one socket for a whole "
        "page. It ends when the token does.",
        is_subscription=True,
    )
    async def imports_progress(self, info: Info) -> AsyncGenerator[ImportRun, None]:
        operation = info.context
        async with aclosing(permitted(await operation.services.follow_imports(operation.principal))) as runs:
            async for run in runs:
                yield ImportRun.of(run)
