"""Who works on which run. All times here are the database's own: a worker's clock that jumps does no harm."""

from dataclasses import dataclass
from datetime import timedelta

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.engine import libpq_url
from monitr.adapters.sql.tenancy import WORKER_ROLE, transaction
from monitr.application.ports import Claim
from monitr.domain.import_run import ImportRunId
from monitr.domain.organisation import OrganisationId

# Due: queued or interrupted and not leased to a living worker, or waiting until a moment that has come. Fair: first the
# organisation with the fewest runs under way, then the run that was queued first. Plan: the partial index
# ix_import_run_due holds the unfinished runs only, a few at any time. SKIP LOCKED passes over what another worker is
# claiming at this moment; a row that was claimed since the snapshot is judged again by its newest version.
_CLAIM = text("""
    WITH chosen AS (
        SELECT run.id
        FROM import_run run JOIN administration ON administration.id = run.administration_id
        WHERE run.status IN ('QUEUED', 'RUNNING', 'WAITING')
            AND (run.lease_until IS NULL OR run.lease_until <= clock_timestamp())
            AND (run.status <> 'WAITING' OR run.resume_at <= clock_timestamp())
            AND administration.status <> 'DELETED'
            AND (CAST(:id AS uuid) IS NULL OR run.id = CAST(:id AS uuid))
        ORDER BY (
                SELECT count(*) FROM import_run busy
                WHERE busy.organisation_id = run.organisation_id
                    AND busy.status IN ('QUEUED', 'RUNNING', 'WAITING') AND busy.lease_until > clock_timestamp()
            ), run.queued_at, run.id
        LIMIT 1
        FOR NO KEY UPDATE OF run SKIP LOCKED
    )
    UPDATE import_run run
    SET lease_owner = :worker, lease_until = clock_timestamp() + :lease, fence = fence + 1, attempt = attempt + 1
    FROM chosen WHERE run.id = chosen.id
    RETURNING run.id, run.organisation_id, run.fence, run.attempt
""")
_RENEW = """
    UPDATE import_run SET lease_until = clock_timestamp() + %(lease)s
    WHERE id = %(id)s AND fence = %(fence)s AND lease_owner IS NOT NULL
"""
_RELEASE = text("""
    UPDATE import_run SET lease_owner = NULL, lease_until = NULL WHERE id = :id AND fence = :fence
""")


@dataclass(frozen=True, slots=True)
class HeldRun:
    """The port ``Claim``. ``attempt`` counts the claims of the run, this one included."""

    run_id: ImportRunId
    organisation_id: OrganisationId
    fence: int
    attempt: int


@dataclass(frozen=True, slots=True)
class SqlLeases:
    """The port ``Leases``. A run that ended has no lease, whoever releases it and however often."""

    engine: AsyncEngine

    async def claim(self, id: ImportRunId | None, worker: str, lease: timedelta) -> HeldRun | None:
        async with transaction(self.engine, None) as connection:
            claimed = await connection.execute(_CLAIM, {"id": id, "worker": worker, "lease": lease})
            row = claimed.one_or_none()
        return None if row is None else HeldRun(ImportRunId(row[0]), OrganisationId(row[1]), row[2], row[3])

    async def renew(self, claim: Claim, lease: timedelta) -> bool:
        async with transaction(self.engine, None) as connection:
            renewed = await connection.exec_driver_sql(_RENEW, _renewal(claim, lease))
        return renewed.rowcount == 1

    async def release(self, claim: Claim) -> None:
        async with transaction(self.engine, None) as connection:
            await connection.execute(_RELEASE, {"id": claim.run_id, "fence": claim.fence})


class Heartbeat:
    """The same renewal on a connection of its own, for a plain thread: an event loop that is busy with a large answer
    must not cost the lease (DESIGN, trap 2). A failed beat raises psycopg.Error; the next one connects again."""

    def __init__(self, url: str) -> None:
        self._url = libpq_url(url)
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def beat(self, claim: Claim, lease: timedelta) -> bool:
        """False where the lease was lost to another worker."""
        try:
            connection = self._connection = self._connection or self._connect()
            return connection.execute(_RENEW, _renewal(claim, lease)).rowcount == 1
        except psycopg.Error:
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """As the workers' role for as long as it lasts. A server that does not answer must not hang the thread."""
        options = f"-c role={WORKER_ROLE} -c statement_timeout=5000 -c lock_timeout=5000"
        return psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=5,
            application_name="monitr-heartbeat",
            options=options,
            tcp_user_timeout=5000,
        )


def _renewal(claim: Claim, lease: timedelta) -> dict[str, object]:
    return {"id": claim.run_id, "fence": claim.fence, "lease": lease}
