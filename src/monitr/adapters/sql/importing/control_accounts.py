"""What is outstanding, and the accounts of the ledger lines behind it."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.application.importing.ports import ControlTotal
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.organisation import AdministrationId

# The accounts of the ledger lines behind the items: the line of the same relation and amount, on class 4.
_CONTROL = text("""
    WITH item AS (
        SELECT bookyear, relation, CASE :type WHEN 'RECEIVABLE' THEN amount ELSE -amount END AS amount,
               amount_outstanding, document_number,
               CASE left(journal_key, 1) WHEN 'A' THEN 1 WHEN 'V' THEN 2 WHEN 'F' THEN 3 WHEN 'D' THEN 4 END AS letter,
               CASE WHEN journal_key ~ '^[AVFD][0-9]+$' THEN substr(journal_key, 2)::int END AS number
        FROM outstanding_item WHERE administration_id = :administration AND type = :type),
    behind AS (
        SELECT DISTINCT l.account FROM item i JOIN ledger_line l
          ON l.administration_id = :administration AND l.bookyear = i.bookyear AND l.journal_type = i.letter
         AND l.journal_number = i.number AND l.document_number = i.document_number AND l.relation = i.relation
         AND l.amount = i.amount
         AND left(lpad(l.account::text, 6, '0'), 1) = '4'
        WHERE NOT EXISTS (SELECT FROM year_opening y WHERE y.administration_id = :administration
            AND y.bookyear = l.bookyear AND y.journal_type = l.journal_type AND y.journal_number = l.journal_number
            AND y.document_number = l.document_number))
    SELECT sum(amount_outstanding), (SELECT array_agg(account ORDER BY account) FROM behind) FROM item""")


async def control_total(
    connection: AsyncConnection, administration: AdministrationId, type: OutstandingItemType
) -> ControlTotal | None:
    row = (await connection.execute(_CONTROL, {"administration": administration, "type": type.value})).one()
    outstanding, accounts = row
    return None if outstanding is None else ControlTotal(type, outstanding, frozenset(accounts or ()))
