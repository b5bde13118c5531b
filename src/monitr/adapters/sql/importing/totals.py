"""Our sums beside Octopus's own totals, by the periods in which they count."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.verification import AmountCell

_SQL = statements(__file__)


async def amount_cells(
    own: OwnTransaction, bookyears: Sequence[Bookyear], *, without_missing: bool
) -> list[AmountCell]:
    years = {bookyear.number: bookyear for bookyear in bookyears}
    numbers = list(years)
    octopus: dict[tuple[int, int, int], Decimal] = {
        (bookyear, period, account): balance
        for bookyear, period, account, balance in await own.run(_SQL["amounts"], bookyears=numbers)
    }
    named: dict[int, set[int]] = {bookyear.number: set() for bookyear in bookyears}
    for bookyear, period, _ in octopus:
        named[bookyear].add(period)
    ours, opening = _Sums(years, named), _Sums(years, named)
    for row in await own.run(_SQL["sums"], bookyears=numbers):
        ours.add(*row)
    for row in await own.run(_SQL["sums_of_missing"], bookyears=numbers) if without_missing else ():
        ours.add(*row)
    for row in await own.run(_SQL["sums_of_openings"], bookyears=numbers, without_missing=without_missing):
        opening.add(*row)
    return [
        AmountCell(*key, ours.of.get(key, Decimal(0)), opening.of.get(key, Decimal(0)), octopus.get(key))
        for key in ours.of.keys() | octopus.keys()
    ]


class _Sums:
    """Signed sums by (bookyear, period, account), in the periods in which they count."""

    def __init__(self, years: Mapping[int, Bookyear], named: Mapping[int, set[int]]) -> None:
        self.years = years
        self.named = named
        self.of: dict[tuple[int, int, int], Decimal] = {}

    def add(self, bookyear: int, period: int, month: date, account: int, amount: Decimal) -> None:
        counting = self.years[bookyear].counting_period(period, month, self.named[bookyear])
        key = (bookyear, counting, account)
        self.of[key] = self.of.get(key, Decimal(0)) + amount
