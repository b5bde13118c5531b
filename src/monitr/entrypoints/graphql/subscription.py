"""Live progress of the imports of one administration."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry

from monitr.domain.roles import Permission
from monitr.entrypoints.graphql.context import Info
from monitr.entrypoints.graphql.described import described_subscription
from monitr.entrypoints.graphql.imports import ImportRun


@strawberry.type
class Subscription:
    @described_subscription(
        "The present state at once, then each change, up to the end of the run; nothing without any."
    )
    async def import_progress(self, info: Info, administration_id: strawberry.ID) -> AsyncGenerator[ImportRun, None]:
        operation = info.context
        operation.require(Permission.SEE_IMPORTS)
        administration = await operation.visible_administration(administration_id)
        await operation.session.close()  # no transaction stays open while the browser listens
        if administration is None or not operation.principal.may(Permission.SEE_IMPORTS, administration.id):
            return  # nothing can be learnt from it: just like an administration without runs
        runs = operation.services.progress.follow(operation.principal.organisation, administration.id)
        async with aclosing(runs):
            async for run in runs:
                yield ImportRun.of(run)
