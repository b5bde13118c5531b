"""Erasing what was imported for an administration, in batches that never hold locks for long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.adapters.sql.database.tables import IMPORTED_TABLES, import_run
from monitr.adapters.sql.database.tenancy import OWN_ADMINISTRATION, rows_of_all, transaction
from monitr.adapters.sql.repositories.audit import append
from monitr.adapters.sql.repositories.rows import administration_of
from monitr.domain.audit import purged
from monitr.domain.organisation import AdministrationId, OrganisationId

BATCH = 10_000
"""Rows a transaction: a tenth of a second, and little to redo where it breaks off."""

_DUE = text("""
    SELECT organisation_id, id
    FROM administration
    WHERE status = 'DELETED' AND purge_after <= :now
      AND NOT EXISTS (
        SELECT FROM import_run
        WHERE import_run.administration_id = administration.id AND import_run.lease_until > :now
      )
    ORDER BY purge_after
""")

# From the first batch on it is over for everybody, whatever their clocks show: what has been erased in part must never
# be restored.
_BEGIN = text("""
    UPDATE administration SET purge_after = least(purge_after, created_at)
    WHERE id = :administration AND organisation_id = :organisation
""")

# Locked for the batch, so that it can neither be restored nor be erased by somebody else meanwhile.
_STILL_DUE = text("""
    SELECT FROM administration
    WHERE id = :administration AND organisation_id = :organisation AND status = 'DELETED' AND purge_after <= :now
    FOR UPDATE SKIP LOCKED
""")

_ERASE_TIMELINE = text(
    "DELETE FROM timeline_event WHERE subject_id = :administration AND organisation_id = :organisation"
)
_ERASE = text("DELETE FROM administration WHERE id = :administration AND organisation_id = :organisation RETURNING *")
_REMOVED_BY = text("""
    SELECT agent_subject FROM timeline_event
    WHERE subject_id = :administration AND organisation_id = :organisation AND what IN ('REMOVED', 'PURGE_ADVANCED')
    ORDER BY id DESC
    LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class SqlPurgeableAdministrations:
    """The port ``PurgeableAdministrations``."""

    engine: AsyncEngine

    async def due(self, now: datetime) -> Sequence[tuple[OrganisationId, AdministrationId]]:
        rows = await rows_of_all(self.engine, _DUE, {"now": now})
        return [(OrganisationId(row.organisation_id), AdministrationId(row.id)) for row in rows]

    async def erase(self, organisation: OrganisationId, id: AdministrationId, now: datetime) -> bool:
        its = {"administration": id, "organisation": organisation}
        async with transaction(self.engine, organisation) as connection:
            if not await self._is_still_due(connection, its, now):
                return False
            await connection.execute(_BEGIN, its)
        for table in (*IMPORTED_TABLES, import_run):
            erased = BATCH
            while erased == BATCH:
                async with transaction(self.engine, organisation) as connection:
                    if not await self._is_still_due(connection, its, now):
                        return False
                    erased = await self._erase_batch(connection, table, its)
        async with transaction(self.engine, organisation) as connection:
            if not await self._is_still_due(connection, its, now):
                return False
            removed_by = (await connection.execute(_REMOVED_BY, its)).scalar_one_or_none()
            await connection.execute(_ERASE_TIMELINE, its)
            for row in (await connection.execute(_ERASE, its)).mappings():
                await append(connection, organisation, purged(administration_of(row), removed_by))
        return True

    @staticmethod
    async def _is_still_due(connection: AsyncConnection, its: Mapping[str, object], now: datetime) -> bool:
        return (await connection.execute(_STILL_DUE, {**its, "now": now})).first() is not None

    @staticmethod
    async def _erase_batch(connection: AsyncConnection, table: Table, its: Mapping[str, object]) -> int:
        # `table` is one of ours; the index that begins with administration_id finds the batch
        batch = (
            f"SELECT ctid FROM {table.name} WHERE administration_id = :administration AND {OWN_ADMINISTRATION}"
            " LIMIT :batch"
        )
        statement = text(f"DELETE FROM {table.name} WHERE ctid = ANY(ARRAY({batch}))")
        return (await connection.execute(statement, {**its, "batch": BATCH})).rowcount
