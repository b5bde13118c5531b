"""What each check of an import holds against what, and what it says to a bookkeeper (decision 11)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from monitr.domain.accounting.account import account_text, holds_result, is_trade
from monitr.domain.accounting.control_accounts import ControlTotal
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.matchings import ItemGroup, Unexplained
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.verification import AmountsReport, Check, CheckCode, VerificationStatus

SHOWN = 5
"""Findings that a detail names; the others are counted."""

PASSED, WARNING, FAILED = VerificationStatus.PASSED, VerificationStatus.WARNING, VerificationStatus.FAILED


@dataclass(frozen=True, slots=True)
class StoredBooks:
    """What was gathered from all that is stored, in no order. Sums that are zero may be left out.

    ``bookings`` and ``bookyears``: the sum of the lines of each. ``unlisted_accounts``: (bookyear, account) of lines
    whose account the chart of the bookyear does not have. ``unlisted_relations`` and ``unlisted_cost_centres``: those
    of lines that Octopus does not list. ``notes``: what the run has reported, in its order.
    """

    bookings: Mapping[BookingKey, Decimal]
    bookyears: Mapping[int, Decimal]
    unlisted_accounts: Iterable[tuple[int, int]]
    unlisted_relations: Iterable[int]
    unlisted_cost_centres: Iterable[int]
    notes: Sequence[str]

    def checks(self) -> list[Check]:
        bookings = [f"{key.code} is out by {net}" for key, net in sorted(self.bookings.items()) if net]
        years = [f"bookyear {number} is out by {net}" for number, net in sorted(self.bookyears.items()) if net]
        accounts = [
            f"{account_text(number)} in bookyear {bookyear}" for bookyear, number in sorted(self.unlisted_accounts)
        ]
        relations, cost_centres = (
            [str(number) for number in sorted(numbers)]
            for numbers in (self.unlisted_relations, self.unlisted_cost_centres)
        )
        return [
            _check(CheckCode.BOOKINGS_BALANCE, FAILED, "Bookings whose lines do not add up to zero", bookings),
            _check(CheckCode.BOOKYEARS_BALANCE, FAILED, "Bookyears whose lines do not add up to zero", years),
            _check(CheckCode.ACCOUNTS_KNOWN, FAILED, "Booked on accounts that the chart does not have", accounts),
            _check(CheckCode.RELATIONS_KNOWN, WARNING, "Booked with relations that Octopus does not list", relations),
            _check(CheckCode.COST_CENTRES_KNOWN, WARNING, "Booked on cost centres that are not listed", cost_centres),
            _check(CheckCode.RECORDS_READABLE, WARNING, "Records that could not be read, or were repaired", self.notes),
        ]


def _check(code: CheckCode, otherwise: VerificationStatus, title: str, findings: Sequence[str]) -> Check:
    if not findings:
        return Check(code, PASSED)
    rest = f" and {len(findings) - SHOWN} more" if len(findings) > SHOWN else ""
    return Check(code, otherwise, f"{title}: {'; '.join(findings[:SHOWN])}{rest}.")


def without_bookyears(records: Check, unread: Mapping[int, str]) -> Check:
    """The check of the records, where ``unread`` says by bookyear why it could not be read; what was imported of it
    before stays."""
    if records.code is not CheckCode.RECORDS_READABLE or not unread:
        return records
    found = _check(records.code, FAILED, "Bookyears that could not be read", [unread[year] for year in sorted(unread)])
    return found if records.detail is None else replace(found, detail=f"{found.detail} {records.detail}")


def amounts_check(report: AmountsReport | None) -> Check:
    if report is None:
        return Check(
            CheckCode.ACCOUNT_AMOUNTS, VerificationStatus.NOT_AVAILABLE, "Octopus gave no totals to compare with."
        )
    if report.differences:
        return Check(CheckCode.ACCOUNT_AMOUNTS, FAILED, str(report))
    return Check(
        CheckCode.ACCOUNT_AMOUNTS,
        PASSED,
        f"{report.compared} totals per account and period agree; Octopus's are {report.reading}.",
    )


def openings_check(differences: Mapping[int, Mapping[int, Decimal]]) -> Check:
    """An opening may move the result to class 14; anything else is an adjustment, or it was not run again."""
    adjusted = {bookyear: rest for bookyear, accounts in differences.items() if (rest := _adjustments(accounts))}
    if not adjusted:
        return Check(CheckCode.YEAR_OPENINGS, PASSED)
    findings = [
        f"account {account_text(account)} opens bookyear {bookyear} {amount} away from the closing before it"
        for bookyear, rest in adjusted.items()
        for account, amount in sorted(rest.items())
    ]
    return Check(
        CheckCode.YEAR_OPENINGS,
        WARNING,
        f"{listed(findings)}. Run the opening again in Octopus, unless it was adjusted on purpose.",
    )


def _adjustments(difference: Mapping[int, Decimal]) -> Mapping[int, Decimal]:
    """Class 14 belongs to them where the others do not net to zero: it took what they lack."""
    others = {account: amount for account, amount in difference.items() if not holds_result(account)}
    return difference if sum(others.values()) else others


def outstanding_check(totals: Sequence[ControlTotal], closing: Mapping[int, Decimal]) -> Check:
    """The open items against the balance of their control accounts, each side alone unless both share an account."""
    if not any(total.accounts for total in totals):
        return _without_items(closing)
    shared = frozenset[int].intersection(*(total.accounts for total in totals))
    groups = [totals] if shared else [[total] for total in totals]
    findings = [finding for group in groups if (finding := _out_of_balance(group, closing))]
    if not findings:
        return Check(CheckCode.OUTSTANDING_ITEMS, PASSED)
    return Check(CheckCode.OUTSTANDING_ITEMS, FAILED, f"{listed(findings)}.")


def _without_items(closing: Mapping[int, Decimal]) -> Check:
    """No line tells the control accounts: those of the Belgian chart should be settled then."""
    unsettled = {account: amount for account, amount in closing.items() if is_trade(account) and amount}
    if not unsettled:
        return Check(CheckCode.OUTSTANDING_ITEMS, VerificationStatus.NOT_AVAILABLE, "There are no outstanding items.")
    balances = [f"account {account_text(account)} holds {amount}" for account, amount in sorted(unsettled.items())]
    return Check(
        CheckCode.OUTSTANDING_ITEMS,
        WARNING,
        f"Octopus lists no outstanding items behind lines of the ledger, yet {listed(balances)}.",
    )


def _out_of_balance(group: Sequence[ControlTotal], closing: Mapping[int, Decimal]) -> str | None:
    accounts = sorted(frozenset[int]().union(*(total.accounts for total in group)))
    outstanding = sum((total.balance for total in group), ZERO)
    balance = sum((closing.get(account, ZERO) for account in accounts), ZERO)
    if outstanding == balance:
        return None
    names = ", ".join(map(account_text, accounts))
    return f"outstanding items {outstanding}, accounts {names} {balance}, difference {outstanding - balance}"


def matchings_check(unexplained: Sequence[Unexplained]) -> Check:
    """Documents less matchings against Octopus's report of what is open, which counts where they differ."""
    if not unexplained:
        return Check(CheckCode.MATCHINGS, PASSED)
    return Check(
        CheckCode.MATCHINGS,
        WARNING,
        f"Octopus's report is not what documents less matchings leave open: {'; '.join(map(_differing, unexplained))}."
        " The report counts, from the day on which it was found so.",
    )


def _differing(unexplained: Unexplained) -> str:
    """``12 RECEIVABLE items differ by 350.00 (2026-V1-5, relation 16: 100.00; …)``."""
    some = "; ".join(f"{_named(group)}: {amount}" for group, amount in unexplained.some[:SHOWN])
    rest = f"; and {unexplained.groups - SHOWN} more" if unexplained.groups > SHOWN else ""
    noun = "item differs" if unexplained.groups == 1 else "items differ"
    return f"{unexplained.groups} {unexplained.type} {noun} by {unexplained.amount} ({some}{rest})"


def _named(group: ItemGroup) -> str:
    return f"{group.booking_code}, relation {group.relation}"


def listed(findings: Sequence[str]) -> str:
    rest = f"; and {len(findings) - SHOWN} more" if len(findings) > SHOWN else ""
    return "; ".join(findings[:SHOWN]) + rest
