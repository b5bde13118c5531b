"""The register of fixed assets: Octopus keeps one but does not expose it (octopus.md 5)."""

from dataclasses import dataclass
from datetime import date

from octopus_sandbox.books.entries import DocumentKey


@dataclass(slots=True)
class Asset:
    """One asset. Its cost is booked on `account`, its depreciation on the account of the group that ends in 9."""

    account: int
    description: str
    acquired: date
    cost_cents: int
    life_months: int
    supplier: int = 0
    document: DocumentKey | None = None
    """The purchase; None where it came in with the first opening."""
    depreciated_cents: int = 0
    disposed: date | None = None

    @property
    def depreciation_account(self) -> int:
        """230000 → 230009."""
        return self.account - self.account % 10 + 9

    def monthly_cents(self) -> int:
        """The linear depreciation of one month, or what is left."""
        return min(round(self.cost_cents / self.life_months), self.cost_cents - self.depreciated_cents)
