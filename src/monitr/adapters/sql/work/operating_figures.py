"""The figures of operators, in one question."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tenancy import rows_of_all
from monitr.application.operating_figures import OperatingFigures
from monitr.application.ports import Clock
from monitr.domain.brussels import brussels_day

OLDEST_SHOWN = 100
# Plan: the unfinished runs and the unpublished messages have partial indexes of their own, the calls of today an index
# by day; what is scanned is `administration`, some thousand short rows. A run is due from when it was queued, from the
# end of its wait, or from the end of the lease of a worker that has died.
_FIGURES = text("""
    WITH unfinished AS MATERIALIZED (
        SELECT status, lease_until > now() AS held,
            CASE WHEN lease_until > now() THEN NULL WHEN status = 'QUEUED' THEN queued_at
                WHEN status = 'WAITING' THEN resume_at ELSE lease_until END AS due
        FROM import_run WHERE status IN ('QUEUED', 'RUNNING', 'WAITING')
    ), pending AS MATERIALIZED (
        SELECT greatest(created_at, not_before) AS due FROM outbox
        WHERE published_at IS NULL AND (not_before IS NULL OR not_before <= now())
    ), selected AS MATERIALIZED (
        SELECT a.id, a.organisation_id,
            CASE WHEN i.status <> 'CONFIGURED' THEN i.status ELSE a.status END AS state,
            CAST(extract(epoch FROM now() - coalesce(a.last_successful_import_at, a.created_at)) AS float8) AS age
        FROM administration a JOIN integration i ON i.id = a.integration_id WHERE a.status <> 'DELETED'
    ), scheduled AS MATERIALIZED (SELECT * FROM selected WHERE state = 'ACTIVE')
    SELECT
        (SELECT jsonb_agg(x) FROM (
            SELECT status, coalesce(held, false) AS held, count(*) FROM unfinished GROUP BY 1, 2) x) AS runs,
        (SELECT extract(epoch FROM now() - min(due)) FROM unfinished WHERE due <= now()) AS queue_age,
        (SELECT count(*) FROM pending) AS outbox_pending,
        (SELECT extract(epoch FROM now() - min(due)) FROM pending) AS outbox_lag,
        (SELECT jsonb_object_agg(state, n) FROM (SELECT state, count(*) AS n FROM selected GROUP BY 1) x) AS states,
        (SELECT jsonb_object_agg(bucket, n) FROM (
            SELECT width_bucket(age, CAST(:bounds AS float8[])) AS bucket, count(*) AS n FROM scheduled GROUP BY 1) x
        ) AS ages,
        (SELECT sum(age) FROM scheduled) AS ages_sum,
        (SELECT jsonb_agg(x) FROM (
            SELECT organisation_id AS organisation, id AS administration, age FROM scheduled
            ORDER BY age DESC, id LIMIT :shown) x) AS oldest,
        (SELECT jsonb_object_agg(operation, jsonb_build_array(calls, spent)) FROM (
            SELECT operation, max(CASE WHEN stopped THEN 2147483647 ELSE calls END) AS calls,
                count(*) FILTER (WHERE stopped OR calls >= CAST(CAST(:maxima AS jsonb) ->> operation AS int)) AS spent
            FROM octopus_call WHERE day = :today GROUP BY operation) x) AS calls
""")


@dataclass(frozen=True, slots=True)
class SqlOperatingFigures:
    """A ``Measure``. ``bounds``: of ages, in seconds, rising. ``maxima``: calls a day by operation."""

    engine: AsyncEngine
    clock: Clock
    bounds: Sequence[float]
    maxima: Mapping[str, int]

    async def __call__(self) -> OperatingFigures:
        parameters = {
            "bounds": [float(bound) for bound in self.bounds],
            "shown": OLDEST_SHOWN,
            "maxima": json.dumps(dict(self.maxima)),
            "today": brussels_day(self.clock()),
        }
        [row] = await rows_of_all(self.engine, _FIGURES, parameters)
        ages: Mapping[str, int] = row.ages or {}
        calls: Mapping[str, tuple[int, int]] = row.calls or {}
        runs: Sequence[Mapping[str, Any]] = row.runs or []
        oldest: Sequence[Mapping[str, Any]] = row.oldest or []
        return OperatingFigures(
            {(one["status"], one["held"]): one["count"] for one in runs},
            _seconds(row.queue_age),
            row.outbox_pending,
            _seconds(row.outbox_lag),
            row.states or {},
            [ages.get(str(bucket), 0) for bucket in range(len(self.bounds) + 1)],
            row.ages_sum or 0.0,
            [(one["organisation"], one["administration"], one["age"]) for one in oldest],
            {
                operation: (max(maximum - calls.get(operation, (0, 0))[0], 0), calls.get(operation, (0, 0))[1])
                for operation, maximum in self.maxima.items()
            },
        )


def _seconds(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
