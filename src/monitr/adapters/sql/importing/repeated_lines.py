"""Bookings that hold lines equal in every field."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.domain.accounting.ledger import LedgerLine
from monitr.domain.organisation import AdministrationId

_KEY = "bookyear, journal_type, journal_number, document_number"

_FIELDS = ", ".join(LedgerLine._fields)
# Reads the given bookyears whole, and is only asked where their totals do not agree, or where there are none.
_REPEATED = text(f"""
    WITH line AS (
        SELECT {_FIELDS}, count(*) AS copies FROM ledger_line
        WHERE administration_id = :administration AND bookyear = ANY(CAST(:bookyears AS int[])) GROUP BY {_FIELDS}),
    booking AS (
        SELECT {_KEY} FROM line GROUP BY {_KEY}
        HAVING max(copies) > 1 AND sum(amount) = 0 AND sum(amount * copies) = 0)
    SELECT {", ".join(f"l.{field}" for field in LedgerLine._fields)}
    FROM booking b JOIN ledger_line l ON l.administration_id = :administration AND l.bookyear = b.bookyear
        AND l.journal_type = b.journal_type AND l.journal_number = b.journal_number
        AND l.document_number = b.document_number
    ORDER BY {", ".join(f"l.{column.strip()}" for column in _KEY.split(","))}, l.ordinal""")


async def repeated_lines(
    connection: AsyncConnection, administration: AdministrationId, bookyears: Sequence[int]
) -> list[LedgerLine]:
    place = {"administration": administration, "bookyears": list(bookyears)}
    return [LedgerLine(*row) for row in await connection.execute(_REPEATED, place)]
