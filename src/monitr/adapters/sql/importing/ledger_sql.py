"""What ``ledger_stage`` says to PostgreSQL: temporary tables, numbering, comparison, balances, changes."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from monitr.adapters.sql.importing import bulk_copy
from monitr.domain.accounting.ledger import LedgerLine

COLUMNS = {
    "bookyear": "int4",
    "journal_type": "int2",
    "journal_number": "int4",
    "document_number": "int4",
    "line_sequence": "int4",
    "period": "int4",
    "document_date": "date",
    "effective_date": "date",
    "due_date": "date",
    "account": "int4",
    "amount": "numeric",
    "currency": "text",
    "currency_amount": "numeric",
    "exchange_rate": "numeric",
    "relation": "int4",
    "cost_centre": "int4",
    "description": "text",
    "reference": "text",
    "vat_section": "text",
    "vat_recuperation": "numeric",
}
assert tuple(COLUMNS) == LedgerLine._fields

_TEXTS = [Path(file).read_bytes() for file in (__file__, bulk_copy.__file__)]
THIS_CODE = hashlib.sha256(b"".join(_TEXTS)).hexdigest()[:16]
"""What becomes of a line here is a matter of these texts: an answer is known while they are the same (adr/0010)."""

BOOKING = ("bookyear", "journal_type", "journal_number", "document_number")
LINE = (*BOOKING, "ordinal")
CONTENT = tuple(column for column in COLUMNS if column not in BOOKING)

_GRAIN = {
    "bookyear": "int4",
    "journal_type": "int2",
    "period": "int4",
    "month": "date",
    "account": "int4",
    "cost_centre": "int4",
}
GRAIN = ", ".join(_GRAIN)


def listed(columns: Sequence[str], alias: str = "") -> str:
    return ", ".join(f"{alias}.{column}" if alias else column for column in columns)


def same(left: str, right: str, columns: Sequence[str] = BOOKING) -> str:
    return " AND ".join(f"{left}.{column} = {right}.{column}" for column in columns)


def _typed(columns: Sequence[str]) -> str:
    return ", ".join(f"{column} {COLUMNS[column]}" for column in columns)


TEMPORARY_TABLES = "; ".join(
    f"CREATE TEMP TABLE IF NOT EXISTS {table} ({columns}) ON COMMIT DELETE ROWS"
    for table, columns in {
        # what arrived, and per booking and per month what it comes to
        "ledger_stage": _typed(tuple(COLUMNS)),
        "ledger_booking": f"{_typed(BOOKING)}, net numeric, lines int4",
        "ledger_month": f"{', '.join(map(' '.join, _GRAIN.items()))}, debit numeric, credit numeric, lines int4",
        # the bookings that a statement is about
        "ledger_scope": _typed(BOOKING),
        # what arrived, numbered, and where it differs from what is there: as it is to be
        "ledger_next": f"{_typed(tuple(COLUMNS))}, ordinal int4",
        "ledger_diff": f"kind text, place tid, {_typed(BOOKING)}, ordinal int4, {_typed(CONTENT)}",
    }.items()
)
"""In one round trip."""

# The rest behind (lineSequenceNr, account, amount, relation, cost centre, comment, reference): decisions.md, section 6.
_FIRST = ("line_sequence", "account", "amount", "relation", "cost_centre", "description", "reference")
_ORDER = listed((*_FIRST, *(column for column in CONTENT if column not in _FIRST)))
NUMBERED = f"""
    SELECT {listed(tuple(COLUMNS))}, row_number() OVER (PARTITION BY {listed(BOOKING)} ORDER BY {_ORDER}) AS ordinal
    FROM ledger_stage"""

SUM_UP = f"""
    WITH booking AS (
        INSERT INTO ledger_booking SELECT {listed(BOOKING)}, sum(amount), count(*) FROM ledger_stage
        GROUP BY {listed(BOOKING)} RETURNING {listed(BOOKING)}, net)
    SELECT {listed(BOOKING)} FROM booking WHERE net <> 0"""

# Elements equal in every field are lines of their own, unless the booking nets to zero only without them.
DROP_DUPLICATES = f"""
    WITH numbered AS (
        SELECT s.ctid AS row, {listed(BOOKING, "s")}, s.amount,
               row_number() OVER (PARTITION BY {listed(BOOKING, "s")}, {listed(CONTENT, "s")}) AS copy
        FROM ledger_stage s JOIN ledger_booking b ON b.net <> 0 AND {same("s", "b")}),
    repaired AS (
        SELECT {listed(BOOKING)} FROM numbered WHERE copy = 1 GROUP BY {listed(BOOKING)} HAVING sum(amount) = 0)
    DELETE FROM ledger_stage s USING numbered n JOIN repaired r ON {same("n", "r")}
    WHERE s.ctid = n.row AND n.copy > 1"""

OF_CHUNK = (
    "l.administration_id = :administration AND l.bookyear = :bookyear AND l.journal_type = ANY(CAST(:types AS int[]))"
)
OF_SCOPE = f"l.administration_id = :administration AND EXISTS (SELECT FROM ledger_scope k WHERE {same('l', 'k')})"

LINES_OF_CHUNK = f"SELECT l.ctid AS place, l.* FROM ledger_line l WHERE {OF_CHUNK}"
LINES_OF_SCOPE = f"""
    SELECT l.* FROM ledger_scope k CROSS JOIN LATERAL (
        SELECT l.ctid AS place, l.* FROM ledger_line l
        WHERE l.administration_id = (SELECT CAST(:administration AS uuid)) AND {same("l", "k")} OFFSET 0) l"""
"""Each booking is looked up by the primary key. OFFSET 0 keeps the planner from joining some other way, and the inner
SELECT from taking the administration for one that, as far as its statistics go, has hardly a line."""

STRAYS = "bookyear <> :bookyear OR journal_type <> ALL(CAST(:types AS int[]))"
HAS_STRAYS = f"SELECT EXISTS (SELECT FROM ledger_booking WHERE {STRAYS})"
LOOK = f"""
    SELECT NOT EXISTS (SELECT FROM ledger_line l WHERE {OF_CHUNK}) AS is_new,
           EXISTS (SELECT FROM unbalanced_booking l WHERE {OF_CHUNK}) AS is_out_of_balance"""

# Two multisets of lines are equal if as many lines have the same sum of hashes (Clarke et al., Incremental Multiset
# Hash Functions and Their Application to Memory Integrity Checking, 2003, AdHash): with 64 bits a difference goes
# unseen once in 10^19 comparisons. Ordinals follow from the rest.
_VERSIONS = "coalesce(sum(xmin::text::int8), 0) AS versions"
_DIGEST = f"count(*) AS lines, sum(hash_record_extended(ROW({listed(tuple(COLUMNS))}), 0)) AS digest"
IS_SAME = f"""
    SELECT (a.lines, a.digest) = (b.lines, b.digest) AS is_same, b.lines, b.versions
    FROM (SELECT {_DIGEST} FROM ledger_stage) a,
         (SELECT {_DIGEST}, {_VERSIONS} FROM ledger_line l WHERE {OF_CHUNK}) b"""

_BALANCE = """
    bookyear, journal_type, coalesce(period, 0) AS period, date_trunc('month', effective_date)::date AS month, account,
    coalesce(cost_centre, 0) AS cost_centre,
    sum(greatest(amount, 0)) AS debit, sum(greatest(-amount, 0)) AS credit, count(*) AS lines"""
SUM_UP_MONTHS = f"INSERT INTO ledger_month SELECT {_BALANCE} FROM ledger_stage GROUP BY 1, 2, 3, 4, 5, 6"
REBUILD_BALANCES = f"""
    INSERT INTO account_month (administration_id, {GRAIN}, debit, credit, lines)
    SELECT CAST(:administration AS uuid), {_BALANCE} FROM ledger_line l WHERE {OF_CHUNK} GROUP BY 2, 3, 4, 5, 6, 7"""

# What the bookings of the scope will hold, less what they hold now: the cost of the change alone.
SHIFT_BALANCES = f"""
    INSERT INTO account_month AS m (administration_id, {GRAIN}, debit, credit, lines)
    SELECT CAST(:administration AS uuid), bookyear, journal_type, coalesce(period, 0),
           date_trunc('month', effective_date)::date, account, coalesce(cost_centre, 0),
           sum(sign * greatest(amount, 0)), sum(sign * greatest(-amount, 0)), sum(sign)
    FROM (SELECT {listed(tuple(COLUMNS), "l")}, -1 AS sign FROM ({LINES_OF_SCOPE}) l
          UNION ALL SELECT {listed(tuple(COLUMNS))}, 1 FROM ledger_stage) moved
    GROUP BY 2, 3, 4, 5, 6, 7
    HAVING sum(sign) <> 0 OR sum(sign * greatest(amount, 0)) <> 0 OR sum(sign * greatest(-amount, 0)) <> 0
    ON CONFLICT (administration_id, {GRAIN}) DO UPDATE
    SET debit = m.debit + excluded.debit, credit = m.credit + excluded.credit, lines = m.lines + excluded.lines"""

NOTE_RELATIONS = """
    INSERT INTO ledger_relation (administration_id, number)
    SELECT DISTINCT CAST(:administration AS uuid), relation FROM ledger_stage WHERE relation IS NOT NULL ORDER BY 2
    ON CONFLICT DO NOTHING"""
"""The last thing before the commit, and in their order: chunks that are published at once name the same ones, and the
second to do so waits for the first."""


def _checkpoint(held: str) -> str:
    """With the digest of the answer, where the chunk holds it and nothing else, and the lines that the chunk holds now
    with the sum of their versions. A version is the number of the transaction that wrote the row (``xmin``), and those
    go up: whatever is written to the chunk later makes other lines or a larger sum."""
    return f"""
        INSERT INTO ledger_chunk (administration_id, bookyear, journal_type, run_id, read_at, answer, lines, versions)
        SELECT CAST(:administration AS uuid), CAST(:bookyear AS int4), CAST(:type AS int2), CAST(:run AS uuid), now(),
               CASE WHEN NOT EXISTS (SELECT FROM missing_booking l WHERE {OF_CHUNK}) THEN CAST(:answer AS text) END,
               held.* FROM ({held}) held
        ON CONFLICT (administration_id, bookyear, journal_type)
        DO UPDATE SET run_id = excluded.run_id, read_at = excluded.read_at,
                      answer = excluded.answer, lines = excluded.lines, versions = excluded.versions"""


_HELD = f"count(*) AS lines, {_VERSIONS}"
CHECKPOINT = _checkpoint(f"SELECT {_HELD} FROM ledger_line l WHERE {OF_CHUNK}")
CHECKPOINT_OF_THE_SAME = _checkpoint("SELECT CAST(:lines AS int8) AS lines, CAST(:versions AS int8) AS versions")
"""As they were when they were compared."""
CHECKPOINT_OF_THE_KNOWN = f"UPDATE ledger_chunk l SET run_id = :run, read_at = now() WHERE {OF_CHUNK}"
LINES_HELD = f"SELECT lines FROM ledger_chunk l WHERE {OF_CHUNK}"
ANSWERS = f"""
    SELECT bookyear, journal_type, answer FROM ledger_chunk
    JOIN (SELECT bookyear, journal_type, {_HELD} FROM ledger_line WHERE administration_id = :administration
          GROUP BY bookyear, journal_type) held USING (bookyear, journal_type, lines, versions)
    WHERE administration_id = :administration AND answer IS NOT NULL"""


def record(changes: str) -> str:
    """Store ``changes``, rows of kind and booking, with the run, as ranges of consecutive document numbers: a first
    import is a few rows. Of what happens to a booking twice in a run, the first is kept."""
    journal = ("kind", "bookyear", "journal_type", "journal_number")
    return f"""
        INSERT INTO import_change (administration_id, run_id, {listed(journal)}, document_number, last_document_number)
        SELECT CAST(:administration AS uuid), CAST(:run AS uuid), {listed(journal)},
               min(document_number), max(document_number)
        FROM (SELECT *, document_number - row_number() OVER (PARTITION BY {listed(journal)} ORDER BY document_number)
                        AS island
              FROM ({changes}) c
              WHERE NOT EXISTS (
                  SELECT FROM import_change o
                  WHERE o.administration_id = :administration AND o.run_id = CAST(:run AS uuid)
                    AND {same("o", "c", BOOKING[:-1])}
                    AND c.document_number BETWEEN o.document_number AND o.last_document_number)) islands
        GROUP BY {listed(journal)}, island"""


RECORD_DIFFERENCES = record(f"""
    SELECT CASE WHEN bool_or(kind = 'I' AND ordinal = 1) THEN 'ADDED'
                WHEN bool_or(kind = 'D' AND ordinal = 1) THEN 'REMOVED' ELSE 'CHANGED' END AS kind, {listed(BOOKING)}
    FROM ledger_diff GROUP BY {listed(BOOKING)}""")

_HELD_BY_THEN = """
    SELECT coalesce(sum(lines), 0) AS lines,
           coalesce(sum(lines), 0) * pg_current_xact_id()::xid::text::int8 AS versions FROM ledger_booking"""
# No row of the chunk is there, so none is compared. What each INSERT does is independent of the others.
PUBLISH_NEW = f"""
    WITH checkpoint AS ({_checkpoint(_HELD_BY_THEN)}),
    changes AS ({record(f"SELECT 'ADDED' AS kind, {listed(BOOKING)} FROM ledger_booking")}),
    balances AS (
        INSERT INTO account_month (administration_id, {GRAIN}, debit, credit, lines)
        SELECT CAST(:administration AS uuid), {GRAIN}, debit, credit, lines FROM ledger_month)
    INSERT INTO ledger_line (administration_id, {listed(tuple(COLUMNS))}, ordinal)
    SELECT CAST(:administration AS uuid), n.* FROM ({NUMBERED}) n"""


def differences(lines: str) -> str:
    """Into ledger_diff, from the ``lines`` that are there. One full join finds them all. Ordinals have no gaps: a
    difference at ordinal 1 on one side alone is a booking that is new, or gone."""
    content = (*LINE, *CONTENT)
    return f"""
        INSERT INTO ledger_diff
        SELECT CASE WHEN l.ordinal IS NULL THEN 'I' WHEN n.ordinal IS NULL THEN 'D' ELSE 'U' END,
               l.place, {", ".join(f"coalesce(l.{column}, n.{column})" for column in LINE)}, {listed(CONTENT, "n")}
        FROM ({lines}) l FULL JOIN ledger_next n ON {same("l", "n", LINE)}
        WHERE ({listed(content, "l")}) IS DISTINCT FROM ({listed(content, "n")})"""


def _joins(**ways: str) -> str:
    settings = [f"set_config('enable_{way}', '{switch}', true)" for way, switch in ways.items()]
    return f"SELECT {', '.join(settings)}"


# For what follows in the transaction. The planner does not know a table that has just grown, and its guesses of the
# join that is best have been minutes off.
WHOLE_AGAINST_WHOLE = _joins(nestloop="off", hashjoin="on", mergejoin="on")
ONE_BY_ONE = _joins(nestloop="on", hashjoin="off", mergejoin="off")
AS_IT_LIKES = _joins(nestloop="on", hashjoin="on", mergejoin="on")

# By where the lines are (ctid), if they still are what they were; the comparison is one that no index serves.
_IS_THERE = f"""
    l.ctid = d.place
    AND (l.administration_id, {listed(LINE, "l")})
        IS NOT DISTINCT FROM (CAST(:administration AS uuid), {listed(LINE, "d")})"""
DELETE_LINES = f"DELETE FROM ledger_line l USING ledger_diff d WHERE d.kind = 'D' AND {_IS_THERE}"
UPDATE_LINES = f"""
    UPDATE ledger_line l SET {", ".join(f"{column} = d.{column}" for column in CONTENT)} FROM ledger_diff d
    WHERE d.kind = 'U' AND {_IS_THERE}"""
INSERT_LINES = f"""
    INSERT INTO ledger_line (administration_id, {listed((*LINE, *CONTENT))})
    SELECT CAST(:administration AS uuid), {listed((*LINE, *CONTENT))} FROM ledger_diff WHERE kind = 'I'"""

HOLD_BACK = f"""
    DELETE FROM ledger_stage s USING ledger_booking k WHERE k.net <> 0 AND {same("s", "k")}
    AND EXISTS (SELECT FROM ledger_line l WHERE l.administration_id = :administration AND {same("l", "k")})
    AND NOT EXISTS (SELECT FROM unbalanced_booking u WHERE u.administration_id = :administration AND {same("u", "k")})
    RETURNING {listed(BOOKING, "s")}"""

FOUND_AGAIN = f"""
    DELETE FROM missing_booking l
    WHERE {OF_CHUNK} AND EXISTS (SELECT FROM ledger_booking n WHERE {same("l", "n")})"""
NOTE_MISSING = f"""
    INSERT INTO missing_booking (administration_id, {listed(BOOKING)})
    SELECT CAST(:administration AS uuid), {listed(BOOKING)} FROM ledger_diff
    WHERE kind = 'D' AND ordinal = 1 ON CONFLICT DO NOTHING"""
KEEP_MISSING = f"""
    DELETE FROM ledger_diff d USING ledger_diff gone
    WHERE gone.kind = 'D' AND gone.ordinal = 1 AND {same("d", "gone")}"""


def forget_unbalanced(scope: str) -> str:
    """Bookings that are missing stay as they are noted."""
    return f"""
        DELETE FROM unbalanced_booking l WHERE {scope} AND NOT EXISTS (
            SELECT FROM missing_booking m WHERE m.administration_id = :administration AND {same("l", "m")})"""


NOTE_UNBALANCED = f"""
    INSERT INTO unbalanced_booking (administration_id, {listed(BOOKING)}, net)
    SELECT CAST(:administration AS uuid), {listed(BOOKING)}, net FROM ledger_booking WHERE net <> 0
    ON CONFLICT DO NOTHING RETURNING {listed(BOOKING)}"""
