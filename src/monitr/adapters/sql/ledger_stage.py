"""The bulk way into the ledger: COPY into a temporary table, then set-wise SQL. No line passes through an ORM.

Everything happens in one transaction on one connection: lines are staged while Octopus's answer arrives, and published
when it is complete. The temporary table has no row security (COPY into a table with it is refused), the merges obey the
policies. Cost, chunk of n lines, m changed: O(n log n) to number the lines, writes only for the m.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from psycopg import AsyncConnection as Driver
from psycopg import AsyncCopy
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql import ledger_text, tenancy
from monitr.application.import_store import Chunk, Published
from monitr.domain.import_run import Counts, ImportRun
from monitr.domain.ledger import FIRST_LOAD_TYPES, BookingKey, LedgerLine
from monitr.domain.organisation import AdministrationId

_COLUMNS = {
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
assert tuple(_COLUMNS) == LedgerLine._fields

_WORK_MEMORY = "64MB"
"""For numbering and joining a chunk in memory: with PostgreSQL's 4 MB both go through files, at twice the time."""

_BOOKING = ("bookyear", "journal_type", "journal_number", "document_number")
_LINE = (*_BOOKING, "ordinal")
_CONTENT = tuple(column for column in _COLUMNS if column not in _BOOKING)


def _listed(columns: Sequence[str], alias: str = "") -> str:
    return ", ".join(f"{alias}.{column}" if alias else column for column in columns)


def _same(left: str, right: str, columns: Sequence[str] = _BOOKING) -> str:
    return " AND ".join(f"{left}.{column} = {right}.{column}" for column in columns)


# The rest behind (lineSequenceNr, account, amount, relation, cost centre, comment, reference): DESIGN, section 6.
_ORDER = _listed(
    (
        "line_sequence",
        "account",
        "amount",
        "relation",
        "cost_centre",
        "description",
        "reference",
        *(
            column
            for column in _CONTENT
            if column
            not in ("line_sequence", "account", "amount", "relation", "cost_centre", "description", "reference")
        ),
    )
)
_NUMBERED = f"""
    SELECT {_listed(tuple(_COLUMNS))},
           row_number() OVER (PARTITION BY {_listed(_BOOKING)} ORDER BY {_ORDER}) AS ordinal
    FROM ledger_stage"""



def _typed(columns: Sequence[str]) -> str:
    return ", ".join(f"{column} {_COLUMNS[column]}" for column in columns)


_CREATE = "; ".join(
    f"CREATE TEMP TABLE IF NOT EXISTS {table} ({columns}) ON COMMIT DELETE ROWS"
    for table, columns in {
        "ledger_stage": _typed(tuple(_COLUMNS)),
        "ledger_next": f"{_typed(tuple(_COLUMNS))}, ordinal int4",
        "ledger_scope": _typed(_BOOKING),
        "ledger_diff": f"kind text, {_typed(_BOOKING)}, ordinal int4",
    }.items()
)
"""In one round trip."""

_UNBALANCED = text(
    f"SELECT {_listed(_BOOKING)}, sum(amount) AS net FROM ledger_stage GROUP BY {_listed(_BOOKING)}"
    " HAVING sum(amount) <> 0"
)

# Elements equal in every field are lines of their own, unless the booking nets to zero only without them.
_DROP_DUPLICATES = text(f"""
    WITH numbered AS (
        SELECT s.ctid AS row, {_listed(_BOOKING, "s")}, s.amount,
               row_number() OVER (PARTITION BY {_listed(_BOOKING, "s")}, {_listed(_CONTENT, "s")}) AS copy
        FROM ledger_stage s JOIN ledger_scope b ON {_same("s", "b")}),
    repaired AS (
        SELECT {_listed(_BOOKING)} FROM numbered WHERE copy = 1 GROUP BY {_listed(_BOOKING)} HAVING sum(amount) = 0)
    DELETE FROM ledger_stage s USING numbered n JOIN repaired r ON {_same("n", "r")}
    WHERE s.ctid = n.row AND n.copy > 1""")

_CHUNK = (
    "l.administration_id = :administration AND l.bookyear = :bookyear AND l.journal_type = ANY(CAST(:types AS int[]))"
)
_SCOPE = f"l.administration_id = :administration AND EXISTS (SELECT FROM ledger_scope k WHERE {_same('l', 'k')})"
_NEXT = _same("l", "n", _LINE)

_BALANCE = """
    bookyear, journal_type, coalesce(period, 0) AS period, date_trunc('month', effective_date)::date AS month, account,
    coalesce(cost_centre, 0) AS cost_centre,
    sum(greatest(amount, 0)) AS debit, sum(greatest(-amount, 0)) AS credit, count(*) AS lines"""
_GRAIN = "bookyear, journal_type, period, month, account, cost_centre"


_STRAYS = "FROM ledger_stage WHERE bookyear <> :bookyear OR journal_type <> ALL(CAST(:types AS int[]))"
_LOOK = text(f"""
    SELECT EXISTS (SELECT {_STRAYS}) AS has_strays, NOT EXISTS (SELECT FROM ledger_line l WHERE {_CHUNK}) AS is_new,
           {tenancy.NO_PAUSE}""")

_NOTE_RELATIONS = """
    INSERT INTO ledger_relation (administration_id, number)
    SELECT DISTINCT CAST(:administration AS uuid), relation FROM ledger_stage WHERE relation IS NOT NULL
    ON CONFLICT DO NOTHING"""
_CHECKPOINT = """
    INSERT INTO ledger_chunk (administration_id, bookyear, journal_type, run_id, read_at)
    VALUES (:administration, :bookyear, :type, :run, now())
    ON CONFLICT (administration_id, bookyear, journal_type)
    DO UPDATE SET run_id = excluded.run_id, read_at = excluded.read_at"""

# No row of the chunk is there, so none is compared. What each INSERT does is independent of the others.
_INSERT_ALL = text(f"""
    WITH relations AS ({_NOTE_RELATIONS}),
    checkpoint AS ({_CHECKPOINT}),
    lines AS (
        INSERT INTO ledger_line (administration_id, {_listed(tuple(_COLUMNS))}, ordinal)
        SELECT CAST(:administration AS uuid), n.* FROM ({_NUMBERED}) n),
    changes AS (
        INSERT INTO import_change (administration_id, run_id, kind, {_listed(_BOOKING)})
        SELECT DISTINCT CAST(:administration AS uuid), CAST(:run AS uuid), 'ADDED', {_listed(_BOOKING)}
        FROM ledger_stage ON CONFLICT DO NOTHING),
    balances AS (
        INSERT INTO account_month (administration_id, {_GRAIN}, debit, credit, lines)
        SELECT CAST(:administration AS uuid), {_BALANCE} FROM ledger_stage GROUP BY 2, 3, 4, 5, 6, 7)
    SELECT count(*) FROM ledger_stage""")


@dataclass(slots=True)
class SqlLedgerStage:
    """``save_run`` writes the run, guarded by its fencing token, on the connection it is given."""

    connection: AsyncConnection
    administration: AdministrationId
    save_run: Callable[[AsyncConnection, ImportRun], Awaitable[bool]]
    copy: AsyncCopy | None = None
    _context: Any = None
    _unbalanced: list[BookingKey] = field(default_factory=list)
    """The staged bookings whose lines do not net to zero."""

    async def open(self) -> None:
        raw = await self.connection.get_raw_connection()
        driver = raw.driver_connection
        assert isinstance(driver, Driver)
        await driver.execute(_CREATE, prepare=False)  # only one command can be prepared
        self._context = driver.cursor().copy(
            f"COPY ledger_stage ({_listed(tuple(_COLUMNS))}) FROM STDIN ({ledger_text.OPTIONS})"
        )
        self.copy = await self._context.__aenter__()

    async def add(self, lines: Sequence[LedgerLine]) -> None:
        assert self.copy is not None
        if lines:
            await self.copy.write(ledger_text.copy_text(lines))

    async def complete(self) -> None:
        await self.close()
        await self._run(f"SELECT set_config('work_mem', '{_WORK_MEMORY}', true)")
        self._unbalanced = await self._out_of_balance()

    async def close(self, error: BaseException | None = None) -> None:
        """End the COPY; with an error nothing of it stays."""
        context, self._context, self.copy = self._context, None, None
        if context is not None:
            await context.__aexit__(type(error) if error else None, error, None)

    async def publish_chunk(self, chunk: Chunk, run: ImportRun) -> Published:
        types = [chunk.journal_type]
        if chunk.is_special:  # of an answer for all types, only those outside 1 to 4 are of this chunk
            types = await self._special_types(chunk)
        place = {"bookyear": chunk.bookyear, "types": types, "type": chunk.journal_type, "run": run.id}
        dropped = await self._drop_duplicates()
        has_strays, is_new, _ = (await self._run(_LOOK, **place)).one()
        strays = int((await self._run(f"DELETE {_STRAYS}", **place)).rowcount) if has_strays else 0
        if has_strays:
            self._unbalanced = await self._out_of_balance()
        if is_new:
            published = await self._publish_new(place)
        else:
            published = await self._publish_differences(place, run)
        return replace(published, dropped_duplicates=dropped, strays=0 if chunk.is_special else strays)

    async def _publish_new(self, place: dict[str, object]) -> Published:
        """Nothing of the chunk is there yet: everything about it in one statement."""
        inserted = (await self._run(_INSERT_ALL, **place)).scalar_one()
        return Published(Counts(inserted=inserted), await self._note_unbalanced(_CHUNK, place, self._unbalanced))

    async def _publish_differences(self, place: dict[str, object], run: ImportRun) -> Published:
        await self._run(_NOTE_RELATIONS)
        held_back = await self._hold_back(self._unbalanced)
        # whole against whole: never row by row, whatever the statistics say of a table that has just grown
        await self._run("SELECT set_config('enable_nestloop', 'off', true)")
        counts, missing = await self._compare(_CHUNK, place, run)
        if counts.written:
            await self._rebuild_balances(place)
        unbalanced = held_back + await self._note_unbalanced(_CHUNK, place, self._unbalanced)
        await self._run(_CHECKPOINT, **place)
        return Published(counts, unbalanced, missing)

    async def publish_changes(self, deleted: Sequence[BookingKey], run: ImportRun) -> Published:
        await self._run(f"SELECT {tenancy.NO_PAUSE}")
        await self._run(_NOTE_RELATIONS)
        await self._run("ANALYZE ledger_stage")
        dropped = await self._drop_duplicates()
        unbalanced = self._unbalanced
        await self._scope(unbalanced)
        await self._run(f"DELETE FROM ledger_stage s USING ledger_scope k WHERE {_same('s', 'k')}")
        await self._scope(deleted)
        await self._run(f"INSERT INTO ledger_scope SELECT DISTINCT {_listed(_BOOKING)} FROM ledger_stage")
        await self._run("ANALYZE ledger_scope")
        await self._shift_balances()
        counts, _ = await self._compare(_SCOPE, {}, run, vanished_are_deleted=True)
        await self._run(f"DELETE FROM missing_booking l WHERE {_SCOPE}")  # whatever was missing: this is how it stands
        await self._note_unbalanced(_SCOPE, {}, [])
        return Published(counts, unbalanced=unbalanced, dropped_duplicates=dropped)

    async def commit(self, run: ImportRun) -> bool:
        """With the run; True where its cancellation was asked for."""
        cancel = await self.save_run(self.connection, run)
        await self.connection.commit()
        return cancel

    # --- steps ------------------------------------------------------------------------------------------

    async def _special_types(self, chunk: Chunk) -> list[int]:
        rows = await self._run(
            """SELECT journal_type FROM ledger_stage WHERE bookyear = :bookyear
               UNION SELECT journal_type FROM account_month
                     WHERE administration_id = :administration AND bookyear = :bookyear""",
            bookyear=chunk.bookyear,
        )
        return [type for (type,) in rows if type not in FIRST_LOAD_TYPES]

    async def _scope(self, bookings: Sequence[BookingKey]) -> None:
        await self._run("DELETE FROM ledger_scope")
        if bookings:
            columns = list(zip(*bookings, strict=True))
            await self._run(
                f"""INSERT INTO ledger_scope SELECT DISTINCT *
                    FROM unnest({", ".join(f"CAST(:{column} AS int[])" for column in _BOOKING)})""",
                **{column: list(values) for column, values in zip(_BOOKING, columns, strict=True)},
            )

    async def _drop_duplicates(self) -> int:
        """How many lines; afterwards ``_unbalanced`` are the bookings that do not net to zero without them either."""
        if not self._unbalanced:
            return 0
        await self._scope(self._unbalanced)
        dropped = int((await self._run(_DROP_DUPLICATES)).rowcount)
        if dropped:
            self._unbalanced = await self._out_of_balance()
        return dropped

    async def _out_of_balance(self) -> list[BookingKey]:
        return [BookingKey(*row[:4]) for row in await self._run(_UNBALANCED)]

    async def _hold_back(self, unbalanced: Sequence[BookingKey]) -> list[BookingKey]:
        """Bookings that arrive out of balance where the ledger holds them in balance: half of them is missing, not
        new. They stay as they are, as if the answer did not hold them."""
        if not unbalanced:
            return []
        await self._scope(unbalanced)
        held_back = await self._run(
            f"""DELETE FROM ledger_stage s USING ledger_scope k WHERE {_same("s", "k")}
                AND EXISTS (SELECT FROM ledger_line l WHERE l.administration_id = :administration AND {_same("l", "k")})
                AND NOT EXISTS (SELECT FROM unbalanced_booking u
                                WHERE u.administration_id = :administration AND {_same("u", "k")})
                RETURNING {_listed(_BOOKING, "s")}"""
        )
        return list(dict.fromkeys(BookingKey(*row) for row in held_back))

    async def _compare(
        self, scope: str, place: dict[str, object], run: ImportRun, *, vanished_are_deleted: bool = False
    ) -> tuple[Counts, int]:
        """Write what differs, and return the counts and how many bookings of the scope the answer did not hold.

        One full join finds the differences, so that an answer without any costs two scans and no write. Ordinals have
        no gaps: a difference at ordinal 1 on one side alone is a booking that is new, or gone.
        """
        await self._run(f"INSERT INTO ledger_next {_NUMBERED}")
        if vanished_are_deleted:  # a few bookings against the whole ledger: only statistics say that they are few
            await self._run("ANALYZE ledger_next")
        await self._run(
            f"""INSERT INTO ledger_diff
                SELECT CASE WHEN l.ordinal IS NULL THEN 'I' WHEN n.ordinal IS NULL THEN 'D' ELSE 'U' END,
                       {", ".join(f"coalesce(l.{c}, n.{c})" for c in (*_BOOKING, "ordinal"))}
                FROM (SELECT * FROM ledger_line l WHERE {scope}) l FULL JOIN ledger_next n ON {_NEXT}
                WHERE ({_listed((*_BOOKING, "ordinal", *_CONTENT), "l")})
                      IS DISTINCT FROM ({_listed((*_BOOKING, "ordinal", *_CONTENT), "n")})""",
            **place,
        )
        missing = 0 if vanished_are_deleted else await self._keep_missing(scope, place)
        await self._run("ANALYZE ledger_diff")
        deleted = await self._run(
            f"""DELETE FROM ledger_line l USING ledger_diff d
                WHERE d.kind = 'D' AND l.administration_id = :administration AND {_same("l", "d", _LINE)}"""
        )
        updated = await self._run(
            f"""UPDATE ledger_line l SET {", ".join(f"{c} = n.{c}" for c in _CONTENT)}
                FROM ledger_diff d JOIN ledger_next n ON {_same("d", "n", _LINE)}
                WHERE d.kind = 'U' AND l.administration_id = :administration AND {_same("l", "d", _LINE)}"""
        )
        inserted = await self._run(
            f"""INSERT INTO ledger_line (administration_id, {_listed(tuple(_COLUMNS))}, ordinal)
                SELECT CAST(:administration AS uuid), n.* FROM ledger_diff d JOIN ledger_next n
                ON {_same("d", "n", _LINE)} WHERE d.kind = 'I'"""
        )
        await self._run(
            f"""INSERT INTO import_change (administration_id, run_id, kind, {_listed(_BOOKING)})
                SELECT CAST(:administration AS uuid), CAST(:run AS uuid),
                       CASE WHEN bool_or(kind = 'I' AND ordinal = 1) THEN 'ADDED'
                            WHEN bool_or(kind = 'D' AND ordinal = 1) THEN 'REMOVED' ELSE 'CHANGED' END,
                       {_listed(_BOOKING)}
                FROM ledger_diff GROUP BY {_listed(_BOOKING)} ON CONFLICT DO NOTHING""",
            run=run.id,
        )
        total = (await self._run("SELECT count(*) FROM ledger_next")).scalar_one()
        unchanged = total - inserted.rowcount - updated.rowcount
        return Counts(0, inserted.rowcount, updated.rowcount, unchanged, deleted.rowcount), missing

    async def _keep_missing(self, scope: str, place: dict[str, object]) -> int:
        """Bookings that the answer did not hold stay, and are noted until the verification has judged."""
        await self._run(
            f"""DELETE FROM missing_booking l
                WHERE {scope} AND EXISTS (SELECT FROM ledger_next n WHERE {_same("l", "n")})""",
            **place,
        )
        missing = await self._run(
            f"""INSERT INTO missing_booking (administration_id, {_listed(_BOOKING)})
                SELECT CAST(:administration AS uuid), {_listed(_BOOKING)} FROM ledger_diff
                WHERE kind = 'D' AND ordinal = 1 ON CONFLICT DO NOTHING"""
        )
        await self._run(
            f"""DELETE FROM ledger_diff d USING ledger_diff gone
                WHERE gone.kind = 'D' AND gone.ordinal = 1 AND {_same("d", "gone")}"""
        )
        return int(missing.rowcount)

    async def _rebuild_balances(self, place: dict[str, object]) -> None:
        await self._run(f"DELETE FROM account_month l WHERE {_CHUNK}", **place)
        await self._run(
            f"""INSERT INTO account_month (administration_id, {_GRAIN}, debit, credit, lines)
                SELECT CAST(:administration AS uuid), {_BALANCE} FROM ledger_line l WHERE {_CHUNK}
                GROUP BY 2, 3, 4, 5, 6, 7""",
            **place,
        )

    async def _shift_balances(self) -> None:
        """Add what the bookings of the scope will hold, subtract what they hold now: the cost of the change alone."""
        lines = f"SELECT {_listed(tuple(_COLUMNS), 'l')}, -1 AS sign FROM ledger_line l WHERE {_SCOPE}"
        await self._run(
            f"""INSERT INTO account_month AS m (administration_id, {_GRAIN}, debit, credit, lines)
                SELECT CAST(:administration AS uuid), bookyear, journal_type, coalesce(period, 0),
                       date_trunc('month', effective_date)::date, account, coalesce(cost_centre, 0),
                       sum(sign * greatest(amount, 0)), sum(sign * greatest(-amount, 0)), sum(sign)
                FROM ({lines} UNION ALL SELECT {_listed(tuple(_COLUMNS))}, 1 FROM ledger_stage) moved
                GROUP BY 2, 3, 4, 5, 6, 7
                HAVING sum(sign) <> 0 OR sum(sign * greatest(amount, 0)) <> 0 OR sum(sign * greatest(-amount, 0)) <> 0
                ON CONFLICT (administration_id, {_GRAIN}) DO UPDATE
                SET debit = m.debit + excluded.debit, credit = m.credit + excluded.credit,
                    lines = m.lines + excluded.lines"""
        )
        await self._run(
            """DELETE FROM account_month WHERE administration_id = :administration AND lines = 0
               AND bookyear = ANY(SELECT DISTINCT bookyear FROM ledger_scope)"""
        )

    async def _note_unbalanced(
        self, scope: str, place: dict[str, object], staged: Sequence[BookingKey]
    ) -> list[BookingKey]:
        """Of what was staged, without what was of another chunk; bookings that are missing stay as they are noted."""
        await self._run(
            f"""DELETE FROM unbalanced_booking l WHERE {scope} AND NOT EXISTS (
                    SELECT FROM missing_booking m WHERE m.administration_id = :administration AND {_same("l", "m")})""",
            **place,
        )
        if not staged:
            return []
        noted = await self._run(
            f"""INSERT INTO unbalanced_booking (administration_id, {_listed(_BOOKING)}, net)
                SELECT CAST(:administration AS uuid), {_listed(_BOOKING)}, sum(amount) FROM ledger_stage
                GROUP BY {_listed(_BOOKING)} HAVING sum(amount) <> 0
                ON CONFLICT DO NOTHING RETURNING {_listed(_BOOKING)}"""
        )
        return [BookingKey(*row) for row in noted]

    async def _run(self, statement: str | TextClause, **parameters: object) -> Any:
        clause = text(statement) if isinstance(statement, str) else statement
        return await self.connection.execute(clause, {"administration": self.administration, **parameters})
