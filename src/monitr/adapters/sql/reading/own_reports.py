"""Reports of one's own, and what they leave out of the books: which accounts those are, the rules of the report say."""

from collections.abc import Sequence

from sqlalchemy import select, text

from monitr.adapters.sql.database.tables import report as table
from monitr.adapters.sql.database.tenancy import OWN_ADMINISTRATION, own
from monitr.adapters.sql.reading.basics import BasicsQueries
from monitr.adapters.sql.repositories.rows import entity_of
from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.own_reports import NoSuchReport, UnmappedPair
from monitr.application.reading.reports import MOST_SUMS, TooManySums
from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.balances import NO_COST_CENTRE
from monitr.domain.accounting.statements.own_reports import Report, ReportId, line_of
from monitr.domain.organisation import AdministrationId


def _day(of_month: str, order: str) -> str:
    return f"""
        SELECT line.effective_date AS used_on
        FROM ledger_line AS line
        WHERE line.administration_id = :administration AND line.account = used.account AND {of_month}
          AND coalesce(line.cost_centre, 0) = used.cost_centre
          AND NOT EXISTS (
              SELECT FROM year_opening AS opening
              WHERE opening.administration_id = :administration
                AND opening.bookyear = line.bookyear AND opening.journal_type = line.journal_type
                AND opening.journal_number = line.journal_number AND opening.document_number = line.document_number
          )
        ORDER BY line.effective_date {order}
        LIMIT 1"""


# The regular lines of each account and cost centre, from the kept sums: all lines less those of the openings.
#
# Plan: one pass over the administration's rows of account_month and opening_balance, and a HashAggregate. The cost
# follows the months and accounts, not the lines.
_USED = text(f"""
    SELECT account, cost_centre, sum(lines) AS lines, sum(amount) AS amount,
           min(month) AS first_month, max(month) AS last_month
    FROM (
        SELECT month, account, cost_centre, sum(lines) AS lines, sum(debit - credit) AS amount
        FROM (
            SELECT month, account, cost_centre, lines, debit, credit
            FROM account_month
            WHERE administration_id = :administration AND {OWN_ADMINISTRATION}
            UNION ALL
            SELECT month, account, cost_centre, -lines, -debit, -credit
            FROM opening_balance
            WHERE administration_id = :administration AND {OWN_ADMINISTRATION}
        ) AS every_line
        GROUP BY month, account, cost_centre
        HAVING sum(lines) > 0
    ) AS used_month
    GROUP BY account, cost_centre
""")

# On which days the first and the last of them are: their months are known, so that no other is looked at.
#
# Plan: LATERAL with a LIMIT of its own is a Nested Loop over the accounts and cost centres, whatever the planner
# believes of their number: one Index Scan of ix_ledger_line_account each, in its order or backwards, up to the first
# line with the cost centre that is no opening (pk_year_opening).
_DAYS = text(f"""
    SELECT used.account, used.cost_centre, first.used_on AS first_used_on, last.used_on AS last_used_on
    FROM unnest(
             CAST(:accounts AS int[]), CAST(:cost_centres AS int[]), CAST(:firsts AS date[]), CAST(:lasts AS date[])
         ) AS used (account, cost_centre, first_month, last_month)
    CROSS JOIN LATERAL ({_day("line.effective_date >= used.first_month", "ASC")}) AS first
    CROSS JOIN LATERAL (
        {_day("line.effective_date < CAST(used.last_month + interval '1 month' AS date)", "DESC")}
    ) AS last
    WHERE {OWN_ADMINISTRATION}
""")


class OwnReportQueries(BasicsQueries):
    async def reports(self, ids: Sequence[ReportId] | None = None) -> Sequence[Report]:
        query = select(table).where(own(table)).order_by(table.c.name, table.c.id)
        if ids is not None:
            query = query.where(table.c.id.in_(ids))
        return [entity_of(row._mapping, Report) for row in await self.snapshot.rows(query)]

    async def _report(self, id: ReportId) -> Report:
        """Raises NoSuchReport."""
        found = await self.reports([id])
        if not found:
            raise NoSuchReport(f"{id} is no report")
        return found[0]

    async def unmapped(self, id: AdministrationId, report: ReportId) -> Sequence[UnmappedPair]:
        takes = line_of((await self._report(report)).rules)
        used = await self.snapshot.many_rows(_USED, {"administration": id}, MOST_SUMS)
        if used is None:
            raise TooManySums
        left = [row for row in used if takes(row.account, row.cost_centre) is None]
        accounts = [row.account for row in left]
        asked = {
            "administration": id,
            "accounts": accounts,
            "cost_centres": [row.cost_centre for row in left],
            "firsts": [row.first_month for row in left],
            "lasts": [row.last_month for row in left],
        }
        days = {(row.account, row.cost_centre): row for row in await self.snapshot.rows(_DAYS, asked)} if left else {}
        named = {number: NamedAccount(number, account_text(number), ()) for number in accounts}
        if left:
            named |= {account.number: account for account in await self.accounts(id, sorted(named))}
        pairs = [
            UnmappedPair(
                named[row.account],
                None if row.cost_centre == NO_COST_CENTRE else row.cost_centre,
                int(row.lines),
                days[row.account, row.cost_centre].first_used_on,
                days[row.account, row.cost_centre].last_used_on,
                row.amount,
            )
            for row in sorted(left, key=lambda row: (row.account, row.cost_centre))
        ]
        return sorted(pairs, key=lambda pair: pair.last_used_on, reverse=True)
