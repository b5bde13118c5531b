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
    """How far a report's figures can be trusted; read in the same snapshot as the figures."""

    import_run_id: strawberry.ID | None
    """Of the last run that succeeded; null before the first."""
    imported_at: datetime | None
    """When that run ended (UTC); null before the first."""
    import_running: bool
    """Whether a run is queued, running or waiting."""
    verification: VerificationStatus
    """Of the last run that succeeded; NOT_AVAILABLE before the first."""
    complete_from: date | None
    """The first day of the oldest bookyear that is read completely: figures that need an older one are not there yet.
    Null: none is."""
    closed_until: date | None
    """The last day up to which bookyears are closed, without a gap; null: nothing is closed."""

    @classmethod
    async def load(cls, info: Info, administration: AdministrationId) -> Self:
        row = await info.context.loaders.freshness.load(administration)
        if row is None:
            raise LookupError(f"the administration {administration} is not there any more")
        return shown(cls, row)
