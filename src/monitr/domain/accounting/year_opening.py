"""Recognising the bookings that open a bookyear, so that balances are never counted twice (decision 12).

Octopus documents no mark for them (octopus.md 4), so they are told by what they are, strongest evidence first:

1. ``SPECIAL_TYPE``, ``PERIOD_ZERO``, ``NO_PERIOD``: a journal type outside 1 to 4, a period 00, or none.
2. ``CONTENT``: a divers booking of the first day whose sums per account repeat the closing of the year before.
3. ``JOURNAL_NAME``: a divers booking in the first period of a journal that is named so.
4. ``FIRST_BOOKYEAR``: in a bookyear without predecessor, the divers entry of its first day, and the transfer of a
   bank's opening balance over 588888 (the practice of Octopus's manual).

A booking with a line in classes 6 to 9 is never one: these classes start every bookyear at zero, so nothing is carried
forward in them (KB/AR 29 April 2019, article 3:1; a reversal of accruals has such lines).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from monitr.domain.accounting.account import account_class, holds_result, is_carried_forward
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, JournalType

TRANSFER_ACCOUNT = 588888
"""Counter-account of opening bank balances (octopus.md 4); it clears itself."""

NAMED_SO = re.compile(r"open|ouvert|begin|eröff", re.IGNORECASE)
"""INF: the default guess of octopus.md 4 (heropening holds "open", réouverture "ouvert")."""

REPEATED_AT_LEAST = 3
"""A late booking in the year before touches two or three accounts, more than a tenth of a small company's: more than
half, and at least so many, are enough (adr/0008)."""


class Evidence(StrEnum):
    SPECIAL_TYPE = "SPECIAL_TYPE"
    PERIOD_ZERO = "PERIOD_ZERO"
    NO_PERIOD = "NO_PERIOD"
    CONTENT = "CONTENT"
    JOURNAL_NAME = "JOURNAL_NAME"
    FIRST_BOOKYEAR = "FIRST_BOOKYEAR"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A booking that might open its bookyear. ``sums``: signed, per account; ``periods``: of its lines."""

    key: BookingKey
    date: date
    periods: frozenset[int | None]
    sums: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class YearOpening:
    key: BookingKey
    evidence: Evidence


def recognise(
    bookyear: Bookyear,
    candidates: Sequence[Candidate],
    journal_names: Mapping[int, str],
    previous_closing: Mapping[int, Decimal] | None,
) -> list[YearOpening]:
    """The openings among the candidates.

    ``journal_names`` are those of the bookyear's divers journals by number; ``previous_closing`` is the balance per
    account of classes 0 to 5 at the end of the year before, None where there is no such year (or it is not read yet).
    """
    possible = [candidate for candidate in candidates if all(map(is_carried_forward, candidate.sums))]
    found = {
        candidate.key: YearOpening(candidate.key, evidence)
        for candidate in possible
        if (evidence := _evidence(bookyear, candidate, journal_names, previous_closing))
    }
    if previous_closing is None:
        for candidate in _openings_of_a_first_bookyear(bookyear, possible, has_opening=bool(found)):
            found.setdefault(candidate.key, YearOpening(candidate.key, Evidence.FIRST_BOOKYEAR))
    return [found[candidate.key] for candidate in possible if candidate.key in found]


def _evidence(
    bookyear: Bookyear,
    candidate: Candidate,
    journal_names: Mapping[int, str],
    previous_closing: Mapping[int, Decimal] | None,
) -> Evidence | None:
    if candidate.key.journal_type not in FIRST_LOAD_TYPES:
        return Evidence.SPECIAL_TYPE
    if candidate.periods == {None}:
        return Evidence.NO_PERIOD
    if all(period is not None and period % 100 == 0 for period in candidate.periods):
        return Evidence.PERIOD_ZERO
    if candidate.key.journal_type != JournalType.DIVERS:
        return None
    if candidate.date == bookyear.start and previous_closing and repeats(candidate.sums, previous_closing):
        return Evidence.CONTENT
    named_so = NAMED_SO.search(journal_names.get(candidate.key.journal_number, ""))
    return Evidence.JOURNAL_NAME if named_so and _is_in_first_period(bookyear, candidate) else None


def repeats(sums: Mapping[int, Decimal], closing: Mapping[int, Decimal]) -> bool:
    """Whether a booking carries a closing forward: at least nine tenths of the accounts agree, in both directions, or
    more than half where that is not too few to tell. Of one account or two, nine tenths are all.

    Class 14 is left out where there is anything else: the result of the year is moved there by the opening.
    """
    opened, closed = _comparable(sums), _comparable(closing)
    agreeing = sum(1 for account, amount in closed.items() if opened.get(account) == amount)
    if agreeing < REPEATED_AT_LEAST:
        return 0 < agreeing == len(opened) == len(closed)
    return 2 * agreeing > max(len(opened), len(closed))


def _comparable(balances: Mapping[int, Decimal]) -> dict[int, Decimal]:
    with_balance = {account: amount for account, amount in balances.items() if amount and is_carried_forward(account)}
    without_result = {account: amount for account, amount in with_balance.items() if not holds_result(account)}
    return without_result or with_balance


def _is_in_first_period(bookyear: Bookyear, candidate: Candidate) -> bool:
    first = min(bookyear.periods, key=lambda period: period.start, default=None)
    if first is None:
        return candidate.date == bookyear.start
    return candidate.periods == {first.number} or first.start <= candidate.date <= first.end


def _openings_of_a_first_bookyear(
    bookyear: Bookyear, possible: Sequence[Candidate], *, has_opening: bool
) -> list[Candidate]:
    entries = [
        candidate
        for candidate in possible
        if candidate.key.journal_type == JournalType.DIVERS and candidate.date == bookyear.start
    ]
    largest = max(entries, key=lambda entry: (len(entry.sums), -entry.key.document_number), default=None)
    entry = [largest] if largest is not None and not has_opening else []
    return entry + [candidate for candidate in possible if _is_bank_opening(candidate)]


def _is_bank_opening(candidate: Candidate) -> bool:
    """All lines on 588888 and one bank account: the bank of the journal, which every booking in it has a line on."""
    others = candidate.sums.keys() - {TRANSFER_ACCOUNT}
    return (
        candidate.key.journal_type == JournalType.FINANCIAL
        and TRANSFER_ACCOUNT in candidate.sums
        and len(others) == 1
        and all(account_class(account) == 5 for account in others)
    )
