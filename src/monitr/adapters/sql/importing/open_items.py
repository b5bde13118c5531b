"""What is outstanding: renewed whole, and the accounts of the ledger lines behind it."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing.fence import Fence
from monitr.adapters.sql.importing.item_stage import SqlItemStage
from monitr.domain.accounting.bookyear import parse_journal_key
from monitr.domain.accounting.control_accounts import ControlTotal, ItemLine, control_accounts
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.outstanding_items import OutstandingItemType

_SQL = statements(__file__)


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
