"""Who works on which run. All times here are the database's own: a worker's clock that jumps does no harm."""

from dataclasses import dataclass, field
from datetime import timedelta

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.engine import libpq_url
from monitr.adapters.sql.database.tenancy import WORKER_ROLE, rows_of_all, transaction
from monitr.adapters.sql.work.jobs import announce_import
from monitr.application.ports import Claim
from monitr.domain.import_run import LONGEST_WAIT, TRANSITIONS, ImportRunId, ImportStatus, RunEvent
from monitr.domain.organisation import OrganisationId

_CLAIM_LOCK = 7_044_715_511_960_154
"""Any number that no other advisory lock of this program has."""

# One claim at a time, so that two workers at the last free place do not both take it. A worker that is suspended in the
# middle of a claim holds the others up for the two seconds after which PostgreSQL ends its session.
_ALONE = text("""
    SELECT pg_advisory_xact_lock(:lock), set_config('idle_in_transaction_session_timeout', '2000', true)
""")

# Plan: the partial index ix_import_run_due holds the unfinished runs only, a few thousand at any time.
_BUSY = """
    busy AS MATERIALIZED (
        SELECT run.organisation_id, administration.integration_id
        FROM import_run run JOIN administration ON administration.id = run.administration_id
        WHERE run.status IN ('QUEUED', 'RUNNING', 'WAITING') AND run.lease_until > clock_timestamp()
            AND run.id IS DISTINCT FROM CAST(:held AS uuid)
    ),
    organisation AS (SELECT organisation_id AS id, count(*) AS busy FROM busy GROUP BY 1),
    login AS (SELECT integration_id AS id, count(*) AS busy FROM busy GROUP BY 1)
"""

# Due: queued or interrupted and not leased to a living worker, or waiting until a moment that has come, or that is
# farther away than any midnight (a clock was wrong); and there is room for it. A limit that is NULL is none.
_DUE = """
    FROM import_run run
        JOIN administration ON administration.id = run.administration_id
        LEFT JOIN organisation ON organisation.id = run.organisation_id
        LEFT JOIN login ON login.id = administration.integration_id
    WHERE run.status IN ('QUEUED', 'RUNNING', 'WAITING')
        AND (run.lease_until IS NULL OR run.lease_until <= clock_timestamp())
        AND (
            run.status <> 'WAITING' OR run.resume_at <= clock_timestamp()
            OR run.resume_at > clock_timestamp() + :longest_wait
        )
        AND administration.status <> 'DELETED'
        AND (CAST(:total AS int) IS NULL OR (SELECT count(*) FROM busy) < :total)
        AND (CAST(:per_organisation AS int) IS NULL OR coalesce(organisation.busy, 0) < :per_organisation)
        AND (CAST(:per_login AS int) IS NULL OR coalesce(login.busy, 0) < :per_login)
"""

# First what a dead worker has left behind, whose place is still its own; then fair: the organisation with the fewest
# runs under way, then the run that has waited longest. SKIP LOCKED passes over what somebody is changing this moment.
_CLAIM = text(f"""
    WITH {_BUSY}, chosen AS (
        SELECT run.id {_DUE} AND (CAST(:id AS uuid) IS NULL OR run.id = CAST(:id AS uuid))
        ORDER BY run.lease_until IS NULL, coalesce(organisation.busy, 0), coalesce(run.due_since, run.queued_at), run.id
        LIMIT 1
        FOR NO KEY UPDATE OF run SKIP LOCKED
    )
    UPDATE import_run run
    SET lease_owner = :worker, lease_until = clock_timestamp() + :lease, fence = fence + 1, attempt = attempt + 1
    FROM chosen WHERE run.id = chosen.id
    RETURNING run.id, run.organisation_id, run.fence, run.attempt
""")
_WANTED = text(f"""
    WITH {_BUSY}
    SELECT EXISTS (
        SELECT {_DUE} AND run.id <> CAST(:held AS uuid) AND (NOT :abandoned OR run.lease_until IS NOT NULL)
    )
""")
_RENEW = """
    UPDATE import_run SET lease_until = clock_timestamp() + %(lease)s
    WHERE id = %(id)s AND fence = %(fence)s AND lease_owner IS NOT NULL
"""
# A run that has not come to its end goes on queueing. Giving it back in good order is no failed attempt, and one that
# waits for tomorrow begins to count anew.
_RELEASE = text("""
    WITH held AS (SELECT id, status FROM import_run WHERE id = :id AND fence = :fence FOR NO KEY UPDATE)
    UPDATE import_run run
    SET lease_owner = NULL, lease_until = NULL,
        status = CASE run.status WHEN :under_way THEN :handed_over ELSE run.status END,
        attempt = CASE run.status WHEN :under_way THEN greatest(run.attempt - 1, 0) WHEN :waiting THEN 0
                  ELSE run.attempt END,
        due_since = CASE run.status WHEN :under_way THEN clock_timestamp() ELSE run.due_since END
    FROM held WHERE run.id = held.id
    RETURNING held.status = :under_way, run.organisation_id
""")
((_UNDER_WAY, _HANDED_OVER),) = TRANSITIONS[RunEvent.HANDED_OVER].items()
_STATES = {"under_way": _UNDER_WAY, "handed_over": _HANDED_OVER, "waiting": ImportStatus.WAITING}
"""What the release names, from the table of what can happen to a run."""


@dataclass(frozen=True, slots=True)
class ImportLimits:
    """How many runs may be under way at once, over all workers; None: as many as there are hands."""

    total: int | None = None
    per_organisation: int | None = None
    per_login: int | None = None
    """Of one integration. Octopus wishes for few requests at a time from one login (octopus.md 3.12)."""


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
    limits: ImportLimits = field(default_factory=ImportLimits)

    async def claim(self, id: ImportRunId | None, worker: str, lease: timedelta) -> HeldRun | None:
        wanted = {"id": id, "worker": worker, "lease": lease, "held": None, **self._room()}
        async with transaction(self.engine, None) as connection:
            await connection.execute(_ALONE, {"lock": _CLAIM_LOCK})
            row = (await connection.execute(_CLAIM, wanted)).one_or_none()
        return None if row is None else HeldRun(ImportRunId(row[0]), OrganisationId(row[1]), row[2], row[3])

    async def release(self, claim: Claim) -> None:
        async with transaction(self.engine, None) as connection:
            released = await connection.execute(_RELEASE, {"id": claim.run_id, "fence": claim.fence, **_STATES})
            row = released.one_or_none()
            if row is not None and row[0]:
                await announce_import(connection, OrganisationId(row[1]), claim.run_id)

    async def is_wanted(self, claim: Claim, *, abandoned: bool) -> bool:
        question = {"held": claim.run_id, "abandoned": abandoned, **self._room()}
        [(wanted,)] = await rows_of_all(self.engine, _WANTED, question)
        return bool(wanted)

    def _room(self) -> dict[str, int | timedelta | None]:
        most = self.limits
        return {
            "total": most.total,
            "per_organisation": most.per_organisation,
            "per_login": most.per_login,
            "longest_wait": LONGEST_WAIT,
        }


class LeaseRenewal:
    """The same renewal on a connection of its own, for a plain thread: an event loop that is busy with a large answer
    must not cost the lease (trap 2). A failed beat raises psycopg.Error; the next one connects again."""

    def __init__(self, url: str) -> None:
        self._url = libpq_url(url)
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def beat(self, claim: Claim, lease: timedelta) -> bool:
        """False where the lease was lost to another worker."""
        try:
            connection = self._connection = self._connection or self._connect()
            renewal = {"id": claim.run_id, "fence": claim.fence, "lease": lease}
            return connection.execute(_RENEW, renewal).rowcount == 1
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
