"""The imported data of one administration, written under a run's fencing token."""

from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.importing.fence import Fence
from monitr.adapters.sql.importing.ledger_store import SqlLedgerStore
from monitr.adapters.sql.importing.matchings import SqlMatchings
from monitr.adapters.sql.importing.open_items import SqlOpenItems
from monitr.adapters.sql.importing.openings import SqlOpenings
from monitr.adapters.sql.importing.reconciliation import SqlReconciliation
from monitr.adapters.sql.importing.reference_data import SqlReferenceData
from monitr.adapters.sql.importing.run_record import SqlRunRecord
from monitr.adapters.sql.importing.verification import SqlVerification
from monitr.application.importing.ports import ImportStore
from monitr.application.ports import Claim
from monitr.domain.administration import Administration


def open_import_store(engine: AsyncEngine, claim: Claim, administration: Administration) -> ImportStore:
    fence = Fence(engine, claim, administration.id)
    record = SqlRunRecord(fence)
    return ImportStore(
        record,
        SqlReferenceData(fence),
        SqlLedgerStore(fence, record),
        SqlOpenings(fence),
        SqlReconciliation(fence),
        SqlMatchings(fence),
        SqlOpenItems(fence),
        SqlVerification(fence),
    )
