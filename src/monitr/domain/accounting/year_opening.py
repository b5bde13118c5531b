"""Recognising the bookings that open a bookyear, so that balances are never counted twice (decision 12).

Octopus documents no mark for them (octopus.md 4), so they are told by what they are, strongest evidence first:

1. ``SPECIAL_TYPE``, ``PERIOD_ZERO``, ``NO_PERIOD``: a journal type outside 1 to 4, a period 00, or none.
2. ``CONTENT``: a divers booking of the first day that carries the closing of the year before forward, and what
   completes it: the documents that fetch the banks' balances from an account of group 58, and what a second transfer
   added in its journal.
3. ``JOURNAL_NAME``: a divers booking of the first day, in a journal that is named so, that carries most of what the
   closing before it left; where there is no closing before it, the name is enough.
4. ``FIRST_BOOKYEAR``: in a bookyear without predecessor, the divers entry of its first day, and the documents that
   fetch the banks' balances.

A booking with a line in classes 6 to 9 is never one: these classes start every bookyear at zero, so nothing is carried
forward in them (KB/AR 29 April 2019, article 3:1; a reversal of accruals has such lines).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from monitr.domain.accounting.account import account_class, holds_result, is_carried_forward
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.closing_carried import carries_forward, carries_most, is_transfer, total
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, JournalType
from monitr.domain.accounting.money import ZERO

OPENING_ACCOUNT = 588888
"""Counter-account of opening bank balances, and of nothing else (octopus.md 4)."""

NAMED_SO = re.compile(r"open|ouvert|begin|eröff", re.IGNORECASE)
"""INF: the default guess of octopus.md 4 (heropening holds "open", réouverture "ouvert")."""

MOST_SUMS = 4_096
"""How many are tried where documents are looked for that clear an account together."""


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
        candidate.key: evidence
        for candidate in possible
        if (evidence := _evidence(bookyear, candidate, journal_names, previous_closing))
    }
    if previous_closing is None:
        steps: Sequence[_Step] = (_first_entry, _by_way_of_the_opening_account, _fetching_the_banks)
        evidence = Evidence.FIRST_BOOKYEAR
    else:
        steps, evidence = (_fetching_the_banks, _completing), Evidence.CONTENT
    for step in steps:
        opened = [candidate for candidate in possible if candidate.key in found]
        others = [candidate for candidate in possible if candidate.key not in found]
        more = step(bookyear, opened, others, previous_closing or {})
        found |= {candidate.key: evidence for candidate in more}
    return [YearOpening(candidate.key, found[candidate.key]) for candidate in possible if candidate.key in found]


def _evidence(
    bookyear: Bookyear,
    candidate: Candidate,
    journal_names: Mapping[int, str],
    closing: Mapping[int, Decimal] | None,
) -> Evidence | None:
    """Of a booking by itself."""
    if candidate.key.journal_type not in FIRST_LOAD_TYPES:
        return Evidence.SPECIAL_TYPE
    if candidate.periods == {None}:
        return Evidence.NO_PERIOD
    if all(period is not None and period % 100 == 0 for period in candidate.periods):
        return Evidence.PERIOD_ZERO
    if not _is_entry_of_the_first_day(bookyear, candidate):
        return None
    if closing and carries_forward(candidate.sums, closing):
        return Evidence.CONTENT
    if not NAMED_SO.search(journal_names.get(candidate.key.journal_number, "")):
        return None
    return Evidence.JOURNAL_NAME if closing is None or carries_most(candidate.sums, closing) else None


def _is_entry_of_the_first_day(bookyear: Bookyear, candidate: Candidate) -> bool:
    return candidate.key.journal_type == JournalType.DIVERS and candidate.date == bookyear.start


# --- what belongs to an opening besides: each step takes the openings found so far, the others, and the closing -------


_Step = Callable[
    [Bookyear, Sequence[Candidate], Sequence[Candidate], Mapping[int, Decimal]],
    Collection[Candidate],
]


def _first_entry(
    bookyear: Bookyear, opened: Sequence[Candidate], others: Sequence[Candidate], closing: Mapping[int, Decimal]
) -> Collection[Candidate]:
    """Where nothing else opens a first bookyear: of the entries of its first day, the one over most accounts."""
    entries = [candidate for candidate in others if _is_entry_of_the_first_day(bookyear, candidate)]
    largest = max(entries, key=lambda entry: (len(entry.sums), -entry.key.document_number), default=None)
    return () if largest is None or opened else (largest,)


def _by_way_of_the_opening_account(
    bookyear: Bookyear, opened: Sequence[Candidate], others: Sequence[Candidate], closing: Mapping[int, Decimal]
) -> Collection[Candidate]:
    return [candidate for candidate in others if _way_of(candidate) == OPENING_ACCOUNT]


def _fetching_the_banks(
    bookyear: Bookyear, opened: Sequence[Candidate], others: Sequence[Candidate], closing: Mapping[int, Decimal]
) -> Collection[Candidate]:
    """The documents that bring the banks' balances in from an account of group 58, where the entry left them. Transfers
    between banks go over it too: these documents clear together what was left there, to the cent. Those that bring a
    bank in as it closed are believed first."""
    lacking = _lacking(closing, opened)
    found: list[Candidate] = []
    for way in sorted({account for candidate in opened for account in candidate.sums if is_transfer(account)}):
        documents = [one for one in others if _way_of(one) == way and _counts_first(bookyear, one)]
        as_closed = {bank: amount for bank, amount in lacking.items() if bank in closing}
        exact = _of_each_bank(one for one in documents if -one.sums[way] == as_closed.get(_bank_of(one)))
        rest = [one for one in documents if _bank_of(one) not in exact]
        left = -lacking[way]
        still_left = left + sum((one.sums[way] for one in exact.values()), ZERO)
        more = _clearing(still_left, way, rest)
        found += (*exact.values(), *more) if more or not still_left else _clearing(left, way, documents)
    return found


def _completing(
    bookyear: Bookyear, opened: Sequence[Candidate], others: Sequence[Candidate], closing: Mapping[int, Decimal]
) -> Collection[Candidate]:
    """What a second transfer of balances added, where it left the first as it was: entries of the first day in the same
    journal that bring the opening nearer to the closing on every account that they touch, class 14 left out."""
    journals = {one.key.journal_key for one in opened}
    lacking = _lacking(closing, opened)
    found: list[Candidate] = []
    for candidate in others:
        added = {account: amount for account, amount in candidate.sums.items() if amount and not holds_result(account)}
        rest = {account: lacking.get(account, ZERO) for account in added}
        is_nearer = all(abs(rest[account] - amount) < abs(rest[account]) for account, amount in added.items())
        in_place = candidate.key.journal_key in journals and _is_entry_of_the_first_day(bookyear, candidate)
        if in_place and added and is_nearer:
            found.append(candidate)
            lacking = _lacking(closing, [*opened, *found])
    return found


def _lacking(closing: Mapping[int, Decimal], opened: Sequence[Candidate]) -> dict[int, Decimal]:
    """What the openings lack of the closing; of what they have too much, the negative."""
    start = total(candidate.sums for candidate in opened)
    return total([closing, {account: -amount for account, amount in start.items()}])


def _way_of(document: Candidate) -> int | None:
    """The account of group 58 of a document that has lines on it and on one bank account, and no others."""
    ways = [account for account in document.sums if is_transfer(account)]
    banks = [account for account in document.sums if account_class(account) == 5 and not is_transfer(account)]
    is_financial = document.key.journal_type == JournalType.FINANCIAL
    return ways[0] if is_financial and len(ways) == len(banks) == 1 and len(document.sums) == 2 else None


def _bank_of(document: Candidate) -> int:
    """The other account of a document that has a way."""
    return next(account for account in document.sums if not is_transfer(account))


def _counts_first(bookyear: Bookyear, candidate: Candidate) -> bool:
    """In the first period."""
    first = min(bookyear.periods, key=lambda period: period.start, default=None)
    return candidate.date == bookyear.start if first is None else candidate.periods == {first.number}


def _of_each_bank(documents: Iterable[Candidate]) -> dict[int, Candidate]:
    """The earliest."""
    latest_first = sorted(documents, key=lambda document: (document.date, document.key), reverse=True)
    return {_bank_of(document): document for document in latest_first}


def _clearing(left: Decimal, way: int, documents: Sequence[Candidate]) -> Sequence[Candidate]:
    """The earliest documents, one of each bank at most, that take off the account together what is left on it."""
    by_bank: dict[int, list[Candidate]] = defaultdict(list)
    for document in sorted(documents, key=lambda document: (document.date, document.key)):
        by_bank[_bank_of(document)].append(document)
    reached: dict[Decimal, tuple[Candidate, ...]] = {ZERO: ()}
    for own in by_bank.values():
        for taken, chosen in list(reached.items())[:MOST_SUMS]:
            for document in own:
                reached.setdefault(taken - document.sums[way], (*chosen, document))
    return reached.get(left, ())
