"""What resolvers have at hand: the services of the application, who asks, and the one reader of the operation."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID, uuid4

import strawberry
import structlog
from graphql import ExecutionResult

from monitr.application.bearer_tokens import Bearer
from monitr.application.follow_import import FollowImport, FollowImports
from monitr.application.patience import OF_A_PERSON
from monitr.application.ports import Clock
from monitr.application.reading.places import Places
from monitr.application.reading.quota import DailyMaximum
from monitr.application.reading.reading import OpenReading, Reading
from monitr.application.use_cases import UseCases
from monitr.domain.administration import Administration
from monitr.domain.brussels import brussels_day
from monitr.domain.language import Language
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.documents import Document
from monitr.entrypoints.graphql.execution.errors import DeadlineExceeded
from monitr.entrypoints.graphql.execution.loaders import Loaders
from monitr.entrypoints.graphql.execution.turns import Turns
from monitr.entrypoints.voices import in_words, voice_of

log = structlog.get_logger()

T = TypeVar("T")

_LONGEST_TOLD = 200
"""Characters of an id: no id that we write has more, and one operation may be refused for the same one thirty times."""


NextScheduledImport = Callable[[Administration], datetime | None]
"""When the schedule imports it next, jitter included, in UTC; None where the schedule is off. Asked only for
administrations that the schedule imports (ACTIVE, their integration CONFIGURED)."""


@dataclass(frozen=True, slots=True)
class Services:
    """``stale_after``: the age of two scheduled imports; None where the schedule is off, then nothing turns stale.

    ``request_deadline``: after it an operation is cancelled. All services of a program belong to one event loop.
    """

    use_cases: UseCases
    open_reading: OpenReading
    follow_import: FollowImport
    follow_imports: FollowImports
    clock: Clock
    public_url: str
    next_scheduled_import: NextScheduledImport
    stale_after: timedelta | None
    daily_maxima: Sequence[DailyMaximum]
    request_deadline: timedelta = timedelta(seconds=10)
    turns: Turns = field(default_factory=Turns)
    changes: set[asyncio.Future[Any]] = field(default_factory=set[asyncio.Future[Any]])
    """Use cases at work that change something."""
    places: Places = field(default_factory=Places)


class Operation:
    """One query or mutation, or one event of a subscription, of one principal."""

    def __init__(self, connection: "Connection", bearer: Bearer, reading: Reading, document: Document | None) -> None:
        self.document = document
        """What is run; None where nothing was sent."""
        self.services = connection.services
        self.use_cases = self.services.use_cases
        self.language = connection.language
        """Of names; None: the first that there is."""
        self.say = connection.say
        self.turns = self.services.turns
        self.anew: Callable[[], AbstractAsyncContextManager[Operation]] = partial(connection.operation, document)
        """Another operation of the same connection."""
        self.principal = bearer.principal
        self.expires_at = bearer.expires_at
        """When the caller's token runs out, in UTC."""
        self.reading = reading
        self._loaders: Loaders | None = None
        self.as_given: dict[UUID, str] = {}
        """How the ids of the operation's inputs were written; of a long one the beginning."""
        self._deadline: asyncio.Timeout | None = None
        self._is_longer = False

    @property
    def loaders(self) -> Loaders:
        """What was read for the operation since it last changed something."""
        if self._loaders is None:
            self._loaders = Loaders(self.reading, self.turns)
        return self._loaders

    async def in_time(self, answering: Coroutine[Any, Any, ExecutionResult]) -> ExecutionResult:
        """The answer, or DEADLINE_EXCEEDED. When this ends, so has all its work, statements included: at the deadline,
        and where the caller is cancelled."""
        work = asyncio.ensure_future(answering)
        try:
            async with asyncio.timeout(self.services.request_deadline.total_seconds()) as self._deadline:
                return await asyncio.shield(work)
        except TimeoutError:
            log.warning("graphql.deadline", seconds=self.services.request_deadline.total_seconds())
            return ExecutionResult(None, [DeadlineExceeded()])
        except asyncio.CancelledError:
            if work.cancelled():  # by nobody that asked for it: a fault, and no reason to end the request
                raise RuntimeError("the operation was cancelled from inside") from None
            raise
        finally:
            self._deadline = None
            if not work.done():
                self.reading.session.break_off()
                work.cancel()
                await asyncio.wait([work])

    async def act(self, use_case: Coroutine[Any, Any, T]) -> T:
        """Let a use case do its work, in one of the user's places, and read everything anew afterwards.

        It may ask Octopus, with the patience of a person: so much later is the deadline, once an operation.
        """
        return await self._act(self._in_a_place(use_case))

    async def _act(self, use_case: Awaitable[T]) -> T:
        if self._deadline is not None and not self._is_longer:
            self._is_longer = True
            self._deadline.reschedule((self._deadline.when() or 0) + OF_A_PERSON.total_seconds())
        async with self.reading.session.suspended():
            outcome = await use_case
        self._loaders = None
        return outcome

    async def change(self, use_case: Coroutine[Any, Any, T]) -> T:
        """As ``act``, for what changes something: once begun it is done to its end, whoever has stopped waiting, so
        that an answer never says of a change that it did not happen while it did."""
        return await self._act(self._to_its_end(use_case))

    async def _in_a_place(self, use_case: Coroutine[Any, Any, T]) -> T:
        async with self.services.places.of(self.principal):
            return await use_case

    async def _to_its_end(self, use_case: Coroutine[Any, Any, T]) -> T:
        """The place is the use case's until it ends: nobody gains one by hanging up."""
        changes, places = self.services.changes, self.services.places
        await places.take(self.principal)
        changing = asyncio.ensure_future(use_case)
        changes.add(changing)
        changing.add_done_callback(changes.discard)
        changing.add_done_callback(lambda _: places.leave(self.principal))
        try:
            return await asyncio.shield(changing)
        except asyncio.CancelledError:
            changing.add_done_callback(_tell_failure)
            raise

    def id(self, text: str) -> UUID:
        """The id, where it is written as we write ids; else one that nothing has, so that it is unknown like others."""
        id = parsed_id(text) or uuid4()
        self.as_given[id] = text[:_LONGEST_TOLD]
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
    changes_something: bool = True
    """Whether the operation that was admitted last is a mutation; so is one of which nothing is known yet."""

    def say(self, sentence: Sentence) -> str:
        """In the reader's language."""
        return in_words(sentence, voice_of(self.language))

    @asynccontextmanager
    async def operation(self, document: Document | None = None) -> AsyncIterator[Operation]:
        if self.bearer is None:
            raise TypeError("an operation is somebody's")
        async with self.services.open_reading(self.bearer.principal, self.language) as reading:
            yield Operation(self, self.bearer, reading, document)


Info = strawberry.Info[Operation, None]


def _tell_failure(changing: asyncio.Future[Any]) -> None:
    """To the log: nobody waits for it any more."""
    if not changing.cancelled() and (error := changing.exception()):
        log.error("graphql.fault", exc_info=error)


def parsed_id(text: str) -> UUID | None:
    """None for what is not written as we write ids."""
    try:
        id = UUID(text)
    except ValueError:
        return None
    return id if str(id) == text.lower() else None
