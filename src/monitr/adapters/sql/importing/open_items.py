"""What is outstanding: renewed whole, and the accounts of the ledger lines behind it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing import reference_tables
from monitr.adapters.sql.importing.bulk_copy import Arriving, rows_text
from monitr.adapters.sql.importing.fence import Fence
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.adapters.sql.importing.reference_rows import STORED
from monitr.domain.accounting.bookyear import parse_journal_key
from monitr.domain.accounting.control_accounts import ControlTotal, ItemLine, control_accounts
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType
from monitr.domain.import_run import Counts

_ITEMS = STORED[OutstandingItem]
_SQL = statements(__file__)


@dataclass(slots=True)
class SqlItemStage:
    """Items of one type arrive in a temporary table while Octopus's answer does.

    ``hold`` raises LeaseLost where the run is somebody else's.
    """

    own: OwnTransaction
    type: OutstandingItemType
    hold: Callable[[OwnTransaction], Awaitable[None]]
    arriving: Arriving = field(default_factory=Arriving)
    _arrived: int = 0

    async def open(self) -> None:
        await reference_tables.prepare(self.own.connection, _ITEMS)
        await self.arriving.open(self.own.connection, "COPY incoming_outstanding_item FROM STDIN")

    async def add(self, items: Sequence[OutstandingItem]) -> None:
        self._arrived += len(items)
        await self.arriving.write(rows_text(list(map(_ITEMS.values, items))))

    async def publish(self, found_on: date) -> Counts:
        await self.arriving.close()
        await self.hold(self.own)
        await self.own.run(_SQL["number_those_of_a_line"])
        of_day = {"type": self.type.value, "found_on": found_on}
        await self.own.run(_SQL["whole_against_whole"])
        gone, updated = (await self.own.run(_SQL["take_away"], **of_day)).one()
        written = (await self.own.run(_SQL["write"], **of_day)).scalar_one()
        await self.own.run(_SQL["note_snapshot"], **of_day)
        await self.own.connection.commit()
        return Counts(self._arrived, written - updated, updated, self._arrived - written, gone - updated)


@dataclass(frozen=True, slots=True)
class SqlOpenItems:
    fence: Fence

    def stage(self, type: OutstandingItemType) -> AbstractAsyncContextManager[SqlItemStage]:
        return self.fence.staging(lambda own: SqlItemStage(own, type, self.fence.hold))

    async def control_total(self, type: OutstandingItemType) -> ControlTotal | None:
        async with self.fence.transaction() as own:
            found = await own.run(_SQL["outstanding"], type=type.value)
            outstanding = {row.journal_key: row.outstanding for row in found}
            if not outstanding:
                return None
            journals = {key: journal for key in outstanding if (journal := parse_journal_key(key))}
            types, numbers = ([journal[at] for journal in journals.values()] for at in (0, 1))
            named = {"keys": list(journals), "types": types, "numbers": numbers}
            lines = [ItemLine(*row) for row in await own.run(_SQL["lines_beside_items"], type=type.value, **named)]
        return ControlTotal(type, sum(outstanding.values(), ZERO), control_accounts(type, lines))
