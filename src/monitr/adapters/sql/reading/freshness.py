"""How far the figures can be trusted: of the last run that succeeded, of the runs under way, and of the bookyears."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, text

from monitr.adapters.sql.reading.snapshot import Queries
from monitr.adapters.sql.repositories.import_runs import ACTIVE
from monitr.application.reading.freshness import Freshness
from monitr.domain.accounting.bookyear import Bookyear, closed_until
from monitr.domain.accounting.verification import VerificationStatus, worst_of
from monitr.domain.import_run import ImportRunId, ImportStatus
from monitr.domain.organisation import AdministrationId

# A row for each bookyear, of an administration without any one row. Two descents of
# ix_import_run_administration_id_queued_at for each administration: runs that failed since the last success are passed.
_FRESHNESS = text("""
    SELECT administration.id, administration.last_successful_import_at, administration.complete_from,
           last.id AS run, last.verification, running.id IS NOT NULL AS import_running,
           bookyear.number, bookyear.start_date, bookyear.end_date, bookyear.closed
    FROM administration
    LEFT JOIN LATERAL (
        SELECT id, verification FROM import_run
        WHERE administration_id = administration.id AND organisation_id = :organisation AND status = :succeeded
        ORDER BY queued_at DESC, id DESC
        LIMIT 1
    ) AS last ON true
    LEFT JOIN LATERAL (
        SELECT id FROM import_run
        WHERE administration_id = administration.id AND organisation_id = :organisation
          AND status = ANY (CAST(:active AS text[]))
        LIMIT 1
    ) AS running ON true
    LEFT JOIN bookyear ON bookyear.administration_id = administration.id
    WHERE administration.id = ANY (CAST(:ids AS uuid[])) AND administration.organisation_id = :organisation
""")


class FreshnessQueries(Queries):
    async def freshness(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Freshness]:
        asked = {"ids": list(ids), "succeeded": ImportStatus.SUCCEEDED.value, "active": list(ACTIVE)}
        rows: dict[AdministrationId, list[Row[Any]]] = defaultdict(list)
        for row in await self.snapshot.rows(_FRESHNESS, asked):
            rows[AdministrationId(row.id)].append(row)
        return {id: _freshness(own) for id, own in rows.items()}


def _freshness(rows: Sequence[Row[Any]]) -> Freshness:
    """Of one administration."""
    one = rows[0]
    bookyears = [
        Bookyear(row.number, "", row.start_date, row.end_date, row.closed) for row in rows if row.number is not None
    ]
    complete = [year.start for year in bookyears if one.complete_from is not None and year.start >= one.complete_from]
    return Freshness(
        None if one.run is None else ImportRunId(one.run),
        one.last_successful_import_at,
        one.import_running,
        worst_of(VerificationStatus(check["status"]) for check in one.verification or ()),
        min(complete, default=None),
        closed_until(bookyears),
    )
