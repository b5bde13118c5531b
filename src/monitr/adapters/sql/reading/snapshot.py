"""One read-only transaction, and the queries that run in it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.domain.organisation import OrganisationId


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Of what one organisation has. ``today``: the day in Brussels on which the transaction began."""

    connection: AsyncConnection
    organisation: OrganisationId
    today: date
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def rows(self, statement: Executable, parameters: Mapping[str, object] | None = None) -> Sequence[Row[Any]]:
        """All rows of one statement, its parameter ``organisation`` filled in (``database/tenancy.py``).

        Resolvers and DataLoaders run side by side; a connection takes one at a time.
        """
        async with self._turn:
            asked = {**(parameters or {}), "organisation": self.organisation}
            return (await self.connection.execute(statement, asked)).all()


@dataclass(frozen=True, slots=True)
class Queries:
    """Queries on one subject."""

    snapshot: Snapshot
