"""Timelines and notices: what has happened to an integration or administration, and what will soon."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Self

import strawberry

from monitr.application.reading import Page, RecordedEvent
from monitr.domain import authorization_notice
from monitr.domain.timeline import Agent, What
from monitr.entrypoints.graphql.execution.paging import PageInfo, ask_for_page, page_size

strawberry.enum(What, name="TimelineEventKind")
strawberry.enum(Agent, name="TimelineAgent", description="OCTOPUS: by what it answered. MONITR: by itself.")

DEFAULT_PAGE = 50


@strawberry.type(description="One transition, recorded with it and never changed. user is set where the agent is USER.")
class TimelineEvent:
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
        return cls(
            id=strawberry.ID(recorded.id),
            at=recorded.at,
            what=event.what,
            status_before=event.before,
            status_after=event.after,
            agent=event.cause.agent,
            user=event.cause.user,
            why=event.cause.why,
        )


@strawberry.type
class TimelineEventEdge:
    cursor: str
    node: TimelineEvent


@strawberry.type
class TimelineEventConnection:
    page_info: PageInfo
    edges: list[TimelineEventEdge]

    @classmethod
    def of(cls, page: Page[RecordedEvent]) -> Self:
        return cls(
            page_info=PageInfo.of(page),
            edges=[
                TimelineEventEdge(cursor=cursor, node=TimelineEvent.of(row))
                for row, cursor in zip(page.rows, page.cursors, strict=True)
            ],
        )


async def timeline_page(
    first: int | None, after: str | None, question: Callable[[int, str | None], Awaitable[Page[RecordedEvent]]]
) -> TimelineEventConnection:
    """Newest first."""
    size = page_size(first, DEFAULT_PAGE)
    return TimelineEventConnection.of(await ask_for_page(after, lambda cursor: question(size, cursor)))


@strawberry.type(description="What will happen soon unless somebody acts. since: when this notice appeared.")
class Notice:
    code: str
    message: str
    action: str | None
    since: datetime
    days: int = strawberry.field(description="14, 7 or 1: how many days before the end it appeared.")

    @classmethod
    def of(cls, row: authorization_notice.Notice) -> Self:
        text = row.text
        return cls(code=text.code, message=text.message, action=text.action, since=row.since, days=row.days)
