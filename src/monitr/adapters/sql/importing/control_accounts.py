"""What is outstanding, and the accounts of the ledger lines behind it."""

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.domain.accounting.bookyear import parse_journal_key
from monitr.domain.accounting.control_accounts import ControlTotal, ItemLine, control_accounts
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.outstanding_items import OutstandingItemType

_SQL = statements(__file__)


async def control_total(own: OwnTransaction, type: OutstandingItemType) -> ControlTotal | None:
    outstanding = {row.journal_key: row.outstanding for row in await own.run(_SQL["outstanding"], type=type.value)}
    if not outstanding:
        return None
    journals = {key: journal for key in outstanding if (journal := parse_journal_key(key))}
    types, numbers = ([journal[at] for journal in journals.values()] for at in (0, 1))
    found = await own.run(
        _SQL["lines_beside_items"], type=type.value, keys=list(journals), types=types, numbers=numbers
    )
    lines = [ItemLine(*row) for row in found]
    return ControlTotal(type, sum(outstanding.values(), ZERO), control_accounts(type, lines))
