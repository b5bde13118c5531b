"""Matchings: which debit line settles which credit line, as Octopus tells it (octopus.md 2.17), and how far its report
of what is open agrees with them.

Whether Octopus tells that a matching was removed is not known, so its report is the judge: documents less matchings
have to come to what it lists. The comparison is made per booking, type and relation, since the lines of a booking may
be numbered otherwise in the ledger. Amounts of groups and differences are debit positive.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.outstanding_items import OutstandingItemType


class MatchedLine(NamedTuple):
    """A line as Octopus's report names it: -1 is the head line of an invoice."""

    bookyear: int
    journal_key: str
    document_number: int
    line_sequence: int


class MatchedPair(NamedTuple):
    debit: MatchedLine
    credit: MatchedLine


class ItemGroup(NamedTuple):
    """What a booking has on control accounts of a type for one relation (0: none)."""

    type: OutstandingItemType
    bookyear: int
    journal_key: str
    document_number: int
    relation: int

    @property
    def booking_code(self) -> str:
        return f"{self.bookyear}-{self.journal_key}-{self.document_number}"


KIND_OF = {OutstandingItemType.RECEIVABLE: "C", OutstandingItemType.PAYABLE: "S"}
"""Of matchings (octopus.md 2.17)."""
_TYPES = {kind: type for type, kind in KIND_OF.items()}


@dataclass(frozen=True, slots=True)
class Matching:
    """``kind``: C client, S supplier, A account, or what else Octopus writes. ``amount`` is settled of the debit line,
    ``credit_amount`` of the credit line; positive, in the bookkeeping currency. The dates are the documents'."""

    debit: MatchedLine
    credit: MatchedLine
    kind: str
    relation: int | None
    account: int | None
    amount: Decimal
    credit_amount: Decimal
    debit_date: date
    credit_date: date

    @property
    def pair(self) -> MatchedPair:
        return MatchedPair(self.debit, self.credit)

    @property
    def matched_on(self) -> date:
        return max(self.debit_date, self.credit_date)

    @property
    def type(self) -> OutstandingItemType | None:
        return _TYPES.get(self.kind)

    def groups(self, types: Mapping[int, OutstandingItemType]) -> tuple[ItemGroup, ItemGroup] | None:
        """Of its debit and its credit line. ``types``: those of the control accounts. None where it is about neither
        clients nor suppliers."""
        type = types.get(self.account or 0, self.type)
        if type is None:
            return None
        debit, credit = (ItemGroup(type, *line[:3], self.relation or 0) for line in self.pair)
        return debit, credit


class InDoubt(NamedTuple):
    """A matching between two groups in which something is wrong."""

    pair: MatchedPair
    amount: Decimal
    credit_amount: Decimal
    matched_on: date
    debit: ItemGroup
    credit: ItemGroup


def contradicted(matchings: Iterable[InDoubt], differences: Mapping[ItemGroup, Decimal]) -> list[InDoubt]:
    """Those that were removed, though nobody told: both their lines are more open than the matchings say, by as much
    at least. Those that explain a difference to the cent come first, then the newest."""
    left = dict(differences)
    found: dict[InDoubt, None] = {}
    newest_first = sorted(matchings, key=lambda it: (it.matched_on, it.pair), reverse=True)

    def is_contradicted(it: InDoubt, *, to_the_cent: bool) -> bool:
        lacking = -left.get(it.debit, ZERO), left.get(it.credit, ZERO)
        if to_the_cent:
            return lacking == (it.amount, it.credit_amount)
        return lacking[0] >= it.amount and lacking[1] >= it.credit_amount

    for to_the_cent in (True, False):
        for it in newest_first:
            if it not in found and it.debit != it.credit and is_contradicted(it, to_the_cent=to_the_cent):
                found[it] = None
                left[it.debit] += it.amount
                left[it.credit] -= it.credit_amount
    return list(found)


def corrected(before: Mapping[date, Decimal], difference: Decimal, today: date) -> dict[date, Decimal]:
    """The corrections of a group by the day that found them, when documents less matchings are ``difference`` above the
    report. What is new was found today; what is left of an earlier difference was found when the first of it was; what
    the matchings explain after all was none."""
    known = sum(before.values(), ZERO)
    if difference == known:
        return dict(before) if known else {}
    if known and known * difference > 0:
        if abs(difference) > abs(known):
            return {**before, today: before.get(today, ZERO) + difference - known}
        return {min(before): difference}
    return {today: difference} if difference else {}


@dataclass(frozen=True, slots=True)
class Unexplained:
    """What the report shows otherwise than documents less matchings: the groups of one type, how much they come to, and
    some of them. ``amount``: what stands open by documents and matchings alone, positive where a relation owes us
    (RECEIVABLE) or we owe it (PAYABLE)."""

    type: OutstandingItemType
    groups: int
    amount: Decimal
    some: Sequence[tuple[ItemGroup, Decimal]]
