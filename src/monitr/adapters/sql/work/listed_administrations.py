"""The administrations of an organisation as operators see them, removed ones included."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tenancy import rows_of_all, transaction
from monitr.domain.accounting.verification import VerificationStatus, worst_of
from monitr.domain.organisation import OrganisationId

_ORGANISATIONS = text("SELECT DISTINCT organisation_id FROM administration ORDER BY organisation_id")
# One descent of ix_import_run_administration_id_queued_at for each administration, however long its history.
_LISTED = text("""
    SELECT administration.id, dossier_number, name, administration.status, purge_after, run.status AS import_status,
        coalesce(run.finished_at, run.started_at, run.queued_at) AS import_at,
        jsonb_path_query_array(run.verification, '$[*].status') AS checks
    FROM administration
    LEFT JOIN LATERAL (
        SELECT * FROM import_run
        WHERE import_run.administration_id = administration.id AND import_run.organisation_id = :organisation
        ORDER BY queued_at DESC, id DESC
        LIMIT 1
    ) AS run ON true
    WHERE administration.organisation_id = :organisation
    ORDER BY administration.status = 'DELETED', dossier_number, administration.id
""")


@dataclass(frozen=True, slots=True)
class ListedAdministration:
    """Instants in UTC. ``import_at``: when the last run ended, or else began, or else was queued."""

    id: UUID
    dossier_number: int
    name: str
    status: str
    purge_after: datetime | None
    import_status: str | None
    import_at: datetime | None
    checks: Sequence[str] | None

    @property
    def verification(self) -> VerificationStatus | None:
        """Of the last run; None where it was not verified."""
        return worst_of(map(VerificationStatus, self.checks)) if self.checks else None


async def organisations(engine: AsyncEngine) -> Sequence[OrganisationId]:
    """Those that have an administration."""
    return [OrganisationId(row.organisation_id) for row in await rows_of_all(engine, _ORGANISATIONS)]


async def administrations_of(engine: AsyncEngine, organisation: OrganisationId) -> Sequence[ListedAdministration]:
    """By dossier number, removed ones last."""
    async with transaction(engine, organisation, read_only=True) as connection:
        rows = await connection.execute(_LISTED, {"organisation": organisation})
        return [ListedAdministration(**row._mapping) for row in rows]
