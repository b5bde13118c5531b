"""What was sold or bought in the year up to a day, for days outstanding (``domain.accounting.days_outstanding``)."""

import asyncio
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text

from monitr.adapters.sql.database.tenancy import OWN_ADMINISTRATION
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.application.reading.ledger import LOOKED_AT
from monitr.domain.accounting.days_outstanding import TRADE, year_up_to
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.organisation import AdministrationId

_IN_GROUPS = "left(lpad(ltrim(CAST(account AS text), '-'), 6, '0'), 3) = ANY (CAST(:groups AS text[]))"

# Whole months from the kept sums; of a month that a boundary parts, the lines on those accounts.
#
# The plan relied on: one pass over the administration's rows of account_month, and for each parted month and account
# an Index Scan on ix_ledger_line_account.
_TRADED = text(f"""
    WITH kept AS MATERIALIZED (
        SELECT month, account, journal_type, debit - credit AS amount
        FROM account_month
        WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND {_IN_GROUPS}
          AND month BETWEEN :first AND :last
    ),
    parted AS (
        SELECT line.effective_date AS day, line.account, line.journal_type, line.amount
        FROM unnest(CAST(:parted_months AS date[]), CAST(:parted_ends AS date[])) AS p (first_day, last_day)
        CROSS JOIN LATERAL (SELECT DISTINCT account FROM kept WHERE month = p.first_day) AS on_account
        CROSS JOIN LATERAL (
            SELECT effective_date, account, journal_type, amount
            FROM ledger_line
            WHERE administration_id = :administration AND account = on_account.account
              AND effective_date BETWEEN p.first_day AND p.last_day
            OFFSET 0
        ) AS line
    )
    SELECT width_bucket(day, CAST(:boundaries AS date[])) AS span, account, journal_type, sum(amount) AS amount
    FROM (
        SELECT month AS day, account, journal_type, amount
        FROM kept
        WHERE month <> ALL (CAST(:parted_months AS date[]))
        UNION ALL
        SELECT day, account, journal_type, amount FROM parted
    ) AS booked
    GROUP BY 1, 2, 3
""")

# Plan: as above, one pass over account_month.
_LINES = text(f"""
    SELECT coalesce(sum(lines), 0)
    FROM account_month
    WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND {_IN_GROUPS}
      AND month = ANY (CAST(:parted_months AS date[]))
""")

_Booked = tuple[int, int, Decimal]
"""Account, journal type, amount."""


class TradeQueries(Queries):
    async def _traded(
        self, id: AdministrationId, type: OutstandingItemType, days: Sequence[date]
    ) -> Mapping[date, Sequence[_Booked]]:
        """What was booked in the year up to each day, on accounts among which the domain chooses. Raises TooManyLines
        of the months that are parted."""
        years = {day: year_up_to(day) for day in days}
        boundaries = sorted({day for first, last in years.values() for day in (first, last + timedelta(days=1))})
        parted = sorted({day.replace(day=1) for day in boundaries if day.day > 1})
        asked = {
            "administration": id,
            "groups": TRADE[type].all_groups,
            "boundaries": boundaries,
            "first": boundaries[0].replace(day=1),
            "last": boundaries[-1],
            "parted_months": parted,
            "parted_ends": [month.replace(day=monthrange(month.year, month.month)[1]) for month in parted],
        }
        if parted and self.snapshot.effort.is_limited:
            ((lines,),) = await self.snapshot.rows(_LINES, asked)
            self.snapshot.effort.spend(int(lines), LOOKED_AT)
        rows = await self.snapshot.rows(_TRADED, asked)
        return await asyncio.to_thread(_by_day, years, boundaries, rows)


def _by_day(
    years: Mapping[date, tuple[date, date]], boundaries: Sequence[date], rows: Sequence[Row[Any]]
) -> Mapping[date, Sequence[_Booked]]:
    starts, booked = [date.min, *boundaries], list(map(tuple, rows))
    return {
        day: [(account, journal, amount) for span, account, journal, amount in booked if first <= starts[span] <= last]
        for day, (first, last) in years.items()
    }
