"""The books as the rules of balances take them (``domain.accounting.balances``): one statement, sums of whole months.

``account_month`` holds all lines and ``opening_balance`` those of the openings; what is left are the movements. A month
that a boundary parts (a span that begins inside it) is summed from its ledger lines instead.
"""

import asyncio
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, select, text

from monitr.adapters.sql.database.tables import account_month
from monitr.adapters.sql.database.tenancy import of_administration
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.application.reading.ledger import SUMMED
from monitr.application.reading.reports import MOST_SUMS, TooManySums
from monitr.domain.accounting.balances import Books, BookyearStart, Movement, OpeningEntry, as_if_open
from monitr.domain.organisation import AdministrationId

_FEW = 4
"""Boundaries of which the sums are rendered in one go: a span, and the one that it is compared with."""

# Whose books they are is asked once, of the years: all other rows hang on them.
#
# The days from one boundary to the next are one row, and so are those before the first; nothing parts them.
#
# The plan relied on (PostgreSQL 15, as monitr_tenant): one pass over the administration's rows of account_month, by
# pk_account_month or, where it owns most of the table, a Seq Scan; HashAggregate; and for a parted month
#   Nested Loop
#     ->  Function Scan on parted
#     ->  Bitmap Index Scan on ix_ledger_line_newest
#           Index Cond: administration_id = … AND effective_date >= first_day AND effective_date <= last_day
# Without one the inner side is never executed. The cost follows the months and accounts, not the lines.
_BOOKS = text("""
    WITH year AS (
        SELECT bookyear.number, bookyear.start_date, bookyear.end_date,
               EXISTS (
                   SELECT FROM year_opening
                   WHERE year_opening.administration_id = :administration
                     AND year_opening.bookyear = bookyear.number
               ) AS opened
        FROM administration
        JOIN bookyear ON bookyear.administration_id = administration.id
        WHERE administration.id = :administration AND administration.organisation_id = :organisation
          AND bookyear.start_date >= administration.complete_from
    ),
    whole_month AS (
        SELECT bookyear, month AS day, account, cost_centre, debit, credit
        FROM account_month
        WHERE administration_id = :administration AND month <> ALL (CAST(:parted_months AS date[]))
        UNION ALL
        SELECT bookyear, month, account, cost_centre, -debit, -credit
        FROM opening_balance
        WHERE administration_id = :administration AND month <> ALL (CAST(:parted_months AS date[]))
    ),
    parted_month AS (
        SELECT bookyear, effective_date AS day, account, coalesce(cost_centre, 0) AS cost_centre,
               greatest(amount, 0) AS debit, greatest(-amount, 0) AS credit
        FROM unnest(CAST(:parted_months AS date[]), CAST(:parted_ends AS date[])) AS parted (first_day, last_day)
        JOIN ledger_line
          ON ledger_line.administration_id = :administration
         AND ledger_line.effective_date BETWEEN parted.first_day AND parted.last_day
        WHERE (bookyear, journal_type, journal_number, document_number) NOT IN (
            SELECT bookyear, journal_type, journal_number, document_number
            FROM year_opening
            WHERE administration_id = :administration
        )
    ),
    movement AS (
        SELECT bookyear, account,
               CASE WHEN :by_cost_centre THEN cost_centre ELSE 0 END AS cost_centre,
               width_bucket(day, CAST(:boundaries AS date[])) AS span,
               sum(debit) AS debit, sum(credit) AS credit
        FROM (SELECT * FROM whole_month UNION ALL SELECT * FROM parted_month) AS line
        WHERE CAST(:prefixes AS text[]) IS NULL
           OR left(lpad(ltrim(CAST(account AS text), '-'), 6, '0'), :prefix_length) = ANY (CAST(:prefixes AS text[]))
        GROUP BY 1, 2, 3, 4
    ),
    opening AS (
        SELECT bookyear, account, sum(debit) AS debit, sum(credit) AS credit
        FROM opening_balance
        WHERE administration_id = :administration
          AND (CAST(:prefixes AS text[]) IS NULL
               OR left(lpad(ltrim(CAST(account AS text), '-'), 6, '0'), :prefix_length)
                  = ANY (CAST(:prefixes AS text[])))
        GROUP BY 1, 2
    )
    SELECT year.number AS bookyear, account, cost_centre, span, debit, credit,
           year.start_date, year.end_date, year.opened
    FROM year
    LEFT JOIN (
        SELECT bookyear, account, cost_centre, span, debit, credit FROM movement
        UNION ALL
        SELECT bookyear, account, NULL, NULL, debit, credit FROM opening
    ) AS sums ON sums.bookyear = year.number
""")


# Plan: as above, one pass over account_month.
_LINES_OF_MONTHS = select(func.coalesce(func.sum(account_month.c.lines), 0)).where(
    of_administration(account_month), account_month.c.month.in_(bindparam("months", expanding=True))
)


class BooksQueries(Queries):
    async def _books(
        self,
        id: AdministrationId,
        boundaries: Iterable[date],
        *,
        by_cost_centre: bool = False,
        prefixes: Sequence[str] | None = None,
    ) -> Books:
        """The complete bookyears, and those that follow as if they were open, for questions about spans of days that
        begin on a boundary and end the day before one.

        ``prefixes``: of the account numbers wanted, in six digits; all of one length. Raises TooManySums, and
        TooManyLines of the months that are parted.
        """
        first_days = sorted(set(boundaries))
        parted = sorted({day.replace(day=1) for day in first_days if day.day > 1})
        if parted and self.snapshot.effort.is_limited:
            ((lines,),) = await self.snapshot.rows(_LINES_OF_MONTHS, {"administration": id, "months": parted})
            self.snapshot.effort.spend(int(lines), SUMMED)
        asked = {
            "administration": id,
            "boundaries": first_days,
            "by_cost_centre": by_cost_centre,
            "prefixes": None if prefixes is None else list(prefixes),
            "prefix_length": len(prefixes[0]) if prefixes else 0,
            "parted_months": parted,
            "parted_ends": [_last_day(month) for month in parted],
        }
        if len(first_days) <= _FEW and not by_cost_centre:
            return _books_of(await self.snapshot.rows(_BOOKS, asked), first_days)
        rows = await self.snapshot.many_rows(_BOOKS, asked, MOST_SUMS)
        if rows is None:
            raise TooManySums
        return await asyncio.to_thread(_books_of, rows, first_days)


def _books_of(rows: Sequence[Row[Any]], first_days: Sequence[date]) -> Books:
    days = [date.min, *first_days]
    starts: dict[int, tuple[BookyearStart, date]] = {}
    openings: list[OpeningEntry] = []
    movements: list[Movement] = []
    for bookyear, account, cost_centre, span, debit, credit, first_day, last_day, opened in map(tuple, rows):
        if bookyear not in starts:
            starts[bookyear] = BookyearStart(bookyear, first_day, opened), last_day
        if span is not None:
            movements.append(Movement(bookyear, account, cost_centre, days[span], debit, credit))
        elif account is not None:
            openings.append(OpeningEntry(bookyear, account, debit, credit))
    in_order = sorted(starts.values(), key=lambda start: (start[0].first_day, start[0].number))
    years = [year for year, _ in in_order]
    return Books(as_if_open(years, in_order[-1][1], first_days[-1]) if years else [], openings, movements)


def boundaries_of(spans: Iterable[tuple[date, date]]) -> Iterator[date]:
    """Of spans from a first to a last day."""
    for first, last in spans:
        yield first
        yield last + timedelta(days=1)


def _last_day(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
