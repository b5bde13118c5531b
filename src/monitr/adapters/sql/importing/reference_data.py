"""Bookyears, journals, accounts, cost centres, relations, and Octopus's own totals, as an import keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitr.adapters.sql.database.statements import scoped
from monitr.adapters.sql.importing import reference_tables
from monitr.adapters.sql.importing.fence import Fence
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.adapters.sql.importing.reference_rows import STORED
from monitr.adapters.sql.repositories.rows import bookyear_of
from monitr.application.importing.ports import Row
from monitr.domain.accounting.account import Account, CostCentre
from monitr.domain.accounting.bookyear import Bookyear, chronological
from monitr.domain.import_run import Counts, Dataset

_BOOKYEARS = scoped("""
    SELECT number, description, start_date, end_date, closed, periods, unlisted_since FROM bookyear
    WHERE administration_id = :own""")

_BOOKED_ON = {
    dataset: scoped(f"""
        SELECT EXISTS (SELECT FROM ledger_line WHERE administration_id = :own AND {column} IS NOT NULL)""")
    for dataset, column in (
        (Dataset.JOURNALS, "journal_number"),
        (Dataset.ACCOUNTS, "account"),
        (Dataset.DIMENSIONS, "cost_centre"),
        (Dataset.RELATIONS, "relation"),
    )
}


@dataclass(frozen=True, slots=True)
class SqlReferenceData:
    fence: Fence

    async def bookyears(self) -> list[Bookyear]:
        async with self.fence.transaction() as own:
            return await stored_bookyears(own)

    async def knows(self, kind: type[Row]) -> bool:
        query = scoped(f"SELECT EXISTS (SELECT FROM {STORED[kind].table} WHERE administration_id = :own)")
        [(known,)] = await self.fence.rows(query)
        return bool(known)

    async def merge(self, kind: type[Row], rows: Sequence[Row], deleted: Sequence[Row]) -> Counts:
        if not rows and not deleted:
            return Counts()
        async with self.fence.writing() as own:
            await self._note_first_seen(own, kind, rows)
            return await reference_tables.merge(own, kind, rows, deleted)

    async def replace(self, kind: type[Row], rows: Sequence[Row]) -> Counts:
        async with self.fence.writing() as own:
            return await reference_tables.replace(own, kind, rows)

    async def are_booked_on(self, dataset: Dataset) -> bool:
        [(booked,)] = await self.fence.rows(_BOOKED_ON[dataset])
        return bool(booked)

    async def _note_first_seen(self, own: OwnTransaction, kind: type[Row], rows: Sequence[Row]) -> None:
        """Before they are written: the numbers that no bookyear has had."""
        if kind not in (Account, CostCentre):
            return
        statement = f"""
            INSERT INTO import_first_seen (administration_id, run_id, kind, number)
            SELECT DISTINCT :own, CAST(:run AS uuid), :seen, number
            FROM unnest(CAST(:numbers AS int[])) AS new(number)
            WHERE NOT EXISTS (SELECT FROM {STORED[kind].table} old
                              WHERE old.administration_id = :own AND old.number = new.number)
            ON CONFLICT DO NOTHING"""
        await own.run(
            scoped(statement),
            run=self.fence.claim.run_id,
            seen="ACCOUNT" if kind is Account else "COST_CENTRE",
            numbers=[row.number for row in rows if isinstance(row, Account | CostCentre)],
        )


async def stored_bookyears(own: OwnTransaction) -> list[Bookyear]:
    """Oldest first."""
    return chronological([bookyear_of(row._mapping) for row in await own.run(_BOOKYEARS)])
