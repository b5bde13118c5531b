"""How many rows of a table PostgreSQL has ever written."""

import time

import psycopg

from monitr.adapters.sql.database.engine import libpq_url

_PATIENCE_SECONDS = 30


def written_rows(url: str, table: str) -> tuple[int, int, int]:
    """Inserted, updated, deleted; with the table's partitions. All other connections to the database have to close:
    each tells the counters what it did at the latest when it goes."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        _wait_until_alone(connection)
        row = connection.execute(
            """SELECT sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del) FROM pg_stat_user_tables
               WHERE relid = %(table)s::regclass
                  OR relid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = %(table)s::regclass)""",
            {"table": table},
        ).fetchone()
    assert row is not None
    inserted, updated, deleted = map(int, row)
    return inserted, updated, deleted


def _wait_until_alone(connection: psycopg.Connection) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while connection.execute(f"{others} AND backend_type = 'client backend'").fetchone() != (0,):
        if time.monotonic() > deadline:
            raise RuntimeError("somebody else is connected to the benchmark's database")
        time.sleep(0.05)
