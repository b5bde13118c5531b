"""What Octopus's totals say of lines that may not belong to the books (any more)."""

from collections.abc import Sequence
from enum import Enum

from monitr.domain.accounting.verification import AmountCell, compare_amounts


class Verdict(Enum):
    HELD = "they agree with the lines only"
    GONE = "they agree without the lines only"
    EITHER = "they agree with the lines as without, or there are none"
    NEITHER = "they agree neither way"

    @property
    def is_open(self) -> bool:
        return self in (Verdict.EITHER, Verdict.NEITHER)


def has_totals(cells: Sequence[AmountCell]) -> bool:
    return any(cell.octopus is not None for cell in cells)


def verdicts_on(cells: Sequence[AmountCell], others: Sequence[AmountCell]) -> dict[int, Verdict]:
    """Per bookyear, of the lines that ``cells`` hold and ``others`` do not: by the accounts that they are on."""
    if not has_totals(cells):
        return {}
    held = {(cell.bookyear, cell.period, cell.account): cell.ours for cell in cells}
    touched = {
        (cell.bookyear, cell.account) for cell in others if cell.ours != held[cell.bookyear, cell.period, cell.account]
    }
    wrong_with, wrong_without = (
        {
            difference.bookyear
            for difference in report.differences
            if (difference.bookyear, difference.account) in touched
        }
        for report in (compare_amounts(cells), compare_amounts(others))
    )
    return {
        bookyear: _VERDICTS[bookyear not in wrong_with, bookyear not in wrong_without]
        for bookyear in {bookyear for bookyear, _ in touched}
    }


_VERDICTS = {
    (True, True): Verdict.EITHER,
    (True, False): Verdict.HELD,
    (False, True): Verdict.GONE,
    (False, False): Verdict.NEITHER,
}
"""By: agree with the lines, agree without them."""
