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
# Plan: LATERAL with a GROUP BY of its own is a Nested Loop over the months, whatever the planner believes of their
# number: one Index Scan of ix_ledger_line_account each; pk_year_opening hashed.
_DAYS = text(f"""
    SELECT used.account, line.cost_centre,
           min(line.first_used_on) AS first_used_on, max(line.last_used_on) AS last_used_on
    FROM unnest(CAST(:accounts AS int[]), CAST(:months AS date[])) AS used (account, month)
    CROSS JOIN LATERAL (
        SELECT coalesce(cost_centre, 0) AS cost_centre,
               min(effective_date) AS first_used_on, max(effective_date) AS last_used_on
        FROM ledger_line
        WHERE administration_id = :administration
          AND account = used.account
          AND effective_date >= used.month
          AND effective_date < CAST(used.month + interval '1 month' AS date)
          AND (bookyear, journal_type, journal_number, document_number) NOT IN (
              SELECT bookyear, journal_type, journal_number, document_number
              FROM year_opening
              WHERE administration_id = :administration
          )
        GROUP BY 1
    ) AS line
    WHERE {OWN_ADMINISTRATION}
    GROUP BY used.account, line.cost_centre
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
        months = sorted({(row.account, month) for row in left for month in (row.first_month, row.last_month)})
        accounts = [account for account, _ in months]
        asked = {"administration": id, "accounts": accounts, "months": [month for _, month in months]}
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
