"""What the checks judge, gathered from the balances and from the small tables that publishing keeps."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.domain.accounting.checks import StoredBooks
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.verification import Check
from monitr.domain.import_run import ImportRunId

_SQL = statements(__file__)


async def checks(own: OwnTransaction, run: ImportRunId) -> list[Check]:
    async def rows(name: str, **parameters: object) -> Sequence[Row[Any]]:
        return (await own.run(_SQL[name], **parameters)).all()

    unlisted = [number for (number,) in await rows("relations_once_named")]
    return StoredBooks(
        bookings={
            BookingKey(row.bookyear, row.journal_type, row.journal_number, row.document_number): row.net
            for row in await rows("unbalanced_bookings")
        },
        bookyears={row.bookyear: row.net for row in await rows("bookyears")},
        unlisted_accounts=[(row.bookyear, row.account) for row in await rows("unlisted_accounts")],
        unlisted_relations=[
            number for (number,) in (await rows("relations_still_named", unlisted=unlisted) if unlisted else ())
        ],
        unlisted_cost_centres=[number for (number,) in await rows("unlisted_cost_centres")],
        notes=[note for (note,) in await rows("notes", run=run)],
    ).checks()
