"""Timelines and notices: what has happened to an integration or administration, and what will soon."""

from datetime import datetime
from typing import Self

import strawberry

from monitr.application.reading.import_history import RecordedEvent
from monitr.domain import authorization_notice
from monitr.domain.timeline import Agent, What
from monitr.entrypoints.graphql.execution.shown import shown

strawberry.enum(What, name="TimelineEventKind")
strawberry.enum(Agent, name="TimelineAgent", description="OCTOPUS: by what it answered. MONITR: by itself.")


@strawberry.type
class TimelineEvent:
    """One transition, recorded with it and never changed. user is set where the agent is USER."""

    id: strawberry.ID
    at: datetime
    what: What
    status_before: str | None
    status_after: str
    agent: Agent
    user: str | None
    why: str

    @classmethod
    def of(cls, recorded: RecordedEvent) -> Self:
        event = recorded.event
        return shown(
            cls,
            event.cause,
            id=strawberry.ID(recorded.id),
            at=recorded.at,
            what=event.what,
            status_before=event.before,
            status_after=event.after,
        )


@strawberry.type
class Notice:
    """What will happen soon unless somebody acts. since: when this notice appeared."""

    code: str
    message: str
    action: str | None
    since: datetime
    days: int
    """14, 7 or 1: how many days before the end it appeared."""

    @classmethod
    def of(cls, row: authorization_notice.Notice) -> Self:
        return shown(cls, row.text, since=row.since, days=row.days)
