"""Writing reference data: rows arrive by COPY in a temporary table, what differs is written (``reference_rows``)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql import bulk_copy
from monitr.adapters.sql.reference_rows import STORED, Stored
from monitr.application.import_store import Row
from monitr.domain.import_run import Counts
from monitr.domain.organisation import AdministrationId

_ROWS_AT_ONCE = 1000
_OWN = "old.administration_id = :administration"


async def replace(
    connection: AsyncConnection, administration: AdministrationId, kind: type[Row], rows: Sequence[Row]
) -> Counts:
    """All rows of the kind."""
    stored = STORED[kind]
    await prepare(connection, stored)
    arrived = await arrive(connection, stored, stored.rows(rows))
    return Counts(fetched=len(rows)) + await put_in_place(connection, administration, stored, arrived, {})


async def put_in_place(
    connection: AsyncConnection,
    administration: AdministrationId,
    stored: Stored,
    arrived: int,
    within: Mapping[str, object],
) -> Counts:
    """What has arrived, in place of all rows with the values of ``within``. Whole against whole, by hash: what is the
    same is dropped before anything is written."""
    bounds = {f"within_{column}": value for column, value in within.items()}
    place = {"administration": administration, **bounds}
    incoming, same = _incoming(stored), _same(stored.key)
    await connection.execute(text("SELECT set_config('enable_nestloop', 'off', true)"))
    deleted = await connection.execute(
        text(
            f"""DELETE FROM {stored.table} old
                WHERE {" AND ".join((_OWN, *(f"old.{column} = :within_{column}" for column in within)))}
                AND NOT EXISTS (SELECT FROM {incoming} n WHERE {same})"""
        ),
        place,
    )
    unchanged = await connection.execute(
        text(
            f"""DELETE FROM {incoming} n USING {stored.table} old
                WHERE {_OWN} AND {same} AND {_others(stored, "old")} IS NOT DISTINCT FROM {_others(stored, "n")}"""
        ),
        place,
    )
    inserted, updated = await _upsert(connection, administration, stored) if arrived > unchanged.rowcount else (0, 0)
    return Counts(0, inserted, updated, unchanged.rowcount, deleted.rowcount)


async def merge(
    connection: AsyncConnection,
    administration: AdministrationId,
    kind: type[Row],
    rows: Sequence[Row],
    gone: Sequence[Row],
) -> Counts:
    """Rows that changed: a few against many, found by their keys."""
    stored = STORED[kind]
    incoming = _incoming(stored)
    deleted = 0
    await prepare(connection, stored)
    if await arrive(connection, stored, stored.rows(gone)):
        statement = text(f"DELETE FROM {stored.table} old USING {incoming} n WHERE {_OWN} AND {_same(stored.key)}")
        deleted = (await connection.execute(statement, {"administration": administration})).rowcount
        await connection.execute(text(f"DELETE FROM {incoming}"))
    arrived = await arrive(connection, stored, stored.rows(rows))
    inserted, updated = await _upsert(connection, administration, stored) if arrived else (0, 0)
    return Counts(len(rows), inserted, updated, arrived - inserted - updated, deleted)


async def prepare(connection: AsyncConnection, stored: Stored) -> None:
    """The temporary table."""
    driver = await bulk_copy.driver_of(connection)
    columns = ", ".join(f"{column} {type}" for column, type in stored.columns.items())
    await driver.execute(f"CREATE TEMP TABLE IF NOT EXISTS {_incoming(stored)} ({columns}) ON COMMIT DELETE ROWS")


async def arrive(connection: AsyncConnection, stored: Stored, values: Sequence[tuple[object, ...]]) -> int:
    """Some rows in the temporary table. How many."""
    driver = await bulk_copy.driver_of(connection)
    if values:
        async with driver.cursor().copy(f"COPY {_incoming(stored)} FROM STDIN") as copy:
            for start in range(0, len(values), _ROWS_AT_ONCE):
                await copy.write(bulk_copy.rows_text(values[start : start + _ROWS_AT_ONCE]))
    return len(values)


async def _upsert(connection: AsyncConnection, administration: AdministrationId, stored: Stored) -> tuple[int, int]:
    """Inserted and updated; what is the same is not written."""
    columns = ", ".join(stored.columns)
    others = [column for column in stored.columns if column not in stored.key]
    statement = text(
        f"""INSERT INTO {stored.table} AS old (administration_id, {columns})
            SELECT CAST(:administration AS uuid), {columns} FROM {_incoming(stored)}
            ON CONFLICT (administration_id, {", ".join(stored.key)})
            DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in others)}
            WHERE {_others(stored, "old")} IS DISTINCT FROM {_others(stored, "excluded")}
            RETURNING xmax = 0"""
    )
    written = [new for (new,) in await connection.execute(statement, {"administration": administration})]
    return sum(written), len(written) - sum(written)


def _incoming(stored: Stored) -> str:
    return f"incoming_{stored.table}"


def _same(columns: Sequence[str]) -> str:
    return " AND ".join(f"old.{column} = n.{column}" for column in columns)


def _others(stored: Stored, alias: str) -> str:
    return f"ROW({', '.join(f'{alias}.{column}' for column in stored.columns if column not in stored.key)})"
