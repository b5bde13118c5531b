"""The one PostgreSQL of a run: every import, ours and the others', gets a new database on it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from monitr.adapters.sql.database.embedded import EmbeddedServer
from monitr.adapters.sql.database.engine import libpq_url, sqlalchemy_url
from monitr.adapters.sql.database.migration import migrate

VARIABLES = ("MONITR_BENCH_DATABASE_URL", "MONITR_TEST_DATABASE_URL")
"""An address whose login may create databases and read past row security; without one, the embedded server."""


@contextmanager
def a_server() -> Iterator[str]:
    """Its address, with the settings that it has: nothing is switched off for speed."""
    configured = next((url for name in VARIABLES if (url := os.environ.get(name))), None)
    if configured is not None:
        yield configured
        return
    with tempfile.TemporaryDirectory(prefix="monitr-bench-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedServer(Path(folder) / "data")
        try:
            yield server.start()
        finally:
            server.stop()


@contextmanager
def a_database(server: str, *, migrated: bool) -> Iterator[str]:
    """A new one. What was dirty in the server's memory is on the disk before it is given away, so that nobody pays for
    whoever came before."""
    name = f"monitr_bench_{uuid4().hex}"
    with psycopg.connect(libpq_url(server), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    url = sqlalchemy_url(server).set(database=name).render_as_string(hide_password=False)
    try:
        if migrated:
            migrate(url)
        settle(url)
        yield url
    finally:
        with psycopg.connect(libpq_url(server), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def settle(url: str) -> None:
    """Write what is dirty, where the login may ask for it."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection, suppress(psycopg.errors.InsufficientPrivilege):
        connection.execute("CHECKPOINT")


def server_version(server: str) -> str:
    with psycopg.connect(libpq_url(server)) as connection:
        [version] = connection.execute("SHOW server_version").fetchone() or ["?"]
    return f"PostgreSQL {str(version).split()[0]}"
