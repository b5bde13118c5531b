"""What follows from the ledger once it is in: fixed assets, checks, control totals, and the state of the datasets.

Nothing here reads the whole ledger: the checks rest on the balances and on the small tables that publishing keeps.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql import ledger_sql
from monitr.application.import_store import Chunk, ControlTotal
from monitr.domain.account import account_text
from monitr.domain.bookyear import Bookyear
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus, ImportRun, ImportRunId
from monitr.domain.ledger import FIRST_LOAD_TYPES, BookingKey, LedgerLine
from monitr.domain.organisation import AdministrationId
from monitr.domain.outstanding_items import OutstandingItemType
from monitr.domain.verification import AmountCell, Check, CheckCode, VerificationStatus

_SHOWN = 5  # examples in a detail; the rest is counted

# Every debit on a base account of classes 20 to 28 (not ending in 8, revaluation, or 9, depreciation), year openings
# left out, but for those of the oldest bookyear: what was acquired before the books begin (api.md section 5).
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


_UNBALANCED = text("""
    SELECT bookyear, journal_type, journal_number, document_number, net FROM unbalanced_booking
    WHERE administration_id = :administration ORDER BY 1, 2, 3, 4""")
_YEARS = text("""
    SELECT bookyear, sum(debit - credit) FROM account_month WHERE administration_id = :administration
    GROUP BY bookyear HAVING sum(debit - credit) <> 0 ORDER BY bookyear""")
_UNKNOWN_ACCOUNTS = text("""
    SELECT DISTINCT m.bookyear, m.account FROM account_month m WHERE m.administration_id = :administration
    AND NOT EXISTS (SELECT FROM account a WHERE a.administration_id = :administration AND a.bookyear = m.bookyear
                    AND a.number = m.account) ORDER BY 1, 2""")
_UNKNOWN_COST_CENTRES = text("""
    SELECT DISTINCT m.cost_centre FROM account_month m WHERE m.administration_id = :administration
    AND m.cost_centre <> 0 AND NOT EXISTS (SELECT FROM cost_centre c WHERE c.administration_id = :administration
    AND c.number = m.cost_centre) ORDER BY 1""")
# ledger_relation remembers what lines once named, so the ledger itself is asked about the few that are unknown, if any.
_UNKNOWN_RELATIONS = text("""
    SELECT number FROM ledger_relation WHERE administration_id = :administration
    EXCEPT SELECT number FROM relation WHERE administration_id = :administration""")
_STILL_NAMED = text("""
    SELECT u.number FROM unnest(CAST(:unknown AS int[])) u(number) WHERE EXISTS (
        SELECT FROM ledger_line l WHERE l.administration_id = :administration AND l.relation = u.number)
    ORDER BY 1""")
_NOTES = text("""
    SELECT text FROM import_note WHERE administration_id = :administration AND run_id = :run ORDER BY id""")


async def checks(connection: AsyncConnection, administration: AdministrationId, run: ImportRunId) -> list[Check]:
    place = {"administration": administration}
    unbalanced = [
        f"{BookingKey(*row[:4]).code} is out by {row[4]}" for row in await connection.execute(_UNBALANCED, place)
    ]
    years = [f"bookyear {number} is out by {net}" for number, net in await connection.execute(_YEARS, place)]
    accounts = [
        f"{account_text(number)} in bookyear {bookyear}"
        for bookyear, number in await connection.execute(_UNKNOWN_ACCOUNTS, place)
    ]
    relations: list[str] = []
    if unknown := [number for (number,) in await connection.execute(_UNKNOWN_RELATIONS, place)]:
        named = await connection.execute(_STILL_NAMED, {**place, "unknown": unknown})
        relations = [str(number) for (number,) in named]
    cost_centres = [str(number) for (number,) in await connection.execute(_UNKNOWN_COST_CENTRES, place)]
    notes = [note for (note,) in await connection.execute(_NOTES, {**place, "run": run})]
    failed, warning = VerificationStatus.FAILED, VerificationStatus.WARNING
    return [
        _check(CheckCode.BOOKINGS_BALANCE, unbalanced, failed, "Bookings whose lines do not add up to zero"),
        _check(CheckCode.BOOKYEARS_BALANCE, years, failed, "Bookyears whose lines do not add up to zero"),
        _check(CheckCode.ACCOUNTS_KNOWN, accounts, failed, "Booked on accounts that the chart does not have"),
        _check(CheckCode.RELATIONS_KNOWN, relations, warning, "Booked with relations that Octopus does not list"),
        _check(CheckCode.COST_CENTRES_KNOWN, cost_centres, warning, "Booked on cost centres that are not listed"),
        _check(CheckCode.RECORDS_READABLE, notes, warning, "Records that could not be read, or were repaired"),
    ]


def _check(code: CheckCode, findings: Sequence[str], otherwise: VerificationStatus, title: str) -> Check:
    if not findings:
        return Check(code, VerificationStatus.PASSED)
    rest = f" and {len(findings) - _SHOWN} more" if len(findings) > _SHOWN else ""
    return Check(code, otherwise, f"{title}: {'; '.join(findings[:_SHOWN])}{rest}.")


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


_ROWS = text("""
    SELECT (SELECT coalesce(sum(lines), 0) FROM account_month WHERE administration_id = :administration),
           (SELECT count(*) FROM account WHERE administration_id = :administration),
           (SELECT count(*) FROM cost_centre WHERE administration_id = :administration),
           (SELECT count(*) FROM outstanding_item WHERE administration_id = :administration),
           (SELECT count(*) FROM fixed_asset WHERE administration_id = :administration),
           (SELECT count(*) FROM bookyear WHERE administration_id = :administration),
           (SELECT count(*) FROM journal WHERE administration_id = :administration),
           (SELECT count(*) FROM relation WHERE administration_id = :administration)""")
_COUNTED = (
    Dataset.GENERAL_LEDGER,
    Dataset.ACCOUNTS,
    Dataset.DIMENSIONS,
    Dataset.OUTSTANDING_ITEMS,
    Dataset.FIXED_ASSETS,
    Dataset.BOOKYEARS,
    Dataset.JOURNALS,
    Dataset.RELATIONS,
)
_SAVE_STATE = text("""
    INSERT INTO dataset_state AS s (administration_id, dataset, rows, last_successful_at, failed)
    VALUES (:administration, :dataset, :rows, :read_at, :failed)
    ON CONFLICT (administration_id, dataset) DO UPDATE SET rows = excluded.rows, failed = excluded.failed,
        last_successful_at = coalesce(excluded.last_successful_at, s.last_successful_at)""")


async def save_dataset_states(
    connection: AsyncConnection, administration: AdministrationId, run: ImportRun, read: Mapping[Dataset, datetime]
) -> None:
    rows = (await connection.execute(_ROWS, {"administration": administration})).one()
    await connection.execute(
        _SAVE_STATE,
        [
            {
                "administration": administration,
                "dataset": dataset.value,
                "rows": count,
                "read_at": read.get(dataset),
                "failed": run.datasets[dataset].status is DatasetImportStatus.FAILED,
            }
            for dataset, count in zip(_COUNTED, rows, strict=True)
        ],
    )
