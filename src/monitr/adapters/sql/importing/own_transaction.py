"""What a run does with the imported rows of its administration, and with nobody else's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, TextClause
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.organisation import AdministrationId, OrganisationId


def by_column(bookings: Sequence[BookingKey]) -> dict[str, list[int]]:
    """Bookings as a statement takes them: one array for each column of the key, for ``unnest``."""
    return {column: [getattr(key, column) for key in bookings] for column in BookingKey._fields}


@dataclass(frozen=True, slots=True)
class OwnTransaction:
    """Every statement says whose rows it means: ``:own`` (``database/tenancy.py``)."""

    connection: AsyncConnection
    organisation: OrganisationId
    administration: AdministrationId

    async def run(self, statement: TextClause, **parameters: object) -> CursorResult[*tuple[Any, ...]]:
        return await self.connection.execute(statement, self._with_owner(parameters))

    async def run_for_each(self, statement: TextClause, rows: Sequence[Mapping[str, object]]) -> None:
        if rows:
            await self.connection.execute(statement, [self._with_owner(row) for row in rows])

    def _with_owner(self, parameters: Mapping[str, object]) -> dict[str, object]:
        return {**parameters, "administration": self.administration, "organisation": self.organisation}
