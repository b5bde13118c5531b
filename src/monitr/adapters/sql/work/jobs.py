"""What is to be done later, written into the outbox by the transaction that causes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.tables import outbox
from monitr.domain.import_run import ImportRun, ImportRunId
from monitr.domain.organisation import AdministrationId, OrganisationId

CHANNEL = "monitr_outbox"
"""Notified with every commit that leaves something to publish."""


class Topic(StrEnum):
    IMPORT = "import"  # {"run_id": …}
    PURGE = "purge"  # {"administration_id": …}


Origin = Callable[[], Mapping[str, str]]
"""What identifies the request behind what is queued now, for logs and traces: it goes along with the message."""


def unknown_origin() -> Mapping[str, str]:
    return {}


async def enqueue_import(connection: AsyncConnection, run: ImportRun, origin: Mapping[str, str]) -> None:
    await _enqueue(connection, run.organisation_id, Topic.IMPORT, {**origin, "run_id": str(run.id)}, None)


async def announce_import(connection: AsyncConnection, organisation: OrganisationId, id: ImportRunId) -> None:
    """A worker is wanted for a run that is there already."""
    await _enqueue(connection, organisation, Topic.IMPORT, {"run_id": str(id)}, None)


@dataclass(frozen=True, slots=True)
class SqlJobs:
    """The port ``Jobs``, of one organisation."""

    connection: AsyncConnection
    organisation: OrganisationId | None
    origin: Origin = unknown_origin

    async def purge(self, id: AdministrationId, not_before: datetime) -> None:
        payload = {**self.origin(), "administration_id": str(id)}
        await _enqueue(self.connection, self.organisation, Topic.PURGE, payload, not_before)


async def _enqueue(
    connection: AsyncConnection,
    organisation: OrganisationId | None,
    topic: Topic,
    payload: dict[str, str],
    not_before: datetime | None,
) -> None:
    values = {"organisation_id": organisation, "topic": topic.value, "payload": payload, "not_before": not_before}
    queued = insert(outbox).values(**values, created_at=func.now())
    await connection.execute(queued.inline())  # RETURNING would need SELECT
    await connection.execute(select(func.pg_notify(CHANNEL, "")))
