"""The imported data of one administration, written under a run's fencing token."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.statements import scoped
from monitr.adapters.sql.importing import (
    checks,
    control_accounts,
    fixed_assets,
    missing_bookings,
    openings,
    repeated_lines,
    totals,
)
from monitr.adapters.sql.importing.fence import Fence
from monitr.adapters.sql.importing.item_stage import SqlItemStage
from monitr.adapters.sql.importing.ledger_store import SqlLedgerStore
from monitr.adapters.sql.importing.openings import save as save_openings
from monitr.adapters.sql.importing.reference_data import SqlReferenceData
from monitr.adapters.sql.importing.run_record import SqlRunRecord
from monitr.application.importing.ledger.chunk import Chunk
from monitr.application.importing.ports import ImportStore
from monitr.application.ports import Claim
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.control_accounts import ControlTotal
from monitr.domain.accounting.ledger import LedgerLine
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.accounting.verification import AmountCell, Check
from monitr.domain.accounting.year_opening import Candidate, YearOpening
from monitr.domain.administration import Administration
from monitr.domain.import_run import Counts

_DIVERS_JOURNALS = scoped("""
    SELECT number, name FROM journal
    WHERE administration_id = :own AND bookyear = :bookyear AND type = 'D'""")


def open_import_store(engine: AsyncEngine, claim: Claim, administration: Administration) -> ImportStore:
    fence = Fence(engine, claim, administration.id)
    record = SqlRunRecord(fence)
    return ImportStore(
        record,
        SqlReferenceData(fence),
        SqlLedgerStore(fence, record),
        SqlOpenings(fence),
        SqlReconciliation(fence),
        SqlOpenItems(fence),
        SqlVerification(fence),
    )


@dataclass(frozen=True, slots=True)
class SqlOpenings:
    fence: Fence

    async def candidates(self, bookyear: Bookyear) -> list[Candidate]:
        return await self.fence.read(openings.candidates, bookyear)

    async def journal_names(self, bookyear: int) -> Mapping[int, str]:
        return {row.number: row.name for row in await self.fence.rows(_DIVERS_JOURNALS, bookyear=bookyear)}

    async def carried_forward(self, bookyear: Bookyear, start: Mapping[int, Decimal] | None) -> dict[int, Decimal]:
        return await self.fence.read(openings.closing, bookyear.number, start or {})

    async def save(self, bookyear: Bookyear, openings: Sequence[YearOpening]) -> bool:
        return await self.fence.write(save_openings, bookyear.number, openings)


@dataclass(frozen=True, slots=True)
class SqlReconciliation:
    fence: Fence

    async def amount_cells(self, bookyears: Sequence[Bookyear], *, without_missing: bool = False) -> list[AmountCell]:
        return await self.fence.read(totals.amount_cells, bookyears, without_missing=without_missing)

    async def missing_chunks(self) -> list[Chunk]:
        return await self.fence.read(missing_bookings.missing_chunks)

    async def resolve_missing(self, chunk: Chunk, *, delete: bool) -> Counts:
        run = self.fence.claim.run_id
        return await self.fence.write(missing_bookings.resolve_missing, run, chunk, delete=delete)

    async def repeated_lines(self, bookyears: Sequence[int]) -> list[LedgerLine]:
        return await self.fence.read(repeated_lines.repeated_lines, bookyears)


@dataclass(frozen=True, slots=True)
class SqlOpenItems:
    fence: Fence

    def stage(self, type: OutstandingItemType) -> AbstractAsyncContextManager[SqlItemStage]:
        return self.fence.staging(lambda own: SqlItemStage(own, type, self.fence.hold))

    async def control_total(self, type: OutstandingItemType) -> ControlTotal | None:
        return await self.fence.read(control_accounts.control_total, type)


@dataclass(frozen=True, slots=True)
class SqlVerification:
    fence: Fence

    async def derive_fixed_assets(self) -> Counts:
        return await self.fence.write(fixed_assets.derive_fixed_assets)

    async def checks(self) -> list[Check]:
        return await self.fence.read(checks.checks, self.fence.claim.run_id)
