"""What is to be done later, written into the outbox by the transaction that causes it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.tables import outbox
from monitr.domain.import_run import ImportRun, ImportRunId
from monitr.domain.organisation import AdministrationId, OrganisationId

CHANNEL = "monitr_outbox"
"""Notified with every commit that leaves something to publish."""


class Topic(StrEnum):
    IMPORT = "import"  # {"run_id": …}
    PURGE = "purge"  # {"administration_id": …}


async def enqueue_import(connection: AsyncConnection, run: ImportRun) -> None:
    await announce_import(connection, run.organisation_id, run.id)


async def announce_import(connection: AsyncConnection, organisation: OrganisationId, id: ImportRunId) -> None:
    """A worker is wanted for a run that is there already."""
    await _enqueue(connection, organisation, Topic.IMPORT, {"run_id": str(id)}, None)


@dataclass(frozen=True, slots=True)
class SqlJobs:
    """The port ``Jobs``, of one organisation."""

    connection: AsyncConnection
    organisation: OrganisationId | None

    async def purge(self, id: AdministrationId, not_before: datetime) -> None:
        await _enqueue(self.connection, self.organisation, Topic.PURGE, {"administration_id": str(id)}, not_before)


async def _enqueue(
    connection: AsyncConnection,
    organisation: OrganisationId | None,
    topic: Topic,
    payload: dict[str, str],
    not_before: datetime | None,
) -> None:
    values = {
        "organisation_id": organisation,
        "topic": topic.value,
        "payload": payload,
        "created_at": func.now(),
        "not_before": not_before,
    }
    await connection.execute(insert(outbox).values(values).inline())  # RETURNING would need SELECT
    await connection.execute(select(func.pg_notify(CHANNEL, "")))
