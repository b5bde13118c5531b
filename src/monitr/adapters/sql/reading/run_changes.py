"""The news that a run is there or has changed, whichever process did it: triggers of ``import_run`` notify."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from monitr.adapters.sql.database.engine import libpq_url
from monitr.application.reading.progress import ChangedRun
from monitr.domain.import_run import ImportRunId
from monitr.domain.organisation import OrganisationId

CHANNEL = "monitr_changed_run"
"""Each payload names the organisation and the run."""


@dataclass(frozen=True, slots=True)
class SqlRunChanges:
    """The port ``RunChanges``, by a connection of its own for each listener. Raises psycopg.Error where it breaks."""

    url: str = field(repr=False)

    async def listen(self) -> AsyncGenerator[ChangedRun | None, None]:
        connection = await psycopg.AsyncConnection.connect(
            libpq_url(self.url),
            autocommit=True,
            application_name="monitr-progress",
            connect_timeout=10,
            keepalives_idle=10,  # a server that is gone is noticed within half a minute
            keepalives_interval=5,
            keepalives_count=3,
        )
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            yield None
            async for notify in connection.notifies():
                organisation, run = notify.payload.split("/")
                yield ChangedRun(OrganisationId(UUID(organisation)), ImportRunId(UUID(run)))
