"""Timelines and notices: what has happened to an integration or administration, and what will soon."""

from datetime import datetime
from typing import Self

import strawberry

from monitr.application.reading.import_history import RecordedEvent
from monitr.domain import authorization_notice
from monitr.domain.timeline import Agent, What
from monitr.entrypoints.graphql.execution.shown import shown

strawberry.enum(What, name="TimelineEventKind")
strawberry.enum(Agent, name="TimelineAgent")


@strawberry.type
class TimelineEvent:
    """One transition of an integration or administration, recorded with it and never changed."""

    id: strawberry.ID
    """Opaque; no other event ever has it."""
    at: datetime
    """When it was recorded (UTC)."""
    what: What
    """What happened, as a word for programs."""
    status_before: str | None
    """An `IntegrationStatus` or `AdministrationStatus`; null for the first event."""
    status_after: str
    """An `IntegrationStatus` or `AdministrationStatus`."""
    agent: Agent
    """Whether a person caused it, Octopus or Monitr."""
    user: str | None
    """The `sub` of the token, where the agent is USER; else null."""
    why: str
    """The reason, as a sentence for people."""

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
    """What will happen soon unless somebody acts."""

    code: str
    """`AUTHORIZATION_EXPIRES_SOON`."""
    message: str
    """A sentence, with the day."""
    action: str | None
    """What to do about it; null: nothing."""
    since: datetime
    """When this notice appeared (UTC)."""
    days: int
    """14, 7 or 1: how many days before the end it appeared."""

    @classmethod
    def of(cls, row: authorization_notice.Notice) -> Self:
        return shown(cls, row.text, since=row.since, days=row.days)
