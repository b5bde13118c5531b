"""What is outstanding, and the accounts of the ledger lines behind it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.statements import statements
from monitr.domain.accounting.bookyear import parse_journal_key
from monitr.domain.accounting.control_accounts import ControlTotal, ItemLine, control_accounts
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.organisation import AdministrationId

_SQL = statements(__file__)


async def control_total(
    connection: AsyncConnection, administration: AdministrationId, type: OutstandingItemType
) -> ControlTotal | None:
    place = {"administration": administration, "type": type.value}
    outstanding = {row.journal_key: row.outstanding for row in await connection.execute(_SQL["outstanding"], place)}
    if not outstanding:
        return None
    journals = {key: journal for key in outstanding if (journal := parse_journal_key(key))}
    types, numbers = ([journal[at] for journal in journals.values()] for at in (0, 1))
    asked = {**place, "keys": list(journals), "types": types, "numbers": numbers}
    lines = [ItemLine(*row) for row in await connection.execute(_SQL["lines_beside_items"], asked)]
    return ControlTotal(type, sum(outstanding.values(), ZERO), control_accounts(type, lines))
