"""The books as the rules of balances take them (``domain.accounting.balances``): one statement, sums of whole months
and years.

``account_month`` and ``account_year`` hold all lines and ``opening_balance`` those of the openings; what is left are
the movements. A month that a boundary parts (a span that begins inside it) is summed from its ledger lines instead.
"""

import asyncio
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, TextClause, bindparam, func, select, text

from monitr.adapters.sql.database.tables import account_month
from monitr.adapters.sql.database.tenancy import of_administration
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.application.reading.ledger import SUMMED
from monitr.application.reading.reports import MOST_SUMS, TooManySums
from monitr.domain.accounting.balances import Books, BookyearStart, Movement, OpeningEntry, as_if_open
from monitr.domain.accounting.money import ZERO
from monitr.domain.organisation import AdministrationId

_FEW = 4
"""Boundaries of which the sums are rendered in one go: a span, and the one that it is compared with."""


def _books(debit: str, credit: str) -> TextClause:
    """With these sums of the movements."""
    return text(f"""
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
            SELECT bookyear, year AS day, account, cost_centre, debit, credit
            FROM account_year
            WHERE administration_id = :administration
              AND (year < CAST(:first_month AS date) OR year > CAST(:last_month AS date))
            UNION ALL
            SELECT bookyear, month, account, cost_centre, debit, credit
            FROM account_month
            WHERE administration_id = :administration AND month BETWEEN :first_month AND :last_month
              AND month <> ALL (CAST(:parted_months AS date[]))
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
                   {debit} AS debit, {credit} AS credit
            FROM (SELECT * FROM whole_month UNION ALL SELECT * FROM parted_month) AS line
            WHERE CAST(:prefixes AS text[]) IS NULL
               OR left(lpad(ltrim(CAST(account AS text), '-'), 6, '0'), :prefix_length)
                  = ANY (CAST(:prefixes AS text[]))
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
        SELECT number AS bookyear, start_date, end_date, opened,
               NULL AS account, NULL AS cost_centre, NULL AS span, NULL AS debit, NULL AS credit
        FROM year
        UNION ALL
        SELECT bookyear, NULL, NULL, NULL, account, cost_centre, span, sums.debit, sums.credit
        FROM year
        JOIN (
            SELECT bookyear, account, cost_centre, span, debit, credit FROM movement
            UNION ALL
            SELECT bookyear, account, NULL, NULL, debit, credit FROM opening
        ) AS sums ON sums.bookyear = year.number
    """)


# Whose books they are is asked once, of the years: all other rows hang on them.
#
# The days from one boundary to the next are one row, and so are those before the first; nothing parts them. Calendar
# years before and after those that a boundary parts are read as they are kept, whole.
#
# The plan relied on (PostgreSQL 15, as monitr_tenant): one pass over the administration's rows of account_year, by
# pk_account_year or, where it owns most of the table, a Seq Scan; the months of parted years by
# ix_account_month_administration_id_month; HashAggregate; and for a parted month
#   Nested Loop
#     ->  Function Scan on parted
#     ->  Bitmap Index Scan on ix_ledger_line_newest
#           Index Cond: administration_id = … AND effective_date >= first_day AND effective_date <= last_day
# Without one the inner side is never executed. The cost follows the months shown and the accounts, not the lines.
_BOTH_SIDES = _books("sum(debit)", "sum(credit)")
_NETS = _books("sum(debit - credit)", "CAST(NULL AS numeric)")


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
        nets: bool = False,
    ) -> Books:
        """The complete bookyears, and those that follow as if they were open, for questions about spans of days that
        begin on a boundary and end the day before one. ``nets``: debit less credit in place of debit, and no credit.

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
            **_months_of_parted_years(first_days),
            "parted_months": parted,
            "parted_ends": [_last_day(month) for month in parted],
        }
        statement = _NETS if nets else _BOTH_SIDES
        if len(first_days) <= _FEW and not by_cost_centre:
            return _books_of(await self.snapshot.rows(statement, asked), first_days)
        rows = await self.snapshot.many_rows(statement, asked, MOST_SUMS)
        if rows is None:
            raise TooManySums
        return await asyncio.to_thread(_books_of, rows, first_days)


def _books_of(rows: Sequence[Row[Any]], first_days: Sequence[date]) -> Books:
    days = [date.min, *first_days]
    starts: list[tuple[BookyearStart, date]] = []
    openings: list[OpeningEntry] = []
    movements: list[Movement] = []
    for bookyear, first_day, last_day, opened, account, cost_centre, span, debit, credit in map(tuple, rows):
        if first_day is not None:
            starts.append((BookyearStart(bookyear, first_day, opened), last_day))
        elif span is not None:
            movements.append(Movement(bookyear, account, cost_centre, days[span], debit, credit or ZERO))
        else:
            openings.append(OpeningEntry(bookyear, account, debit, credit))
    in_order = sorted(starts, key=lambda start: (start[0].first_day, start[0].number))
    years = [year for year, _ in in_order]
    return Books(as_if_open(years, in_order[-1][1], first_days[-1]) if years else [], openings, movements)


def boundaries_of(spans: Iterable[tuple[date, date]]) -> Iterator[date]:
    """Of spans from a first to a last day."""
    for first, last in spans:
        yield first
        yield last + timedelta(days=1)


def _months_of_parted_years(boundaries: Sequence[date]) -> Mapping[str, date]:
    """From the first month of the first calendar year that a boundary parts to the last of the last; where none does,
    the last lies before the first."""
    years = [day.year for day in boundaries if (day.month, day.day) != (1, 1)]
    first, last = (min(years), max(years)) if years else (date.max.year, date.min.year)
    return {"first_month": date(first, 1, 1), "last_month": date(last, 12, 1)}


def _last_day(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
