"""Outstanding items of one type, renewed whole: they arrive in a temporary table while Octopus's answer does."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing import reference_tables
from monitr.adapters.sql.importing.bulk_copy import Arriving, rows_text
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.adapters.sql.importing.reference_rows import STORED
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType
from monitr.domain.import_run import Counts

_ITEMS = STORED[OutstandingItem]
_SQL = statements(__file__)


@dataclass(slots=True)
class SqlItemStage:
    """``hold`` raises LeaseLost where the run is somebody else's."""

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

    async def publish(self) -> Counts:
        await self.arriving.close()
        await self.hold(self.own)
        await self.own.run(_SQL["number_those_of_a_line"])
        counts = await reference_tables.put_in_place(self.own, _ITEMS, self._arrived, {"type": self.type.value})
        await self.own.connection.commit()
        return Counts(fetched=self._arrived) + counts
