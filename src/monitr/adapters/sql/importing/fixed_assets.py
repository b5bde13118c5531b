"""The fixed assets, derived from the ledger as it is."""

from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing import reference_tables
from monitr.domain.accounting.bookyear import oldest_complete
from monitr.domain.accounting.fixed_assets import AccountRole, Acquisition, AssetLine, account_role, acquisitions
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.import_run import Counts
from monitr.domain.organisation import AdministrationId

_SQL = statements(__file__)


async def derive_fixed_assets(connection: AsyncConnection, administration: AdministrationId) -> Counts:
    place = {"administration": administration}
    booked = await connection.scalars(_SQL["booked_accounts"], place)
    base = [account for account in booked if account_role(account) is AccountRole.BASE]
    debits = await connection.execute(_SQL["debits"], {**place, "accounts": base})
    lines = [AssetLine(BookingKey(*row[:4]), *row[4:]) for row in debits]
    bookyears = (await connection.execute(_SQL["first_days"], place)).all()
    first_days = {number: first_day for number, first_day, _ in bookyears}
    complete_from = bookyears[0].complete_from if bookyears else None
    found = acquisitions(lines, oldest_complete(first_days, complete_from))
    return await reference_tables.replace(connection, administration, Acquisition, found)
