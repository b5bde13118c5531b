"""What resolvers have at hand: the services of the application, who asks, and the one reader of the operation."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

import strawberry

from monitr.application.bearer_tokens import Bearer
from monitr.application.ports import Clock
from monitr.application.reading import Reader, Readers
from monitr.application.use_cases import UseCases
from monitr.domain.administration import Administration
from monitr.domain.brussels import brussels_day
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Permission, Principal
from monitr.entrypoints.graphql.errors import ForbiddenField
from monitr.entrypoints.graphql.loaders import Loaders
from monitr.entrypoints.graphql.progress_hub import ProgressHub
from monitr.entrypoints.graphql.reading_session import ReadingSession

T = TypeVar("T")


class NextScheduledImport(Protocol):
    def __call__(self, administration: Administration) -> datetime | None:
        """When the schedule imports it next, jitter included, in UTC; None where the schedule is off.

        Asked only for administrations that the schedule imports (ACTIVE, their integration CONFIGURED).
        """
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """``stale_after``: the age of two scheduled imports; None where the schedule is off, then nothing turns stale."""

    use_cases: UseCases
    readers: Readers
    progress: ProgressHub
    clock: Clock
    public_url: str
    next_scheduled_import: NextScheduledImport
    stale_after: timedelta | None


class Operation:
    """One query, mutation or subscription of one principal."""

    def __init__(self, services: Services, principal: Principal) -> None:
        self.services = services
        self.principal = principal
        self.session = ReadingSession(lambda: services.readers(principal.organisation))
        self.loaders = Loaders(self.session)

    def require(self, permission: Permission, administration: AdministrationId | None = None) -> None:
        """Raises ForbiddenField where no role of the caller grants it."""
        if not self.principal.may(permission, administration):
            raise ForbiddenField

    async def ask(self, question: Callable[[Reader], Awaitable[T]]) -> T:
        return await self.session.ask(question)

    async def act(self, use_case: Awaitable[T]) -> T:
        """Let a use case do its work, and read everything anew afterwards."""
        async with self.session.suspended():
            outcome = await use_case
        self.loaders = Loaders(self.session)
        return outcome

    async def visible_administration(self, id: str) -> Administration | None:
        """None for an id that is unknown, malformed, removed, another organisation's, or out of the caller's reach."""
        parsed = parse_id(id)
        if parsed is None or not self.principal.may(Permission.SEE_NAMES, AdministrationId(parsed)):
            return None
        return await self.loaders.administrations.load(AdministrationId(parsed))

    async def visible_integration(self, id: str) -> Integration | None:
        parsed = parse_id(id)
        return await self.loaders.integrations.load(IntegrationId(parsed)) if parsed else None

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

    @asynccontextmanager
    async def operation(self) -> AsyncIterator[Operation]:
        if self.bearer is None:
            raise ForbiddenField
        operation = Operation(self.services, self.bearer.principal)
        try:
            yield operation
        finally:
            await operation.session.close()


Info = strawberry.Info[Operation, None]


def parse_id(id: str) -> UUID | None:
    """The id, where it is written as we write ids."""
    try:
        parsed = UUID(id)
    except ValueError:
        return None
    return parsed if str(parsed) == id.lower() else None
