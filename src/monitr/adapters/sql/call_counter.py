"""Octopus's daily maxima (api.md 3.1), counted before each call, in a transaction of its own: a call that was made
counts, whatever becomes of the work around it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.tables import octopus_call
from monitr.adapters.sql.tenancy import transaction
from monitr.application.octopus import QuotaSpent
from monitr.application.ports import Clock
from monitr.domain.administration import DossierNumber
from monitr.domain.integration import IntegrationId

_OCTOPUS_TIME = ZoneInfo("Europe/Brussels")

# One statement, so that of two workers at the last call one gets it. No row comes back where the maximum is reached.
_COUNT = text("""
    INSERT INTO octopus_call AS today (scope, operation, day, calls) VALUES (:scope, :operation, :day, 1)
    ON CONFLICT (scope, operation, day) DO UPDATE SET calls = today.calls + 1
        WHERE today.calls < :limit AND NOT today.stopped
    RETURNING calls
""")
_STOP = text("""
    INSERT INTO octopus_call (scope, operation, day, calls, stopped) VALUES (:scope, :operation, :day, 0, true)
    ON CONFLICT (scope, operation, day) DO UPDATE SET stopped = true
""")
_LEFT = text("""
    SELECT CASE WHEN stopped THEN 0 ELSE greatest(:limit - calls, 0) END FROM octopus_call
    WHERE scope = :scope AND operation = :operation AND day = :day
""")


@dataclass(frozen=True, slots=True)
class SqlCallCounter:
    """The port ``CallCounter``. A dossier's calls count whichever integration, or organisation, makes them."""

    engine: AsyncEngine
    clock: Clock

    async def count(
        self, integration: IntegrationId, dossier: DossierNumber | None, operation: str, limit: int
    ) -> None:
        today = self._today()
        counted = None
        if limit > 0:
            async with transaction(self.engine, None) as connection:
                key = {**_key(integration, dossier, operation, today), "limit": limit}
                counted = (await connection.execute(_COUNT, key)).scalar_one_or_none()
        if counted is None:
            raise QuotaSpent(operation, _end_of(today))

    async def stop(self, integration: IntegrationId, dossier: DossierNumber | None, operation: str) -> QuotaSpent:
        today = self._today()
        async with transaction(self.engine, None) as connection:
            await connection.execute(_STOP, _key(integration, dossier, operation, today))
        return QuotaSpent(operation, _end_of(today))

    async def left(self, integration: IntegrationId, dossier: DossierNumber | None, operation: str, limit: int) -> int:
        key = {**_key(integration, dossier, operation, self._today()), "limit": limit}
        async with transaction(self.engine, None, read_only=True) as connection:
            left = (await connection.execute(_LEFT, key)).scalar_one_or_none()
        return limit if left is None else int(left)

    async def prune(self, older_than: timedelta) -> int:
        """Forget the counts of days long gone; how many rows that were."""
        gone = delete(octopus_call).where(octopus_call.c.day < self._today() - older_than)
        async with transaction(self.engine, None) as connection:
            return (await connection.execute(gone)).rowcount

    def _today(self) -> date:
        return self.clock().astimezone(_OCTOPUS_TIME).date()


def _key(integration: IntegrationId, dossier: DossierNumber | None, operation: str, day: date) -> dict[str, object]:
    scope = f"integration:{integration}" if dossier is None else f"dossier:{dossier}"
    return {"scope": scope, "operation": operation, "day": day}


def _end_of(day: date) -> datetime:
    """The midnight in Brussels that ends it, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), _OCTOPUS_TIME).astimezone(UTC)
