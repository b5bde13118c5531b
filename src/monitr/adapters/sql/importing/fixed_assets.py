"""The fixed assets, derived from the ledger as it is."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.domain.import_run import Counts
from monitr.domain.organisation import AdministrationId

# Every debit on a base account of classes 20 to 28 (not ending in 8, revaluation, or 9, depreciation), year openings
# left out, but for those of the oldest bookyear: what was acquired before the books begin (octopus.md 5).
_ASSETS = """
    SELECT l.bookyear, l.journal_type, l.journal_number, l.document_number, l.ordinal, l.account,
           l.effective_date AS counted_from, CASE WHEN y.evidence IS NULL THEN l.effective_date END AS acquired_on,
           l.amount AS acquisition_value, l.description, l.relation
    FROM ledger_line l LEFT JOIN year_opening y USING
         (administration_id, bookyear, journal_type, journal_number, document_number)
    WHERE l.administration_id = :administration AND l.account BETWEEN 200000 AND 289999 AND l.account % 10 NOT IN (8, 9)
      AND l.amount > 0
      AND (y.evidence IS NULL OR l.bookyear = (
          SELECT number FROM bookyear WHERE administration_id = :administration
          AND start_date >= coalesce((SELECT complete_from FROM administration WHERE id = :administration), start_date)
          ORDER BY start_date LIMIT 1))"""

_ASSET_KEY = "bookyear, journal_type, journal_number, document_number, ordinal"
_ASSET_REST = "account, counted_from, acquired_on, acquisition_value, description, relation"

_DERIVE = text(f"""
    WITH derived AS ({_ASSETS}),
    gone AS (
        DELETE FROM fixed_asset f WHERE f.administration_id = :administration AND NOT EXISTS (
            SELECT FROM derived d WHERE ({", ".join(f"d.{c.strip()}" for c in _ASSET_KEY.split(","))})
                                      = ({", ".join(f"f.{c.strip()}" for c in _ASSET_KEY.split(","))})) RETURNING 1),
    written AS (
        INSERT INTO fixed_asset AS f (administration_id, {_ASSET_KEY}, {_ASSET_REST})
        SELECT CAST(:administration AS uuid), {_ASSET_KEY}, {_ASSET_REST} FROM derived
        ON CONFLICT (administration_id, {_ASSET_KEY}) DO UPDATE
        SET {", ".join(f"{c.strip()} = excluded.{c.strip()}" for c in _ASSET_REST.split(","))}
        WHERE ({", ".join(f"f.{c.strip()}" for c in _ASSET_REST.split(","))})
              IS DISTINCT FROM ({", ".join(f"excluded.{c.strip()}" for c in _ASSET_REST.split(","))})
        RETURNING xmax = 0 AS new)
    SELECT (SELECT count(*) FROM derived), (SELECT count(*) FROM written WHERE new),
           (SELECT count(*) FROM written WHERE NOT new), (SELECT count(*) FROM gone)""")


async def derive_fixed_assets(connection: AsyncConnection, administration: AdministrationId) -> Counts:
    row = (await connection.execute(_DERIVE, {"administration": administration})).one()
    fetched, inserted, updated, deleted = row
    return Counts(fetched, inserted, updated, fetched - inserted - updated, deleted)
