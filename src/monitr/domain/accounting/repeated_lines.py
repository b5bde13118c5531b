"""Lines that an answer held twice: told from lines that are alike by Octopus's totals (decisions.md, section 6)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import LedgerLine
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.verification import AmountCell


def repetitions(lines: Iterable[LedgerLine]) -> list[LedgerLine]:
    """Of lines that are equal in every field, all but one."""
    return [line for line, copies in Counter(lines).items() for _ in range(copies - 1)]


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
