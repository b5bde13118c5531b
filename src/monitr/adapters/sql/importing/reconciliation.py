"""Our sums beside Octopus's own totals, and what may explain a difference: missing bookings, and repeated lines."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing.fence import Fence
from monitr.adapters.sql.importing.own_transaction import OwnTransaction, by_column
from monitr.adapters.sql.journal_keys import LETTERS
from monitr.application.importing.ledger.chunk import Chunk
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import BookingKey, LedgerLine
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.repeated_lines import Repeating
from monitr.domain.accounting.verification import AmountCell
from monitr.domain.import_run import Counts

_SQL = statements(__file__)

_Cell = tuple[int, int, int]
"""(bookyear, period, account)"""


@dataclass(frozen=True, slots=True)
class SqlReconciliation:
    fence: Fence

    async def amount_cells(self, bookyears: Sequence[Bookyear], *, without_missing: bool = False) -> list[AmountCell]:
        years = {bookyear.number: bookyear for bookyear in bookyears}
        asked = {"bookyears": list(years), "without_missing": without_missing}
        async with self.fence.transaction() as own:
            amounts = (await own.run(_SQL["amounts"], bookyears=list(years))).all()
            sums = (await own.run(_SQL["sums"], **asked)).all()
            sums_of_openings = (await own.run(_SQL["sums_of_openings"], **asked)).all()
        octopus: dict[_Cell, Decimal] = {(year, period, account): amount for year, period, account, amount in amounts}
        named: dict[int, set[int]] = defaultdict(set)
        for bookyear, period, _ in octopus:
            named[bookyear].add(period)
        ours, opening = (_by_cell(rows, years, named) for rows in (sums, sums_of_openings))
        return [
            AmountCell(*cell, ours.get(cell, ZERO), opening.get(cell, ZERO), octopus.get(cell))
            for cell in ours.keys() | octopus.keys()
        ]

    async def missing_chunks(self) -> list[Chunk]:
        async with self.fence.transaction() as own:
            chunks = await _missing_types(own)
        return sorted(chunks, key=lambda chunk: (-chunk.bookyear, chunk.journal_type))

    async def resolve_missing(self, chunk: Chunk, *, delete: bool) -> Counts:
        deleted = 0
        async with self.fence.writing() as own:
            place = {"bookyear": chunk.bookyear, "types": (await _missing_types(own)).get(chunk, [])}
            if delete:
                await own.run(_SQL["record_removed"], **place, run=self.fence.claim.run_id, letters=LETTERS)
                await own.run(_SQL["take_off_balances"], **place)
                await own.run(_SQL["forget_empty_balances"], **place)
                deleted = (await own.run(_SQL["delete_lines"], **place)).rowcount
            await own.run(_SQL["forget_missing"], **place)
        return Counts(deleted=deleted)

    async def repeated_lines(self, bookyears: Sequence[int]) -> list[LedgerLine]:
        async with self.fence.transaction() as own:
            found = await own.run(_SQL["repeating_bookings"], bookyears=list(bookyears))
            repeating = [Repeating(BookingKey(*row[:4]), row.net, row.net_once) for row in found]
            bookings = [booking.booking for booking in repeating if booking.is_whole_either_way]
            return [LedgerLine(*row) for row in await own.run(_SQL["lines_of_bookings"], **by_column(bookings))]


async def _missing_types(own: OwnTransaction) -> dict[Chunk, list[int]]:
    """The journal types of missing bookings, by their chunk: it may stand for several."""
    types: dict[Chunk, list[int]] = defaultdict(list)
    for bookyear, type in await own.run(_SQL["journal_types"]):
        types[Chunk.of(BookingKey(bookyear, type, 0, 0))].append(type)
    return types


def _by_cell(
    rows: Iterable[Row[*tuple[Any, ...]]], years: Mapping[int, Bookyear], named: Mapping[int, set[int]]
) -> dict[_Cell, Decimal]:
    """Signed sums, in the periods in which they count."""
    sums: dict[_Cell, Decimal] = defaultdict(Decimal)
    for bookyear, period, month, account, amount in rows:
        sums[bookyear, years[bookyear].counting_period(period, month, named[bookyear]), account] += amount
    return sums
