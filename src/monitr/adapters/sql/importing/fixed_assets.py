"""The fixed assets, derived from the ledger as it is."""

from dataclasses import replace

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing import reference_tables
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.domain.accounting.asset_accounts import FIXED_ASSET_NUMBERS, AssetLine
from monitr.domain.accounting.bookyear import oldest_complete
from monitr.domain.accounting.fixed_assets import Acquisition, acquisitions
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.import_run import Counts

_SQL = statements(__file__)
_LOWEST, _HIGHEST = (list(numbers) for numbers in zip(*FIXED_ASSET_NUMBERS, strict=True))


async def derive_fixed_assets(own: OwnTransaction) -> Counts:
    """They are few beside the lines: what differs is found here, and written."""
    debits = await own.run(_SQL["debits"], lowest=_LOWEST, highest=_HIGHEST)
    lines = [AssetLine(BookingKey(*row[:4]), *row[4:]) for row in debits]
    bookyears = (await own.run(_SQL["first_days"])).all()
    first_days = {number: first_day for number, first_day, _ in bookyears}
    complete_from = bookyears[0].complete_from if bookyears else None
    found = acquisitions(lines, oldest_complete(first_days, complete_from))
    stored = [Acquisition(BookingKey(*row[:4]), *row[4:]) for row in await own.run(_SQL["stored"])]
    before = {asset.line: asset for asset in stored}
    gone = [before[line] for line in before.keys() - {asset.line for asset in found}]
    changed = [asset for asset in found if before.get(asset.line) != asset]
    written = await reference_tables.merge(own, Acquisition, changed, gone)
    return replace(written, fetched=len(found), unchanged=len(found) - written.inserted - written.updated)
