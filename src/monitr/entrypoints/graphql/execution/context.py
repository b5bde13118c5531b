"""What resolvers have at hand: the services of the application, who asks, and the one reader of the operation."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

import strawberry

from monitr.application.bearer_tokens import Bearer
from monitr.application.follow_import import FollowImport
from monitr.application.ports import Clock
from monitr.application.reading.reading import OpenReading, Reading
from monitr.application.use_cases import UseCases
from monitr.domain.administration import Administration
from monitr.domain.brussels import brussels_day
from monitr.domain.language import Language
from monitr.domain.roles import Principal
from monitr.entrypoints.graphql.execution.loaders import Loaders

T = TypeVar("T")


NextScheduledImport = Callable[[Administration], datetime | None]
"""When the schedule imports it next, jitter included, in UTC; None where the schedule is off. Asked only for
administrations that the schedule imports (ACTIVE, their integration CONFIGURED)."""


@dataclass(frozen=True, slots=True)
class Services:
    """``stale_after``: the age of two scheduled imports; None where the schedule is off, then nothing turns stale."""

    use_cases: UseCases
    open_reading: OpenReading
    follow_import: FollowImport
    clock: Clock
    public_url: str
    next_scheduled_import: NextScheduledImport
    stale_after: timedelta | None


class Operation:
    """One query, mutation or subscription of one principal."""

    def __init__(
        self, services: Services, principal: Principal, reading: Reading, language: Language | None = None
    ) -> None:
        self.services = services
        self.language = language
        self.use_cases = services.use_cases
        self.principal = principal
        self.reading = reading
        self.loaders = Loaders(reading)
        self.as_given: dict[UUID, str] = {}
        """How the ids of the operation's inputs were written."""

    async def act(self, use_case: Awaitable[T]) -> T:
        """Let a use case do its work, and read everything anew afterwards."""
        async with self.reading.session.suspended():
            outcome = await use_case
        self.loaders = Loaders(self.reading)
        return outcome

    def id(self, text: str) -> UUID:
        """The id, where it is written as we write ids; else one that nothing has, so that it is unknown like others."""
        id = _parsed(text) or uuid4()
        self.as_given[id] = text
        return id

    def today(self) -> date:
        """In Belgium, where the books are kept."""
        return brussels_day(self.services.clock())


@dataclass(slots=True)
class Connection:
    """An HTTP request, or a WebSocket, which carries its token in the payload of connection_init."""

    services: Services
    bearer: Bearer | None
    request_id: str
    connection_params: dict[str, object] | None = field(default=None, repr=False)
    language: Language | None = None

    @asynccontextmanager
    async def operation(self) -> AsyncIterator[Operation]:
        if self.bearer is None:
            raise TypeError("an operation is somebody's")
        principal = self.bearer.principal
        async with self.services.open_reading(principal) as reading:
            yield Operation(self.services, principal, reading, self.language)


Info = strawberry.Info[Operation, None]


def _parsed(text: str) -> UUID | None:
    try:
        id = UUID(text)
    except ValueError:
        return None
    return id if str(id) == text.lower() else None
