"""Our sums beside Octopus's own totals, by the periods in which they count."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.verification import AmountCell
from monitr.domain.organisation import AdministrationId

_SUMS = text("""
    SELECT bookyear, period, month, account, sum(debit - credit) AS amount FROM account_month
    WHERE administration_id = :administration AND bookyear = ANY(CAST(:bookyears AS int[])) GROUP BY 1, 2, 3, 4""")
_OPENED = text("""
    SELECT l.bookyear, coalesce(l.period, 0) AS period, date_trunc('month', l.effective_date)::date AS month, l.account,
           sum(l.amount) AS amount
    FROM year_opening y JOIN ledger_line l USING
         (administration_id, bookyear, journal_type, journal_number, document_number)
    WHERE y.administration_id = :administration AND y.bookyear = ANY(CAST(:bookyears AS int[]))
      AND NOT (:without_missing AND EXISTS (
          SELECT FROM missing_booking m WHERE m.administration_id = :administration AND m.bookyear = l.bookyear
          AND m.journal_type = l.journal_type AND m.journal_number = l.journal_number
          AND m.document_number = l.document_number))
    GROUP BY 1, 2, 3, 4""")
_MISSING = text("""
    SELECT l.bookyear, coalesce(l.period, 0) AS period, date_trunc('month', l.effective_date)::date AS month, l.account,
           -sum(l.amount) AS amount
    FROM missing_booking m JOIN ledger_line l USING
         (administration_id, bookyear, journal_type, journal_number, document_number)
    WHERE m.administration_id = :administration AND m.bookyear = ANY(CAST(:bookyears AS int[])) GROUP BY 1, 2, 3, 4""")
_AMOUNTS = text("""
    SELECT bookyear, period, account, balance FROM account_amount
    WHERE administration_id = :administration AND bookyear = ANY(CAST(:bookyears AS int[]))""")


async def amount_cells(
    connection: AsyncConnection,
    administration: AdministrationId,
    bookyears: Sequence[Bookyear],
    *,
    without_missing: bool,
) -> list[AmountCell]:
    place = {"administration": administration, "bookyears": [bookyear.number for bookyear in bookyears]}
    years = {bookyear.number: bookyear for bookyear in bookyears}
    amounts = await connection.execute(_AMOUNTS, place)
    octopus: dict[tuple[int, int, int], Decimal] = {
        (bookyear, period, account): balance for bookyear, period, account, balance in amounts
    }
    named: dict[int, set[int]] = {bookyear.number: set() for bookyear in bookyears}
    for bookyear, period, _ in octopus:
        named[bookyear].add(period)
    ours, opening = _Sums(years, named), _Sums(years, named)
    for row in await connection.execute(_SUMS, place):
        ours.add(*row)
    for row in await connection.execute(_MISSING, place) if without_missing else ():
        ours.add(*row)
    for row in await connection.execute(_OPENED, {**place, "without_missing": without_missing}):
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
