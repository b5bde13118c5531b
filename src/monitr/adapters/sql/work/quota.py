"""Octopus's daily maxima (octopus.md 3.1), counted before each call, in a transaction of its own: a call that was made
counts, whatever becomes of the work around it."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tables import octopus_call
from monitr.adapters.sql.database.tenancy import transaction
from monitr.application.octopus import QuotaSpent
from monitr.application.ports import Clock
from monitr.domain.administration import DossierNumber
from monitr.domain.brussels import brussels_day, next_midnight
from monitr.domain.integration import IntegrationId

# One statement, so that of two workers at the last call one gets it. No row comes back where the maximum is reached.
_COUNT = text("""
    INSERT INTO octopus_call AS today (scope, operation, day, calls) VALUES (:scope, :operation, :day, 1)
    ON CONFLICT (scope, operation, day) DO UPDATE SET calls = today.calls + 1
        WHERE today.calls < :limit AND NOT today.stopped
    RETURNING calls
""")
_USED = text("""
    SELECT CASE WHEN stopped THEN :limit ELSE calls END FROM octopus_call
    WHERE scope = :scope AND operation = :operation AND day = :day
""")
_STOP = text("""
    INSERT INTO octopus_call (scope, operation, day, calls, stopped) VALUES (:scope, :operation, :day, 0, true)
    ON CONFLICT (scope, operation, day) DO UPDATE SET stopped = true
""")


@dataclass(frozen=True, slots=True)
class SqlQuota:
    """The port ``Quota``. A dossier's calls count whichever integration, or organisation, makes them."""

    engine: AsyncEngine
    clock: Clock

    async def count(
        self, integration: IntegrationId, dossier: DossierNumber | None, operation: str, limit: int
    ) -> None:
        now, counted = self.clock(), None
        if limit > 0:
            async with transaction(self.engine, None) as connection:
                key = {**_key(integration, dossier, operation, brussels_day(now)), "limit": limit}
                counted = (await connection.execute(_COUNT, key)).scalar_one_or_none()
        if counted is None:
            raise QuotaSpent(operation, next_midnight(now))

    async def left(self, integration: IntegrationId, dossier: DossierNumber | None, operation: str, limit: int) -> int:
        async with transaction(self.engine, None, read_only=True) as connection:
            key = _key(integration, dossier, operation, brussels_day(self.clock()))
            used = (await connection.execute(_USED, {**key, "limit": limit})).scalar_one_or_none()
        return max(0, limit - (used or 0))

    async def stop(self, integration: IntegrationId, dossier: DossierNumber | None, operation: str) -> QuotaSpent:
        now = self.clock()
        async with transaction(self.engine, None) as connection:
            await connection.execute(_STOP, _key(integration, dossier, operation, brussels_day(now)))
        return QuotaSpent(operation, next_midnight(now))

    async def prune(self, older_than: timedelta) -> int:
        """Forget the counts of days long gone; how many rows that were."""
        gone = delete(octopus_call).where(octopus_call.c.day < brussels_day(self.clock()) - older_than)
        async with transaction(self.engine, None) as connection:
            return (await connection.execute(gone)).rowcount

    async def forget(self) -> None:
        """All counts, and every refusal of Octopus's."""
        async with transaction(self.engine, None) as connection:
            await connection.execute(delete(octopus_call))


def _key(integration: IntegrationId, dossier: DossierNumber | None, operation: str, day: date) -> dict[str, object]:
    scope = f"integration:{integration}" if dossier is None else f"dossier:{dossier}"
    return {"scope": scope, "operation": operation, "day": day}
