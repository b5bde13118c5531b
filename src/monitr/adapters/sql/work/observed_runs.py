"""A run as those who observe the work on it see it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tables import import_run as table
from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.repositories.rows import import_run_of
from monitr.domain.import_run import ImportRun, ImportRunId


@dataclass(frozen=True, slots=True)
class ObservedRun:
    """``origin``: what its queuer carried along (``jobs.Origin``)."""

    run: ImportRun
    origin: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SqlObservedRuns:
    """Takes no lock: it must not hold up whom it observes."""

    engine: AsyncEngine

    async def __call__(self, id: ImportRunId) -> ObservedRun | None:
        async with transaction(self.engine, None, read_only=True) as connection:
            row = (await connection.execute(select(table).where(table.c.id == id))).mappings().one_or_none()
        return None if row is None else ObservedRun(import_run_of(row), row["origin"] or {})
