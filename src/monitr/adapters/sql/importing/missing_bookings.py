"""Bookings that a complete answer no longer held: kept, until the verification has judged."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.importing import ledger_sql
from monitr.application.importing.ledger.chunk import Chunk
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES
from monitr.domain.import_run import Counts, ImportRunId
from monitr.domain.organisation import AdministrationId

_KEY = "bookyear, journal_type, journal_number, document_number"
_OF_CHUNK = """administration_id = :administration AND bookyear = :bookyear
    AND CASE WHEN journal_type = ANY(CAST(:types AS int[])) THEN journal_type ELSE -1 END = :type"""

_MISSING_CHUNKS = text("""
    SELECT DISTINCT bookyear, CASE WHEN journal_type = ANY(CAST(:types AS int[])) THEN journal_type ELSE -1 END AS type
    FROM missing_booking WHERE administration_id = :administration ORDER BY bookyear DESC, type""")
_REMOVE = text(f"""
    WITH gone AS (
        DELETE FROM ledger_line l USING (SELECT * FROM missing_booking WHERE {_OF_CHUNK}) m
        WHERE l.administration_id = m.administration_id AND l.bookyear = m.bookyear
          AND l.journal_type = m.journal_type AND l.journal_number = m.journal_number
          AND l.document_number = m.document_number RETURNING l.*),
    changes AS ({ledger_sql.record(f"SELECT DISTINCT 'REMOVED' AS kind, {_KEY} FROM gone")}),
    unbalanced AS (
        DELETE FROM unbalanced_booking u USING gone g
        WHERE u.administration_id = :administration AND u.bookyear = g.bookyear AND u.journal_type = g.journal_type
          AND u.journal_number = g.journal_number AND u.document_number = g.document_number),
    balances AS (
        UPDATE account_month b SET debit = b.debit - g.debit, credit = b.credit - g.credit, lines = b.lines - g.lines
        FROM (SELECT bookyear, journal_type, coalesce(period, 0) AS period,
                     date_trunc('month', effective_date)::date AS month, account,
                     coalesce(cost_centre, 0) AS cost_centre, sum(greatest(amount, 0)) AS debit,
                     sum(greatest(-amount, 0)) AS credit, count(*) AS lines
              FROM gone GROUP BY 1, 2, 3, 4, 5, 6) g
        WHERE b.administration_id = :administration AND b.bookyear = g.bookyear AND b.journal_type = g.journal_type
          AND b.period = g.period AND b.month = g.month AND b.account = g.account AND b.cost_centre = g.cost_centre)
    SELECT count(*) FROM gone""")
_FORGET_MISSING = text(f"DELETE FROM missing_booking WHERE {_OF_CHUNK}")
_FORGET_EMPTY_BALANCES = text(f"DELETE FROM account_month WHERE {_OF_CHUNK} AND lines = 0")


async def missing_chunks(connection: AsyncConnection, administration: AdministrationId) -> list[Chunk]:
    place = {"administration": administration, "types": list(FIRST_LOAD_TYPES)}
    return [Chunk(*row) for row in await connection.execute(_MISSING_CHUNKS, place)]


async def resolve_missing(
    connection: AsyncConnection, administration: AdministrationId, run: ImportRunId, chunk: Chunk, *, delete: bool
) -> Counts:
    place = {
        "administration": administration,
        "bookyear": chunk.bookyear,
        "type": chunk.journal_type,
        "types": list(FIRST_LOAD_TYPES),
    }
    deleted = 0
    if delete:
        deleted = (await connection.execute(_REMOVE, {**place, "run": run})).scalar_one()
        await connection.execute(_FORGET_EMPTY_BALANCES, place)
    await connection.execute(_FORGET_MISSING, place)
    return Counts(deleted=deleted)
