"""One read-only transaction, and the queries that run in it."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from psycopg.errors import QueryCanceled
from sqlalchemy import Executable, Row
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.application.reading.ledger import Effort
from monitr.application.reading.session import TookTooLong
from monitr.domain.language import Language
from monitr.domain.organisation import OrganisationId

T = TypeVar("T")

_PORTION = 2000
"""Rows, decoded in some five milliseconds."""
_IN_PORTIONS = {"yield_per": _PORTION}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Of what one organisation has. ``today``: the day in Brussels on which the transaction began. ``language``: of
    names; None: the first that is filled."""

    connection: AsyncConnection
    organisation: OrganisationId
    today: date
    effort: Effort = field(default_factory=Effort)
    language: Language | None = None
    remembered: dict[object, Any] = field(default_factory=dict[object, Any])

    async def once(self, key: object, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to a question that several of a request put: a snapshot does not change."""
        if key not in self.remembered:
            self.remembered[key] = await ask()
        answer: T = self.remembered[key]
        return answer

    async def rows(self, statement: Executable, parameters: Mapping[str, object] | None = None) -> Sequence[Row[Any]]:
        """All rows of one statement, its parameter ``organisation`` filled in (``database/tenancy.py``). One at a time:
        whoever lets several ask at once gives them their turns. Raises TookTooLong."""
        asked = {**(parameters or {}), "organisation": self.organisation}
        with _told():
            return (await self.connection.execute(statement, asked)).all()

    async def many_rows(
        self, statement: Executable, parameters: Mapping[str, object], most: int
    ) -> Sequence[Row[Any]] | None:
        """As ``rows``, fetched in portions, so that the event loop is free in between; None where there are more than
        ``most``. It takes a cursor, and so some round trips more."""
        asked = {**parameters, "organisation": self.organisation}
        rows: list[Row[Any]] = []
        with _told():
            async with self.connection.stream(statement, asked, execution_options=_IN_PORTIONS) as portions:
                async for portion in portions.partitions():
                    rows += portion
                    if len(rows) > most:
                        return None
        return rows


@contextmanager
def _told() -> Iterator[None]:
    """Raises TookTooLong for a statement that PostgreSQL has cancelled."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceled):
            raise TookTooLong from error
        raise


@dataclass(frozen=True, slots=True)
class Queries:
    """Queries on one subject."""

    snapshot: Snapshot
