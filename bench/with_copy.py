"""The same rows through ``\\copy``, the fastest way that PostgreSQL has: no request, no decoding, no comparison."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

from bench.databases import settle
from bench.results import CopyTimes
from monitr.adapters.sql.database.engine import libpq_url, sqlalchemy_url

LEDGER, COPIED = "ledger_line", "ledger_copied"
_TIMING = re.compile(r"^Time: ([0-9.]+) ms", re.MULTILINE)


def copy_times(database: str) -> CopyTimes:
    """Of the ledger that an import has left in ``database``, exported as text in the order in which it was written."""
    with tempfile.TemporaryDirectory(prefix="monitr-bench-copy-") as folder:
        file = Path(folder) / "ledger_line.txt"
        with psycopg.connect(libpq_url(database), autocommit=True) as connection:
            lines = _export(connection, file)
            if lines == 0:
                raise RuntimeError("this login cannot read past the row security of the ledger")
            seconds = []
            for indexed in (True, False):
                _create(connection, indexed=indexed)
                settle(database)
                seconds.append(_load(database, file))
                connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(COPIED)))
    [with_indexes, with_primary_key] = seconds
    return CopyTimes(with_indexes, with_primary_key, lines, "psql" if shutil.which("psql") else "psycopg")


def _export(connection: psycopg.Connection, file: Path) -> int:
    with file.open("wb") as target, connection.cursor() as cursor:
        with cursor.copy(sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(LEDGER))) as copy:
            for block in copy:
                target.write(block)
        return cursor.rowcount


def _create(connection: psycopg.Connection, *, indexed: bool) -> None:
    """With the primary key and all indexes of the ledger, or with the primary key alone."""
    indexes = sql.SQL("INCLUDING INDEXES" if indexed else "")
    connection.execute(
        sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE {})").format(
            sql.Identifier(COPIED), sql.Identifier(LEDGER), indexes
        )
    )
    if not indexed:
        row = connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'",
            [LEDGER],
        ).fetchone()
        assert row is not None
        connection.execute(sql.SQL("ALTER TABLE {} ADD {}").format(sql.Identifier(COPIED), sql.SQL(row[0])))


def _load(database: str, file: Path) -> float:
    """Seconds, without connecting."""
    if (psql := shutil.which("psql")) is None:
        return _load_with_psycopg(database, file)
    url = sqlalchemy_url(database).set(drivername="postgresql")
    commands = ["\\timing on", f"\\copy {COPIED} from '{file}'"]
    arguments = [argument for command in commands for argument in ("-c", command)]
    done = subprocess.run(  # fixed arguments
        [psql, "-X", "-v", "ON_ERROR_STOP=1", *arguments, url.set(password=None).render_as_string()],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PGPASSWORD": url.password or "", "LC_ALL": "C"},  # the word before the time is translated
    )
    timing = _TIMING.search(done.stdout)
    assert timing is not None
    return float(timing[1]) / 1000


def _load_with_psycopg(database: str, file: Path) -> float:
    with psycopg.connect(libpq_url(database)) as connection, connection.cursor() as cursor, file.open("rb") as source:
        begun = time.perf_counter()
        with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(COPIED))) as copy:
            while block := source.read(1024 * 1024):
                copy.write(block)
        connection.commit()
        return time.perf_counter() - begun
