"""What has happened to an integration or administration."""

from typing import Any

from sqlalchemy import BigInteger, Row, select

from monitr.adapters.sql.database.tables import timeline_event
from monitr.adapters.sql.database.tenancy import own
from monitr.adapters.sql.reading.cursors import Cursors
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.adapters.sql.repositories.sentences import sentence_of
from monitr.application.reading.import_history import RecordedEvent
from monitr.application.reading.pages import Page
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId
from monitr.domain.timeline import Agent, Cause, TimelineEvent, What

_EVENTS = Cursors("event", {"id": BigInteger})


class TimelineQueries(Queries):
    async def timeline(
        self, subject: IntegrationId | AdministrationId, first: int, after: str | None
    ) -> Page[RecordedEvent]:
        # ids rise with a subject's events: each is written while its row is locked. Plan: one descent of
        # ix_timeline_event_subject_id.
        query = (
            select(timeline_event)
            .where(own(timeline_event), timeline_event.c.subject_id == subject)
            .order_by(timeline_event.c.id.desc())
            .limit(first + 1)
        )
        if after is not None:
            (id,) = _EVENTS.decode(after)
            query = query.where(timeline_event.c.id < id)
        return _EVENTS.page(await self.snapshot.rows(query), first, after, _event_of)


def _event_of(row: Row[Any]) -> RecordedEvent:
    cause = Cause(Agent(row.agent), sentence_of(row.why, row.sentence), row.agent_subject)
    return RecordedEvent(str(row.id), row.at, TimelineEvent(What(row.what), row.status_before, row.status_after, cause))
