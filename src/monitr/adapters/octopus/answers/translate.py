"""From Octopus's lists to the words of the domain. The ledger has its own module, ``ledger.py``."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

import msgspec

from monitr.adapters.octopus.answers.odd_records import UnreadableElement
from monitr.adapters.octopus.answers.ranges import is_amount
from monitr.adapters.octopus.answers.wire import (
    Description,
    Key,
    ListedAccount,
    ListedAmount,
    ListedBookyear,
    ListedCostCentre,
    ListedDossier,
    ListedJournal,
    ListedMatching,
    ListedRelation,
    MatchedDocument,
    MatchingType,
    OpenRow,
)
from monitr.application.octopus import AccountAmount
from monitr.domain.accounting.account import Account, CostCentre, Names, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal, Period
from monitr.domain.accounting.matchings import MatchedLine, MatchedPair, Matching
from monitr.domain.accounting.money import ZERO, to_cents
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType
from monitr.domain.administration import Dossier, DossierNumber

T = TypeVar("T")

_JOURNAL_KEY = re.compile(r"([A-Za-z]{1,16})([0-9]{1,9})", re.ASCII)
_LONGEST_KEY = 40
"""Of a text that is part of a key: an index takes no more than 2,700 bytes."""


def _kept(amount: Decimal) -> Decimal:
    """A sum of amounts, each of which can be kept."""
    if not is_amount(amount):
        raise UnreadableElement(f"an amount of {amount} cannot be kept")
    return to_cents(amount)


def vat_number(text: str | None) -> str | None:
    """``BE0895747092``: without dots and spaces, in capitals; None where nothing is left (octopus.md 2.8)."""
    return "".join(character for character in text or "" if character.isalnum()).upper() or None


def names(description: Description | None) -> Names:
    if description is None:
        return Names()
    return Names(description.nl or "", description.fr or "", description.en or "", description.de or "")


def a_dossier(listed: ListedDossier) -> Dossier:
    number = DossierNumber(listed.dossier_key.id)
    return Dossier(number, (listed.dossier_description or "").strip() or f"{number}", vat_number(listed.vat_nr))


def a_bookyear(listed: ListedBookyear) -> Bookyear:
    number = listed.bookyear_key.id
    if listed.end_date < listed.start_date:
        raise UnreadableElement(f"bookyear {number}: endDate {listed.end_date} before startDate {listed.start_date}")
    periods = (Period(period.bookyear_period, period.start_date, period.end_date) for period in listed.periods or ())
    return Bookyear(
        number,
        (listed.bookyear_description or "").strip() or f"{number}",
        listed.start_date,
        listed.end_date,
        bool(listed.closed),
        tuple(sorted(periods, key=lambda period: (period.start, period.number))),
    )


def a_journal(listed: ListedJournal) -> Journal:
    key = _JOURNAL_KEY.fullmatch(listed.journal_key.strip())
    if key is None:
        raise UnreadableElement(f"journalKey {listed.journal_key[:40]!r} is no letter and number")
    return Journal(
        listed.bookyear_key.id,
        key[1],
        int(key[2]),
        (listed.name or "").strip() or listed.journal_key,
        bool(listed.closed),
        listed.currency_code or None,
    )


def an_account(listed: ListedAccount) -> Account:
    return Account(listed.account_key.bookyear_key.id, listed.account_key.id, names(listed.description))


def a_cost_centre(listed: ListedCostCentre) -> CostCentre:
    return CostCentre(listed.cost_centre_key.id, names(listed.description), bool(listed.closed))


def a_relation(listed: ListedRelation) -> Relation:
    """Without a flag it is taken as active: Octopus omits what is null, and lists active ones (octopus.md 2.8)."""
    number = listed.relation_identification_service_data.relation_key.id
    return Relation(
        number,
        (listed.name or "").strip() or (listed.first_name or "").strip() or f"{number}",
        vat_number(listed.vat_nr),
        (listed.country or "").strip().upper() or None,
        bool(listed.client),
        bool(listed.supplier),
        listed.active is not False,
    )


def an_account_amount(listed: ListedAmount) -> AccountAmount:
    """Period 0 where Octopus names none."""
    if listed.balance is None:
        raise UnreadableElement(f"account {listed.account_amount_key.account_key.id}: balance is missing")
    account, period = listed.account_amount_key.account_key, listed.account_amount_key.bookyear_period_key
    number = period.bookyear_period_nr if period is not None else None
    return AccountAmount(account.bookyear_key.id, number or 0, account.id, to_cents(listed.balance))


def a_deleted_amount(listed: ListedAmount) -> AccountAmount:
    """Its key; whether a figure comes with it is unknown, and it means nothing."""
    return an_account_amount(msgspec.structs.replace(listed, balance=ZERO))


def a_matching(listed: ListedMatching) -> Matching:
    """What one side does not say, the other does: amount and date. Which side is which tells the direction, so that the
    signs of the amounts mean nothing."""
    debit, credit = listed.debet_document, listed.credit_document
    amounts = listed.debet_balanced_booking_amount, listed.credit_balanced_booking_amount
    amount, credit_amount = _one_for_another("debetBalancedBookingAmount", *amounts)
    debit_date, credit_date = _one_for_another("documentDate", debit.document_date, credit.document_date)
    of = listed.type or MatchingType()
    return Matching(
        *a_matched_pair(listed),
        of.type or "",
        _number(of.relation_key),
        of.account_nr or None,
        abs(to_cents(amount)),
        abs(to_cents(credit_amount)),
        debit_date,
        credit_date,
    )


def a_matched_pair(listed: ListedMatching) -> MatchedPair:
    """Its key."""
    return MatchedPair(_matched_line(listed.debet_document), _matched_line(listed.credit_document))


def _matched_line(document: MatchedDocument) -> MatchedLine:
    key = document.balancing_key
    journal = _journal_key(key.journal_key)
    return MatchedLine(key.bookyear_key.id, journal, key.document_sequence_nr, key.line_sequence_nr or 0)


def _journal_key(written: str) -> str:
    if len(written) > _LONGEST_KEY:
        raise UnreadableElement(f"journalKey {written[:_LONGEST_KEY]!r} is no key")
    return written


def _number(key: Key | None) -> int | None:
    """Octopus writes 0 for none, or leaves it out."""
    return (key.id or None) if key is not None else None


def _one_for_another(name: str, one: T | None, other: T | None) -> tuple[T, T]:
    first, second = (one if one is not None else other), (other if other is not None else one)
    if first is None or second is None:
        raise UnreadableElement(f"{name} is missing")
    return first, second


def open_item(type: OutstandingItemType) -> Callable[[OpenRow], OutstandingItem]:
    """Rows of the report of that type. Positive: the relation owes us (RECEIVABLE), or we owe it (PAYABLE).

    The direction comes from debit and credit alone, because the sign of ``openBookingAmount`` is inferred (octopus.md
    2.13): the open part has the sign of the whole. Where the whole is zero, the raw sign is all there is.
    """
    is_receivable = type is OutstandingItemType.RECEIVABLE

    def directed(debit: Decimal | None, credit: Decimal | None) -> Decimal:
        ours, theirs = (debit, credit) if is_receivable else (credit, debit)
        return _kept((ours or ZERO) - (theirs or ZERO))

    def like(whole: Decimal, open_part: Decimal) -> Decimal:
        if whole == 0:
            return to_cents(open_part if is_receivable else -open_part)
        return to_cents(abs(open_part) if whole > 0 else -abs(open_part))

    def translate(row: OpenRow) -> OutstandingItem:
        booked = row.debet_booking_amount, row.credit_booking_amount
        in_currency = row.debet_document_amount, row.credit_document_amount
        amount = directed(*booked)
        outstanding = like(amount, row.open_booking_amount)
        currency_outstanding: Decimal | None
        if in_currency == booked and row.open_doc_amount == row.open_booking_amount:  # most are in euro
            currency_amount, currency_outstanding = amount, outstanding
        else:
            currency_amount = directed(*in_currency)
            currency_outstanding = None if row.open_doc_amount is None else like(currency_amount, row.open_doc_amount)
        return OutstandingItem(
            type,
            row.bookyear_key.id,
            _journal_key(row.journal_key),
            row.document_sequence_nr,
            row.line_sequence_nr or 0,
            _number(row.relation_key),
            row.document_date,
            row.expiration_date,
            amount,
            outstanding,
            row.currency_code or "EUR",
            None if in_currency == (None, None) else currency_amount,
            currency_outstanding,
            row.comment or None,
            row.reference or None,
        )

    return translate
