"""A database of the simulation's own, in which the simulated clock rules.

The program asks the database for the time too: for leases, waits, the outbox, when a chunk was read, and in triggers.
Here ``clock_timestamp()`` and ``now()`` are found in a schema before PostgreSQL's own, and tell what the simulation has
left there.
"""

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from monitr.adapters.sql.database.embedded import EmbeddedServer
from monitr.adapters.sql.database.engine import libpq_url, sqlalchemy_url
from monitr.adapters.sql.database.migration import migrate
from tests.simulation.tables import AdministrationRow, Booking, IntegrationRow, Line, Row, RunRow

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
    """With a session of the simulation's own, which no process of ours uses. The port ``Tables``."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session: psycopg.Connection[Row] = psycopg.connect(libpq_url(url), autocommit=True)
        self._shown: datetime | None = None
        self._backends: dict[int, int] = {}
        self.statements = 0

    def show(self, now: datetime) -> None:
        """What the database's clocks tell from here on."""
        if now != self._shown:
            self._session.execute("UPDATE simulation.present SET moment = %s", [now])
            self._shown = now

    def knows(self, socket: int, backend: int) -> None:
        """Of a session, who serves it."""
        self._backends[socket] = backend

    def blocked(self, sockets: Sequence[int]) -> frozenset[int]:
        backends = {self._backends[socket]: socket for socket in sockets if socket in self._backends}
        waiting = self._session.execute(
            "SELECT pid FROM unnest(%s::int[]) AS pid WHERE cardinality(pg_blocking_pids(pid)) > 0", [list(backends)]
        )
        return frozenset(backends[pid] for (pid,) in waiting.fetchall())

    def close(self) -> None:
        self._session.close()

    # --- tables ----------------------------------------------------------------------------------------

    def run(self, id: UUID) -> RunRow:
        [row] = self._rows(_RUN + "WHERE run.id = %s", id)
        return _run_of(row)

    def unfinished(self) -> Sequence[RunRow]:
        rows = self._rows(
            _RUN + "WHERE run.status IN ('QUEUED', 'RUNNING', 'WAITING') AND administration.status <> 'DELETED'"
        )
        return [_run_of(row) for row in rows]

    def last_run(self, administration: UUID) -> RunRow | None:
        rows = self._rows(_RUN + "WHERE administration.id = %s ORDER BY run.queued_at DESC LIMIT 1", administration)
        return _run_of(rows[0]) if rows else None

    def administrations(self) -> Sequence[AdministrationRow]:
        rows = self._rows(
            "SELECT id, dossier_number, name, status, integration_id, watermark, last_successful_import_at"
            " FROM administration WHERE status <> 'DELETED' ORDER BY dossier_number"
        )
        return [AdministrationRow(*row) for row in rows]

    def integrations(self) -> Sequence[IntegrationRow]:
        rows = self._rows(
            "SELECT id, status FROM integration WHERE status IN ('CONFIGURED', 'RECONNECT_REQUIRED')"
            " ORDER BY status, created_at"
        )
        return [IntegrationRow(*row) for row in rows]

    def bookings(self, administration: UUID) -> Mapping[Booking, Sequence[Line]]:
        bookings: defaultdict[Booking, list[Line]] = defaultdict(list)
        for bookyear, type, number, document, *line in self._rows(_LINES, administration):
            bookings[bookyear, type, number, document].append(tuple(line))
        return {key: tuple(sorted(lines)) for key, lines in bookings.items()}

    def items(self, administration: UUID) -> Sequence[Row]:
        return self._rows(_ITEMS, administration)

    def matchings(self, administration: UUID) -> Sequence[Row]:
        return self._rows(_MATCHINGS, administration)

    def notes(self, run: UUID) -> Sequence[str]:
        return [text for (text,) in self._rows("SELECT text FROM import_note WHERE run_id = %s", run)]

    def names(self, kind: str, administration: UUID) -> dict[Any, str]:
        return dict(self._rows(_NAMES[kind], administration))

    def refresh_token(self, integration: UUID) -> str | None:
        """It is encrypted, and the simulation has no key."""
        return None

    def timeline(self, id: UUID) -> Sequence[str]:
        query = "SELECT status_after FROM timeline_event WHERE subject_id = %s ORDER BY id"
        return [status for (status,) in self._rows(query, id)]

    def different_balances(self, administration: UUID) -> int:
        return int(self._rows(_DIFFERENT_BALANCES, administration, administration)[0][0])

    def _rows(self, query: str, *parameters: object) -> list[Row]:
        rows = self._session.execute(query, parameters)  # pyright: ignore[reportArgumentType]  # the texts below
        return rows.fetchall()


def _run_of(row: Row) -> RunRow:
    id, administration, dossier, status, trigger, mode, queued, resume, lease, verification, error, datasets = row
    checks = tuple((check["code"], check["status"]) for check in verification or ())
    read = frozenset(name for name, progress in datasets.items() if progress["status"] == "SUCCEEDED")
    why = f"{error['code']} ({error['message']})" if error else ""
    return RunRow(id, administration, dossier, status, trigger, mode, queued, resume, lease, checks, why, read)


_RUN = """
    SELECT run.id, run.administration_id, administration.dossier_number, run.status, run.trigger, run.mode,
           run.queued_at, run.resume_at, run.lease_until, run.verification, run.error, run.datasets
    FROM import_run run JOIN administration ON administration.id = run.administration_id
"""
_LINES = """
    SELECT bookyear, journal_type, journal_number, document_number, account, amount, document_date, coalesce(period, 0),
           effective_date, coalesce(relation, 0), coalesce(cost_centre, 0), coalesce(description, ''),
           coalesce(reference, '')
    FROM ledger_line WHERE administration_id = %s
"""
_ITEMS = """
    SELECT type, bookyear, journal_key, document_number, coalesce(relation, 0), amount_outstanding
    FROM outstanding_item WHERE administration_id = %s
"""
_MATCHINGS = """
    SELECT debit_bookyear, debit_journal_key, debit_document_number, credit_bookyear, credit_journal_key,
        credit_document_number, amount
    FROM matching WHERE administration_id = %s AND counts
"""
_NAMES = {
    "relation": "SELECT number, name FROM relation WHERE administration_id = %s",
    "cost_centre": "SELECT number, name_nl FROM cost_centre WHERE administration_id = %s",
    "account": "SELECT ARRAY[bookyear, number]::text, name_nl FROM account WHERE administration_id = %s",
}
_DIFFERENT_BALANCES = """
    SELECT count(*) FROM (
        SELECT bookyear, journal_type, period, month, account, cost_centre, debit, credit, lines
        FROM account_month WHERE administration_id = %s
        EXCEPT
        SELECT bookyear, journal_type, coalesce(period, 0), date_trunc('month', effective_date)::date, account,
               coalesce(cost_centre, 0), sum(greatest(amount, 0)), sum(greatest(-amount, 0)), count(*)::int
        FROM ledger_line WHERE administration_id = %s GROUP BY 1, 2, 3, 4, 5, 6
    ) different
"""
