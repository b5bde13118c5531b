"""The checks that prove an import, after every run (decision 11)."""

import asyncio
from collections.abc import Awaitable, Sequence

from monitr.application.importing.import_store import ImportStore
from monitr.application.importing.reconcile_ledger import Reconciliation
from monitr.domain.accounting.checks import amounts_check, openings_check, outstanding_check
from monitr.domain.accounting.control_accounts import ControlTotal
from monitr.domain.accounting.verification import Verification


async def verify_import(
    store: ImportStore, reconciliation: Reconciliation, control_totals: Awaitable[Sequence[ControlTotal]]
) -> Verification:
    checks, totals = await asyncio.gather(store.checks(), control_totals)
    return Verification(
        (
            *checks,
            amounts_check(reconciliation.amounts),
            openings_check(reconciliation.opened.differences),
            outstanding_check(totals, reconciliation.opened.closing),
        )
    )
