"""A database of the simulation's own, in which the simulated clock rules.

The program asks the database for the time too: for leases, waits, the outbox, when a chunk was read, and in triggers.
Here ``clock_timestamp()`` and ``now()`` are found in a schema before PostgreSQL's own, and tell what the simulation has
left there.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from monitr.adapters.sql.database.embedded import EmbeddedServer
from monitr.adapters.sql.database.engine import libpq_url, sqlalchemy_url
from monitr.adapters.sql.database.migration import migrate

_CLOCK = """
    CREATE SCHEMA simulation;
    CREATE UNLOGGED TABLE simulation.present (moment timestamptz NOT NULL);
    INSERT INTO simulation.present VALUES ('epoch');
    CREATE FUNCTION simulation.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
        AS 'SELECT moment FROM simulation.present';
    CREATE FUNCTION simulation.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
        AS 'SELECT moment FROM simulation.present';
    GRANT USAGE ON SCHEMA simulation TO PUBLIC;
    GRANT SELECT ON simulation.present TO PUBLIC;
"""


@contextmanager
def a_server() -> Iterator[str]:
    """``MONITR_TEST_DATABASE_URL``, else the embedded server."""
    if configured := os.environ.get("MONITR_TEST_DATABASE_URL"):
        yield configured
        return
    folder = Path(tempfile.mkdtemp(prefix="monitr-simulation-"))
    server = EmbeddedServer(folder, settings={"fsync": "off", "max_connections": "200"})
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def a_template(server: str) -> Iterator[str]:
    """The name of a migrated database with the simulated clock, to be copied."""
    name = f"monitr_simulation_template_{os.getpid()}"
    with _created(server, name, "template0") as url:
        migrate(url)
        with psycopg.connect(libpq_url(url), autocommit=True) as connection:
            connection.execute(_CLOCK)
        yield name


@contextmanager
def a_database(server: str, template: str) -> Iterator["Database"]:
    name = f"{template}_{os.urandom(4).hex()}"
    with _created(server, name, template) as url:
        with psycopg.connect(libpq_url(server), autocommit=True) as connection:
            its = sql.Identifier(name)
            connection.execute(
                sql.SQL("ALTER DATABASE {} SET search_path = simulation, pg_catalog, public").format(its)
            )
            connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(its))
        database = Database(url)
        try:
            yield database
        finally:
            database.close()


@contextmanager
def _created(server: str, name: str, template: str) -> Iterator[str]:
    its = sql.Identifier(name)
    with psycopg.connect(libpq_url(server), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(its, sql.Identifier(template)))
    try:
        yield sqlalchemy_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(libpq_url(server), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(its))


class Database:
    """With a session of the simulation's own, which no process of ours uses."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = psycopg.connect(libpq_url(url), autocommit=True)
        self._shown: datetime | None = None
        self._backends: dict[int, int] = {}
        self.statements = 0

    def rows(self, query: str, *parameters: object) -> list[tuple[object, ...]]:
        """For the observer."""
        return list(self._session.execute(query, parameters).fetchall())  # type: ignore[call-overload]  # its own text

    def rows_by_name(self, query: str, **parameters: object) -> list[tuple[object, ...]]:
        return list(self._session.execute(query, parameters).fetchall())  # type: ignore[call-overload]  # its own text

    def show(self, now: datetime) -> None:
        """What the database's clocks tell from here on."""
        if now != self._shown:
            self._session.execute("UPDATE simulation.present SET moment = %s", [now])
            self._shown = now

    def knows(self, socket: int, backend: int) -> None:
        self._backends[socket] = backend

    def blocked(self, sockets: Sequence[int]) -> frozenset[int]:
        backends = {self._backends[socket]: socket for socket in sockets if socket in self._backends}
        waiting = self._session.execute(
            "SELECT pid FROM unnest(%s::int[]) AS pid WHERE cardinality(pg_blocking_pids(pid)) > 0", [list(backends)]
        )
        return frozenset(backends[pid] for (pid,) in waiting.fetchall())

    def close(self) -> None:
        self._session.close()
