"""What accounts/amounts/modified is made of: one figure per bookyear, account and period (octopus.md 2.6)."""

from dataclasses import dataclass
from typing import NamedTuple

from octopus_sandbox.books.entries import Document


class AmountKey(NamedTuple):
    bookyear: int
    account: int
    period: int
    """0 for lines without period."""


@dataclass(slots=True)
class Amount:
    cents: int
    """Debit minus credit of the period."""
    lines: int
    modified: int
    """When a line of it last changed: milliseconds since 1970."""


class AmountBook:
    """The movements of every account and period, kept while documents come and go."""

    def __init__(self) -> None:
        self.amounts: dict[AmountKey, Amount] = {}
        self.deleted: dict[AmountKey, int] = {}
        """Figures whose last line went, with the moment."""
        self._out_by: dict[AmountKey, int] = {}

    def get(self, bookyear: int, account: int, period: int) -> Amount | None:
        return self.amounts.get(AmountKey(bookyear, account, period))

    def of_bookyear(self, bookyear: int) -> list[tuple[AmountKey, Amount]]:
        return [(key, amount) for key, amount in self.amounts.items() if key.bookyear == bookyear]

    def add(self, document: Document) -> None:
        amounts, modified = self.amounts, document.modified
        bookyear, period = document.key.bookyear, document.period or 0
        for line in document.lines:
            key = AmountKey(bookyear, line.account, period)
            amount = amounts.get(key)
            if amount is None:
                amounts[key] = Amount(line.cents, 1, modified)
                self.deleted.pop(key, None)
            else:
                amount.cents += line.cents
                amount.lines += 1
                amount.modified = max(modified, amount.modified)

    def remove(self, document: Document, at: int) -> None:
        for line in document.lines:
            key = AmountKey(document.key.bookyear, line.account, document.period or 0)
            amount = self.amounts[key]
            amount.cents -= line.cents
            amount.lines -= 1
            amount.modified = max(at, amount.modified)
            if not amount.lines:
                del self.amounts[key]
                self._out_by.pop(key, None)
                self.deleted[key] = at

    def misstate(self, key: AmountKey, cents: int, at: int) -> None:
        """Put a figure out by so many cents. KeyError where there is none."""
        amount = self.amounts[key]
        amount.cents += cents
        amount.modified = max(at, amount.modified)
        self._out_by[key] = self._out_by.get(key, 0) + cents

    def mend(self, at: int) -> int:
        """Undo that, wherever the figure is still there; answers how many were out."""
        out = {key: cents for key, cents in self._out_by.items() if cents and key in self.amounts}
        for key, cents in out.items():
            self.amounts[key].cents -= cents
            self.amounts[key].modified = max(at, self.amounts[key].modified)
        self._out_by.clear()
        return len(out)
