"""One read-only transaction, and the queries that run in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg.errors import QueryCanceled
from sqlalchemy import Executable, Row
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.application.reading.session import TookTooLong
from monitr.domain.organisation import OrganisationId


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Of what one organisation has. ``today``: the day in Brussels on which the transaction began."""

    connection: AsyncConnection
    organisation: OrganisationId
    today: date

    async def rows(self, statement: Executable, parameters: Mapping[str, object] | None = None) -> Sequence[Row[Any]]:
        """All rows of one statement, its parameter ``organisation`` filled in (``database/tenancy.py``). One at a time:
        whoever lets several ask at once gives them their turns. Raises TookTooLong."""
        asked = {**(parameters or {}), "organisation": self.organisation}
        try:
            return (await self.connection.execute(statement, asked)).all()
        except OperationalError as error:
            if isinstance(error.orig, QueryCanceled):
                raise TookTooLong from error
            raise


@dataclass(frozen=True, slots=True)
class Queries:
    """Queries on one subject."""

    snapshot: Snapshot
