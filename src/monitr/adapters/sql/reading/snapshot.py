"""One read-only transaction, and the queries that run in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``today``: the day in Brussels on which the transaction began."""

    connection: AsyncConnection
    today: date

    async def rows(self, statement: Executable, parameters: Mapping[str, object] | None = None) -> Sequence[Row[Any]]:
        """All rows of one statement. One at a time: whoever lets several ask at once gives them their turns."""
        return (await self.connection.execute(statement, parameters)).all()


@dataclass(frozen=True, slots=True)
class Queries:
    """Queries on one subject."""

    snapshot: Snapshot
