"""The timelines: events are appended by the transaction that saves what they happened to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.tables import timeline_event
from monitr.adapters.sql.repositories.sentences import stored
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.timeline import TimelineEvent


async def append(
    connection: AsyncConnection,
    organisation: OrganisationId,
    subject: IntegrationId | AdministrationId,
    events: Sequence[TimelineEvent],
    at: datetime,
) -> None:
    """``at`` is in UTC."""
    if events:
        rows = [
            {
                "organisation_id": organisation,
                "subject_id": subject,
                "at": at,
                "what": event.what.value,
                "status_before": event.before,
                "status_after": event.after,
                "agent": event.cause.agent.value,
                "agent_subject": event.cause.user,
                "why": str(event.cause.why),
                "sentence": stored(event.cause.why),
            }
            for event in events
        ]
        await connection.execute(insert(timeline_event), rows)
