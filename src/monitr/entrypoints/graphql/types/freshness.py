"""How far a report's figures can be trusted."""

from datetime import date, datetime
from typing import Self

import strawberry

from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.shown import shown


@strawberry.type
class Freshness:
    """How far a report's figures can be trusted; read in the same snapshot as the figures. importRunId, importedAt
    and verification are those of the last run that succeeded."""

    import_run_id: strawberry.ID | None
    imported_at: datetime | None
    import_running: bool
    verification: VerificationStatus
    complete_from: date | None
    closed_until: date | None

    @classmethod
    async def load(cls, info: Info, administration: AdministrationId) -> Self:
        row = await info.context.loaders.freshness.load(administration)
        if row is None:
            raise LookupError(f"the administration {administration} is not there any more")
        return shown(cls, row)
