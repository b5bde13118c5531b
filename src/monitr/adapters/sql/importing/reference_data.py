"""Bookyears, journals, accounts, cost centres, relations, and Octopus's own totals, as an import keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.importing import reference_tables
from monitr.adapters.sql.importing.fence import Fence
from monitr.adapters.sql.importing.reference_rows import STORED
from monitr.application.importing.ports import Row
from monitr.domain.accounting.account import Account, CostCentre
from monitr.domain.accounting.bookyear import Bookyear, Period, chronological
from monitr.domain.import_run import Counts
from monitr.domain.organisation import AdministrationId

_BOOKYEARS = text("""
    SELECT number, description, start_date, end_date, closed, periods FROM bookyear
    WHERE administration_id = :administration""")


@dataclass(frozen=True, slots=True)
class SqlReferenceData:
    fence: Fence

    async def bookyears(self) -> list[Bookyear]:
        return await self.fence.read(stored_bookyears)

    async def knows(self, kind: type[Row]) -> bool:
        table = STORED[kind].table
        query = text(f"SELECT EXISTS (SELECT FROM {table} WHERE administration_id = :administration)")
        [(known,)] = await self.fence.rows(query)
        return bool(known)

    async def merge(self, kind: type[Row], rows: Sequence[Row], deleted: Sequence[Row]) -> Counts:
        if not rows and not deleted:
            return Counts()
        return await self.fence.write(self._merge, kind, rows, deleted)

    async def replace(self, kind: type[Row], rows: Sequence[Row]) -> Counts:
        return await self.fence.write(reference_tables.replace, kind, rows)

    async def _merge(
        self,
        connection: AsyncConnection,
        administration: AdministrationId,
        kind: type[Row],
        rows: Sequence[Row],
        deleted: Sequence[Row],
    ) -> Counts:
        await self._note_first_seen(connection, kind, rows)
        return await reference_tables.merge(connection, administration, kind, rows, deleted)

    async def _note_first_seen(self, connection: AsyncConnection, kind: type[Row], rows: Sequence[Row]) -> None:
        """Before they are written: the numbers that no bookyear has had."""
        if kind not in (Account, CostCentre):
            return
        statement = f"""
            INSERT INTO import_first_seen (administration_id, run_id, kind, number)
            SELECT DISTINCT CAST(:administration AS uuid), CAST(:run AS uuid), :seen, number
            FROM unnest(CAST(:numbers AS int[])) AS new(number)
            WHERE NOT EXISTS (SELECT FROM {STORED[kind].table} old
                              WHERE old.administration_id = :administration AND old.number = new.number)
            ON CONFLICT DO NOTHING"""
        await connection.execute(
            text(statement),
            {
                "administration": self.fence.administration,
                "run": self.fence.claim.run_id,
                "seen": "ACCOUNT" if kind is Account else "COST_CENTRE",
                "numbers": [row.number for row in rows if isinstance(row, Account | CostCentre)],
            },
        )


async def stored_bookyears(connection: AsyncConnection, administration: AdministrationId) -> list[Bookyear]:
    """Oldest first."""
    return chronological(
        [
            Bookyear(number, description, start, end, closed, _periods(periods))
            for number, description, start, end, closed, periods in await connection.execute(
                _BOOKYEARS, {"administration": administration}
            )
        ]
    )


def _periods(stored: Sequence[tuple[int, str, str]]) -> tuple[Period, ...]:
    return tuple(Period(number, date.fromisoformat(start), date.fromisoformat(end)) for number, start, end in stored)
