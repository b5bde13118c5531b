"""Writing reference data (``reference_rows``): what differs is written.

Whole lists arrive by COPY in a temporary table. Changes, which are mostly few, come with the statement: a commit that
follows the use of a temporary table empties all those of its connection, at half a millisecond each.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.statements import scoped
from monitr.adapters.sql.importing.bulk_copy import Arriving, driver_of, rows_text
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.adapters.sql.importing.reference_rows import STORED, Stored
from monitr.domain.import_run import Counts

T = TypeVar("T")

_ROWS_AT_ONCE = 1000
_OWN = "old.administration_id = :own"


async def replace(own: OwnTransaction, kind: type[T], rows: Sequence[T]) -> Counts:
    """All rows of the kind."""
    stored = STORED[kind]
    await prepare(own.connection, stored)
    keyed = stored.rows(rows)
    arriving = Arriving()
    await arriving.open(own.connection, f"COPY {_incoming(stored)} FROM STDIN")
    for start in range(0, len(keyed), _ROWS_AT_ONCE):
        await arriving.write(rows_text(keyed[start : start + _ROWS_AT_ONCE]))
    await arriving.close()
    return Counts(fetched=len(rows)) + await put_in_place(own, stored, len(keyed), {})


async def put_in_place(own: OwnTransaction, stored: Stored, arrived: int, within: Mapping[str, object]) -> Counts:
    """What has arrived, in place of all rows with the values of ``within``. Whole against whole, by hash: what is the
    same is dropped before anything is written."""
    bounds = {f"within_{column}": value for column, value in within.items()}
    incoming, same = _incoming(stored), _same(stored.key)
    await own.run(text("SELECT set_config('enable_nestloop', 'off', true)"))
    those_within = " AND ".join((_OWN, *(f"old.{column} = :within_{column}" for column in within)))
    delete = (
        f"DELETE FROM {stored.table} old WHERE {those_within} AND NOT EXISTS (SELECT FROM {incoming} n WHERE {same})"
    )
    deleted = await own.run(scoped(delete), **bounds)
    drop = f"""DELETE FROM {incoming} n USING {stored.table} old
               WHERE {_OWN} AND {same} AND {_others(stored, "old")} IS NOT DISTINCT FROM {_others(stored, "n")}"""
    unchanged = await own.run(scoped(drop))
    inserted = updated = 0
    if arrived > unchanged.rowcount:
        inserted, updated = await _upsert(own, stored, incoming, {})
    return Counts(0, inserted, updated, unchanged.rowcount, deleted.rowcount)


async def merge(own: OwnTransaction, kind: type[T], rows: Sequence[T], gone: Sequence[T]) -> Counts:
    """Rows that changed: a few against many, found by their keys."""
    stored = STORED[kind]
    arrays = ", ".join(f"CAST(:{column} AS {type}[])" for column, type in stored.columns.items())
    given = f"(SELECT * FROM unnest({arrays}) AS given({', '.join(stored.columns)}))"
    deleted = inserted = updated = 0
    if gone:
        statement = scoped(f"DELETE FROM {stored.table} old USING {given} n WHERE {_OWN} AND {_same(stored.key)}")
        deleted = (await own.run(statement, **_by_column(stored, stored.rows(gone)))).rowcount
    if changed := stored.rows(rows):
        inserted, updated = await _upsert(own, stored, given, _by_column(stored, changed))
    return Counts(len(rows), inserted, updated, len(changed) - inserted - updated, deleted)


async def prepare(connection: AsyncConnection, stored: Stored) -> None:
    """The temporary table."""
    driver = await driver_of(connection)
    table = f"""
        CREATE TEMP TABLE IF NOT EXISTS {_incoming(stored)} ON COMMIT DELETE ROWS AS
        SELECT {", ".join(stored.columns)} FROM {stored.table} WITH NO DATA"""
    await driver.execute(table.encode())


async def _upsert(own: OwnTransaction, stored: Stored, incoming: str, values: Mapping[str, object]) -> tuple[int, int]:
    """Inserted and updated; what is the same is not written."""
    columns = ", ".join(stored.columns)
    others = [column for column in stored.columns if column not in stored.key]
    statement = scoped(
        f"""INSERT INTO {stored.table} AS old (administration_id, {columns})
            SELECT :own, {columns} FROM {incoming} n
            ON CONFLICT (administration_id, {", ".join(stored.key)})
            DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in others)}
            WHERE {_others(stored, "old")} IS DISTINCT FROM {_others(stored, "excluded")}
            RETURNING xmax = 0"""
    )
    written = [new for (new,) in await own.run(statement, **values)]
    return sum(written), len(written) - sum(written)


def _by_column(stored: Stored, rows: Sequence[tuple[object, ...]]) -> dict[str, list[object]]:
    return {column: list(values) for column, values in zip(stored.columns, zip(*rows, strict=True), strict=True)}


def _incoming(stored: Stored) -> str:
    return f"incoming_{stored.table}"


def _same(columns: Sequence[str]) -> str:
    return " AND ".join(f"old.{column} = n.{column}" for column in columns)


def _others(stored: Stored, alias: str) -> str:
    return f"ROW({', '.join(f'{alias}.{column}' for column in stored.columns if column not in stored.key)})"
