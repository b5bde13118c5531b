"""Lines that an answer held twice: told from lines that are alike by Octopus's totals (decisions.md, section 6)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import BookingKey, LedgerLine
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.verification import AmountCell


def repetitions(lines: Iterable[LedgerLine]) -> list[LedgerLine]:
    """Of lines that are equal in every field, all but one."""
    return [line for line, copies in Counter(lines).items() for _ in range(copies - 1)]


class Repeating(NamedTuple):
    """A booking with lines that are equal in every field: what its lines come to, and what each counted once."""

    booking: BookingKey
    net: Decimal
    net_once: Decimal

    @property
    def is_whole_only_without(self) -> bool:
        """Then the copies are repetitions. Else lines that are alike are lines of their own."""
        return bool(self.net) and not self.net_once

    @property
    def is_whole_either_way(self) -> bool:
        """Then Octopus's totals have to tell."""
        return not self.net and not self.net_once


def repeating(lines: Sequence[LedgerLine]) -> Repeating | None:
    """Of the lines of one booking; None where no two are alike."""
    once = set(lines)
    if len(once) == len(lines):
        return None
    net, net_once = (sum((line.amount for line in some), ZERO) for some in (lines, once))
    return Repeating(BookingKey(*lines[0][:4]), net, net_once)


def amounts_without(
    cells: Sequence[AmountCell], lines: Iterable[LedgerLine], bookyears: Mapping[int, Bookyear]
) -> list[AmountCell]:
    """The cells as if the lines, which they hold, were not there."""
    sums: dict[tuple[int, int, int], Decimal] = {}
    named: dict[int, set[int]] = {}
    for cell in cells:
        if cell.octopus is not None:
            named.setdefault(cell.bookyear, set()).add(cell.period)
    for line in lines:
        bookyear = bookyears[line.bookyear]
        period = bookyear.counting_period(line.period, line.effective_date, named.get(line.bookyear, ()))
        key = (line.bookyear, period, line.account)
        sums[key] = sums.get(key, ZERO) + line.amount
    return [
        replace(cell, ours=cell.ours - sums.get((cell.bookyear, cell.period, cell.account), ZERO)) for cell in cells
    ]
