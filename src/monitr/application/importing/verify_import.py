"""The checks that prove an import, after every run (decision 11)."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from decimal import Decimal

from monitr.application.importing.import_store import ControlTotal, ImportStore
from monitr.application.importing.reconcile_ledger import Reconciliation
from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.accounting.verification import AmountsReport, Check, CheckCode, Verification, VerificationStatus

SHOWN = 5
"""Differences that a detail names; the others are counted."""

RESULT_CLASS = 14
"""The result of a bookyear is moved to an account of this class."""

TRADE_ACCOUNTS = (400, 440)
"""Trade debtors and trade creditors, by their first three digits (KB/AR 21 October 2018)."""


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


def amounts_check(report: AmountsReport | None) -> Check:
    if report is None:
        return Check(
            CheckCode.ACCOUNT_AMOUNTS, VerificationStatus.NOT_AVAILABLE, "Octopus gave no totals to compare with."
        )
    if report.differences:
        return Check(CheckCode.ACCOUNT_AMOUNTS, VerificationStatus.FAILED, str(report))
    return Check(
        CheckCode.ACCOUNT_AMOUNTS,
        VerificationStatus.PASSED,
        f"{report.compared} totals per account and period agree; Octopus's are {report.reading}.",
    )


def openings_check(differences: Mapping[int, Mapping[int, Decimal]]) -> Check:
    """An opening may move the result to class 14; anything else is an adjustment, or it was not run again."""
    adjusted = {bookyear: rest for bookyear, accounts in differences.items() if (rest := _adjustments(accounts))}
    if not adjusted:
        return Check(CheckCode.YEAR_OPENINGS, VerificationStatus.PASSED)
    findings = [
        f"account {account_text(account)} opens bookyear {bookyear} {amount} away from the closing before it"
        for bookyear, rest in adjusted.items()
        for account, amount in sorted(rest.items())
    ]
    return Check(
        CheckCode.YEAR_OPENINGS,
        VerificationStatus.WARNING,
        f"{listed(findings)}. Run the opening again in Octopus, unless it was adjusted on purpose.",
    )


def _adjustments(difference: Mapping[int, Decimal]) -> Mapping[int, Decimal]:
    moved = sum(difference.values(), ZERO)
    to_result = sum((amount for account, amount in difference.items() if account // 10_000 == RESULT_CLASS), ZERO)
    others = {account: amount for account, amount in difference.items() if account // 10_000 != RESULT_CLASS}
    return others if to_result == moved and not others else difference if to_result != moved else others


def outstanding_check(totals: Sequence[ControlTotal], closing: Mapping[int, Decimal]) -> Check:
    """The open items against the balance of their control accounts, each side alone unless both share an account."""
    if not any(total.accounts for total in totals):
        return _without_items(closing)
    accounts = [total.accounts for total in totals]
    shared = len(totals) > 1 and bool(accounts[0].intersection(*accounts))
    groups = [list(totals)] if shared else [[total] for total in totals]
    findings = [finding for group in groups if (finding := _out_of_balance(group, closing))]
    if not findings:
        return Check(CheckCode.OUTSTANDING_ITEMS, VerificationStatus.PASSED)
    return Check(CheckCode.OUTSTANDING_ITEMS, VerificationStatus.FAILED, f"{listed(findings)}.")


def _without_items(closing: Mapping[int, Decimal]) -> Check:
    """No line tells the control accounts: those of the Belgian chart should be settled then."""
    unsettled = {
        account: amount for account, amount in closing.items() if account // 1_000 in TRADE_ACCOUNTS and amount
    }
    if not unsettled:
        return Check(CheckCode.OUTSTANDING_ITEMS, VerificationStatus.NOT_AVAILABLE, "There are no outstanding items.")
    balances = [f"account {account_text(account)} holds {amount}" for account, amount in sorted(unsettled.items())]
    return Check(
        CheckCode.OUTSTANDING_ITEMS,
        VerificationStatus.WARNING,
        f"Octopus lists no outstanding items behind lines of the ledger, yet {listed(balances)}.",
    )


def _out_of_balance(group: Sequence[ControlTotal], closing: Mapping[int, Decimal]) -> str | None:
    accounts = sorted(frozenset[int]().union(*(total.accounts for total in group)))
    outstanding = sum((_signed(total) for total in group), ZERO)
    balance = sum((closing.get(account, ZERO) for account in accounts), ZERO)
    if outstanding == balance:
        return None
    names = ", ".join(map(account_text, accounts))
    return f"outstanding items {outstanding}, accounts {names} {balance}, difference {outstanding - balance}"


def _signed(total: ControlTotal) -> Decimal:
    return total.outstanding if total.type is OutstandingItemType.RECEIVABLE else -total.outstanding


def listed(findings: Sequence[str]) -> str:
    rest = f"; and {len(findings) - SHOWN} more" if len(findings) > SHOWN else ""
    return "; ".join(findings[:SHOWN]) + rest
