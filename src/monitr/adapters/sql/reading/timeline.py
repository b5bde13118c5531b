"""What has happened to an integration or administration."""

from typing import Any

from sqlalchemy import Row, select

from monitr.adapters.sql.database.tables import timeline_event
from monitr.adapters.sql.database.tenancy import own
from monitr.adapters.sql.reading.cursors import Cursors
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.application.reading.import_history import RecordedEvent
from monitr.application.reading.pages import InvalidCursor, Page
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId
from monitr.domain.timeline import Agent, Cause, TimelineEvent, What

_EVENTS = Cursors("event", (str,))
_DIGITS = 18


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
            query = query.where(timeline_event.c.id < _number(after))
        return _EVENTS.page(
            await self.snapshot.rows(query),
            first,
            after,
            read=_event_of,
            key=lambda row: (str(row.id),),
        )


def _number(cursor: str) -> int:
    """The id is a bigint, which is more than the integers of cursors hold. Raises InvalidCursor."""
    (text,) = _EVENTS.decode(cursor)
    if not isinstance(text, str) or not (text.isascii() and text.isdigit()) or len(text) > _DIGITS:
        raise InvalidCursor("not a cursor of this connection")
    return int(text)


def _event_of(row: Row[Any]) -> RecordedEvent:
    cause = Cause(Agent(row.agent), row.why, row.agent_subject)
    return RecordedEvent(str(row.id), row.at, TimelineEvent(What(row.what), row.status_before, row.status_after, cause))
