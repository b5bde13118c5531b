"""What the checks judge, gathered from the balances and from the small tables that publishing keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing.fence import Fence
from monitr.adapters.sql.importing.fixed_assets import derive_fixed_assets
from monitr.adapters.sql.repositories.sentences import sentence_of
from monitr.domain.accounting.checks import StoredBooks
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.verification import Check
from monitr.domain.import_run import Counts

_SQL = statements(__file__)


@dataclass(frozen=True, slots=True)
class SqlVerification:
    fence: Fence

    async def derive_fixed_assets(self) -> Counts:
        async with self.fence.writing() as own:
            return await derive_fixed_assets(own)

    async def checks(self) -> list[Check]:
        async with self.fence.transaction() as own:

            async def rows(name: str, **parameters: object) -> Sequence[Row[Any]]:
                return (await own.run(_SQL[name], **parameters)).all()

            unlisted = [number for (number,) in await rows("relations_once_named")]
            books = StoredBooks(
                bookings={BookingKey._make(row[:4]): row.net for row in await rows("unbalanced_bookings")},
                bookyears={row.bookyear: row.net for row in await rows("bookyears")},
                unlisted_accounts=[(row.bookyear, row.account) for row in await rows("unlisted_accounts")],
                unlisted_relations=[
                    number for (number,) in (await rows("relations_still_named", unlisted=unlisted) if unlisted else ())
                ],
                unlisted_cost_centres=[number for (number,) in await rows("unlisted_cost_centres")],
                notes=[
                    sentence_of(note.text, note.sentence) for note in await rows("notes", run=self.fence.claim.run_id)
                ],
            )
        return books.checks()
