"""Which administrations a tick of the schedule has not imported yet."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tenancy import rows_of_all, transaction
from monitr.application.ports import Clock
from monitr.domain.brussels import brussels_day
from monitr.domain.import_run import SLACK, ImportTrigger
from monitr.domain.organisation import AdministrationId, OrganisationId

_SCHEDULER_LOCK = 7_044_715_511_960_152
"""Any number; the advisory lock of this database that says: a scheduler is queueing imports."""

# Nothing remembers ticks: a tick has fired for an administration when a run was queued since. Two probes into
# ix_import_run_administration_id_queued_at for each administration.
_NOT_IMPORTED_SINCE = text("""
    SELECT administration.organisation_id, administration.id
    FROM administration
    JOIN integration ON integration.id = administration.integration_id
    WHERE administration.status = 'ACTIVE'
      AND integration.status = 'CONFIGURED'
      AND NOT EXISTS (
        SELECT FROM import_run
        WHERE import_run.administration_id = administration.id
          AND (
            import_run.status IN ('QUEUED', 'RUNNING', 'WAITING')
            OR import_run.queued_at BETWEEN :tick AND :now AND (NOT :is_deep OR import_run.trigger = 'DEEP_READ')
          )
      )
      AND (NOT :is_deep OR EXISTS (
        SELECT FROM import_run
        WHERE import_run.administration_id = administration.id
          AND import_run.status = 'SUCCEEDED' AND import_run.queued_at < :tick
      ))
      AND NOT EXISTS (
        SELECT FROM octopus_call
        JOIN unnest(CAST(:operations AS text[]), CAST(:maxima AS int[])) AS daily (operation, maximum)
            USING (operation)
        WHERE octopus_call.scope = 'dossier:' || administration.dossier_number AND octopus_call.day = :today
          AND (octopus_call.stopped OR octopus_call.calls >= daily.maximum)
      )
    ORDER BY administration.id
""")


@dataclass(frozen=True, slots=True)
class SqlScheduledAdministrations:
    """The port ``ScheduledAdministrations``. ``daily_maxima``: the calls that a day has, by the name of each operation
    that no import can do without."""

    engine: AsyncEngine
    clock: Clock
    daily_maxima: Mapping[str, int] = field(default_factory=dict[str, int])

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[bool]:
        async with transaction(self.engine, None) as connection:  # the lock ends with it
            lock = text("SELECT pg_try_advisory_xact_lock(:lock)")
            yield bool((await connection.execute(lock, {"lock": _SCHEDULER_LOCK})).scalar_one())

    async def not_imported_since(
        self, tick: datetime, trigger: ImportTrigger
    ) -> Sequence[tuple[OrganisationId, AdministrationId]]:
        now = self.clock()
        question = {
            "tick": tick,
            "now": now + SLACK,
            "is_deep": trigger is ImportTrigger.DEEP_READ,
            "operations": list(self.daily_maxima),
            "maxima": list(self.daily_maxima.values()),
            "today": brussels_day(now),
        }
        rows = await rows_of_all(self.engine, _NOT_IMPORTED_SINCE, question)
        return [(OrganisationId(row.organisation_id), AdministrationId(row.id)) for row in rows]
