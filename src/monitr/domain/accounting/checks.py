"""What each check of an import holds against what, and what it says to a bookkeeper (decision 11)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from monitr.domain.accounting.account import account_text, holds_result, is_trade
from monitr.domain.accounting.control_accounts import ControlTotal
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.matchings import Unexplained
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.accounting.verification import AmountsReport, Check, CheckCode, VerificationStatus
from monitr.domain.words.sentence import Part, Sentence

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
    notes: Sequence[Sentence]

    def checks(self) -> list[Check]:
        bookings = [
            Sentence.of("BOOKING_OUT", booking=key.code, net=net) for key, net in sorted(self.bookings.items()) if net
        ]
        years = [
            Sentence.of("BOOKYEAR_OUT", bookyear=number, net=net)
            for number, net in sorted(self.bookyears.items())
            if net
        ]
        accounts = [
            Sentence.of("ACCOUNT_IN_BOOKYEAR", account=account_text(number), bookyear=bookyear)
            for bookyear, number in sorted(self.unlisted_accounts)
        ]
        relations, cost_centres = (
            [Sentence.of("NUMBERED", number=number) for number in sorted(numbers)]
            for numbers in (self.unlisted_relations, self.unlisted_cost_centres)
        )
        return [
            _check(CheckCode.BOOKINGS_BALANCE, FAILED, bookings),
            _check(CheckCode.BOOKYEARS_BALANCE, FAILED, years),
            _check(CheckCode.ACCOUNTS_KNOWN, FAILED, accounts),
            _check(CheckCode.RELATIONS_KNOWN, WARNING, relations),
            _check(CheckCode.COST_CENTRES_KNOWN, WARNING, cost_centres),
            _check(CheckCode.RECORDS_READABLE, WARNING, self.notes),
        ]


def _check(code: CheckCode, otherwise: VerificationStatus, findings: Sequence[Sentence]) -> Check:
    return Check.of(code, otherwise, **_and_more(findings, "AND_MORE")) if findings else Check(code, PASSED)


def _and_more(findings: Sequence[Sentence], key: str, of: int | None = None) -> dict[str, Part]:
    """The first, and how many more there are: ``of`` in all, where not all of them are given."""
    more = (len(findings) if of is None else of) - SHOWN
    return {"findings": findings[:SHOWN], "more": Sentence.of(key, count=more) if more > 0 else None}


def without_bookyears(records: Check, unread: Mapping[int, Sentence]) -> Check:
    """The check of the records, where ``unread`` says by bookyear why it could not be read; what was imported of it
    before stays."""
    if records.code is not CheckCode.RECORDS_READABLE or not unread:
        return records
    odd = records.sentence and replace(records.sentence, key="ALSO_RECORDS")
    return Check.of(
        records.code, FAILED, **_and_more([unread[year] for year in sorted(unread)], "AND_MORE"), records=odd
    )


def amounts_check(report: AmountsReport | None) -> Check:
    if report is None:
        return Check.of(CheckCode.ACCOUNT_AMOUNTS, VerificationStatus.NOT_AVAILABLE)
    return report.check


def openings_check(differences: Mapping[int, Mapping[int, Decimal]]) -> Check:
    """An opening may move the result to class 14; anything else is an adjustment, or it was not run again."""
    adjusted = {bookyear: rest for bookyear, accounts in differences.items() if (rest := _adjustments(accounts))}
    if not adjusted:
        return Check(CheckCode.YEAR_OPENINGS, PASSED)
    findings = [
        Sentence.of("OPENS_AWAY", account=account_text(account), bookyear=bookyear, difference=amount)
        for bookyear, rest in adjusted.items()
        for account, amount in sorted(rest.items())
    ]
    return Check.of(CheckCode.YEAR_OPENINGS, WARNING, **_and_more(findings, "ALSO_MORE"))


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
    return Check.of(CheckCode.OUTSTANDING_ITEMS, FAILED, **_and_more(findings, "ALSO_MORE"))


def _without_items(closing: Mapping[int, Decimal]) -> Check:
    """No line tells the control accounts: those of the Belgian chart should be settled then."""
    unsettled = {account: amount for account, amount in closing.items() if is_trade(account) and amount}
    if not unsettled:
        return Check.of(CheckCode.OUTSTANDING_ITEMS, VerificationStatus.NOT_AVAILABLE)
    balances = [
        Sentence.of("ACCOUNT_HOLDS", account=account_text(account), balance=amount)
        for account, amount in sorted(unsettled.items())
    ]
    return Check.of(CheckCode.OUTSTANDING_ITEMS, WARNING, **_and_more(balances, "ALSO_MORE"))


def _out_of_balance(group: Sequence[ControlTotal], closing: Mapping[int, Decimal]) -> Sentence | None:
    accounts = sorted(frozenset[int]().union(*(total.accounts for total in group)))
    outstanding = sum((total.balance for total in group), ZERO)
    balance = sum((closing.get(account, ZERO) for account in accounts), ZERO)
    if outstanding == balance:
        return None
    names = ", ".join(map(account_text, accounts))
    return Sentence.of(
        "ITEMS_OUT", items=outstanding, accounts=names, balance=balance, difference=outstanding - balance
    )


def matchings_check(unexplained: Sequence[Unexplained]) -> Check:
    """Documents less matchings against Octopus's report of what is open, which counts where they differ."""
    if not unexplained:
        return Check(CheckCode.MATCHINGS, PASSED)
    return Check.of(CheckCode.MATCHINGS, WARNING, findings=[_differing(one) for one in unexplained])


def _differing(unexplained: Unexplained) -> Sentence:
    """``12 RECEIVABLE items differ by 350.00 (2026-V1-5, relation 16: 100.00; …)``."""
    some = [
        Sentence.of("ITEM_DIFFERS", booking=group.booking_code, relation=group.relation, amount=amount)
        for group, amount in unexplained.some
    ]
    return Sentence.of(
        "RECEIVABLES_DIFFER" if unexplained.type is OutstandingItemType.RECEIVABLE else "PAYABLES_DIFFER",
        count=unexplained.groups,
        amount=unexplained.amount,
        **_and_more(some, "ALSO_MORE", unexplained.groups),
    )
