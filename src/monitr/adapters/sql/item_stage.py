"""Outstanding items of one type, renewed whole: they arrive in a temporary table while Octopus's answer does."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql import reference_tables
from monitr.adapters.sql.reference_rows import STORED
from monitr.domain.import_run import Counts
from monitr.domain.organisation import AdministrationId
from monitr.domain.outstanding_items import OutstandingItem, OutstandingItemType

_ITEMS = STORED[OutstandingItem]
_OF_A_LINE = tuple(column for column in _ITEMS.key if column != "ordinal")
_REST = tuple(column for column in _ITEMS.columns if column not in _ITEMS.key)

# Whatever the order of the answer; nearly always there is but one.
_NUMBER_THOSE_OF_A_LINE = text(f"""
    UPDATE incoming_outstanding_item n SET ordinal = numbered.ordinal
    FROM (SELECT ctid, row_number() OVER (PARTITION BY {", ".join(_OF_A_LINE)} ORDER BY {", ".join(_REST)}) AS ordinal
          FROM incoming_outstanding_item) numbered
    WHERE n.ctid = numbered.ctid AND numbered.ordinal > 1""")


@dataclass(slots=True)
class SqlItemStage:
    """``hold`` raises LeaseLost where the run is somebody else's."""

    connection: AsyncConnection
    administration: AdministrationId
    type: OutstandingItemType
    hold: Callable[[AsyncConnection], Awaitable[None]]
    _arrived: int = 0

    async def add(self, items: Sequence[OutstandingItem]) -> None:
        self._arrived += await reference_tables.arrive(self.connection, _ITEMS, list(map(_ITEMS.values, items)))

    async def publish(self) -> Counts:
        await self.hold(self.connection)
        await self.connection.execute(_NUMBER_THOSE_OF_A_LINE)
        counts = await reference_tables.put_in_place(
            self.connection, self.administration, _ITEMS, self._arrived, {"type": self.type.value}
        )
        await self.connection.commit()
        return Counts(fetched=self._arrived) + counts
