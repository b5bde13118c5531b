"""The checks that prove an import, after every run (decision 11)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from monitr.application.importing.ledger.reconcile_ledger import Reconciliation
from monitr.application.importing.ports import ImportStore
from monitr.domain.accounting.checks import (
    amounts_check,
    matchings_check,
    openings_check,
    outstanding_check,
    without_bookyears,
)
from monitr.domain.accounting.control_accounts import ControlTotal
from monitr.domain.accounting.verification import Check, Verification
from monitr.domain.words.sentence import Sentence


async def verify_import(
    store: ImportStore,
    reconciliation: Reconciliation,
    control_totals: Callable[[], Awaitable[Sequence[ControlTotal]]],
    unread: Mapping[int, Sentence],
) -> Verification:
    """``unread``: why bookyears could not be read."""
    checks, totals = await store.verification.checks(), await control_totals()
    return Verification(
        (
            *(without_bookyears(check, unread) for check in checks),
            amounts_check(reconciliation.amounts),
            openings_check(reconciliation.opened.differences),
            outstanding_check(totals, reconciliation.opened.closing),
            *await _matchings(store),
        )
    )


async def _matchings(store: ImportStore) -> list[Check]:
    """Of an Octopus that tells no matchings nothing is worked out that could be held against its report."""
    unexplained = await store.matchings.unexplained()
    return [matchings_check(unexplained)] if not unexplained or await store.matchings.are_known() else []
