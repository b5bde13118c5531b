"""The way back: a backup into an empty database, whole and verified, or the database is empty again.

Until the last transaction the schema has no revision, so that no program begins on what is not verified yet. That
transaction compares every row with the file, settles what the dead machine had in hand, erases what had been erased
since, and gives the revision. It sees the rows in spite of row security because the owner lifts the force of it, for
as long as the transaction lasts.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import psycopg
from psycopg import sql

from monitr.adapters.sql.backup.archive import REVISION_TABLE, Archive, damaged
from monitr.adapters.sql.backup.dumping import SAME_TEXT, connected
from monitr.adapters.sql.backup.erasures import Erasure, Forgotten, forget
from monitr.adapters.sql.backup.key_ids import keys_needed
from monitr.adapters.sql.backup.programs import BackupFailed, Connection, Programs, restoring
from monitr.adapters.sql.backup.rows import Contents, differences, rows_of
from monitr.adapters.sql.database.migration import known_revisions

NAMED_AT_MOST = 5
_OLDEST_THAT_FORGETS = "0012"
_POSITIONS_AHEAD = 1_000_000_000
"""Whoever polls events keeps the place of the last one, which may be of after the backup: new ones come behind it."""

_OBJECTS = """
    SELECT name, kind FROM (
        SELECT format('%s.%I', relnamespace::regnamespace, relname), relkind::text, oid, relnamespace FROM pg_class
        WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
        UNION ALL
        SELECT oid::regprocedure::text, 'function', oid, pronamespace FROM pg_proc
    ) AS object (name, kind, oid, namespace)
    WHERE namespace::regnamespace::text !~ '^(pg_|information_schema$)'
        AND NOT EXISTS (SELECT FROM pg_depend WHERE pg_depend.objid = object.oid AND deptype IN ('e', 'i'))
    ORDER BY kind IN ('S', 'function'), name
"""
_KINDS = {"r": "TABLE", "p": "TABLE", "v": "VIEW", "m": "MATERIALIZED VIEW", "S": "SEQUENCE", "f": "FOREIGN TABLE"}

_FORCED = """
    SELECT pg_class.oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relforcerowsecurity AND relowner = current_user::regrole
"""

# What a machine that is gone had in hand: free at once, whatever its clock had said, and no attempt is counted.
_SETTLE = """
    UPDATE import_run
    SET lease_until = clock_timestamp(), fence = fence + 1, attempt = greatest(attempt - 1, 0)
    WHERE lease_owner IS NOT NULL AND status IN ('QUEUED', 'RUNNING', 'WAITING');
    UPDATE webhook_target SET lease_until = NULL, fence = fence + 1 WHERE lease_until IS NOT NULL;
    SELECT setval('webhook_position', (SELECT last_value FROM webhook_position) + {ahead})
"""

# As the first migration does: imports stage their rows in temporary tables, which may have been revoked from everybody.
_MAY_STAGE = """
DO $$
BEGIN
    IF NOT has_database_privilege('monitr_tenant', current_database(), 'TEMP') THEN
        EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO monitr_tenant', current_database());
    END IF;
END $$
"""

_LIVING = """
    SELECT (SELECT count(*) FROM integration WHERE status = 'CONFIGURED'),
        (SELECT count(*) FROM administration WHERE status <> 'DELETED'),
        (SELECT count(*) FROM import_run WHERE status IN ('QUEUED', 'RUNNING', 'WAITING'))
"""


@dataclass(frozen=True, slots=True)
class Restored:
    """``revision``: of the schema as it came. ``keys``: see ``BackedUp``. ``integrations`` are those that Octopus's
    tokens came back for; ``unfinished``: runs that go on."""

    contents: Contents
    made_at: datetime | None
    revision: str
    keys: dict[str, int]
    forgotten: Forgotten
    integrations: int
    administrations: int
    unfinished: int


def read(file: Path, url: str, programs: Sequence[Programs]) -> tuple[Archive, Contents]:
    """The whole file, before anything is done with it. Raises BackupFailed."""
    with connected(url) as connection:
        server = connection.info.server_version // 10_000
    archive = Archive.opened(file, restoring(programs, server))
    contents = archive.contents()
    if contents.revision is None:
        raise BackupFailed(f"{file} is no backup of Monitr: it has no table {REVISION_TABLE} with a revision.")
    if contents.revision not in (known := known_revisions()):
        raise BackupFailed(
            f"{file} was made by a newer Monitr (its schema is {contents.revision}, and this one knows up to"
            f" {max(known)}): install that version, or a newer one, and restore with it."
        )
    return archive, contents


def refuse_unless_empty(url: str) -> None:
    """Raises BackupFailed, naming what is there."""
    with connected(url) as connection:
        found = [name for name, _ in connection.execute(_OBJECTS)]
        where = f"{connection.info.dbname} at {connection.info.host}"
    if found:
        named = ", ".join(found[:NAMED_AT_MOST])
        more = f" and {len(found) - NAMED_AT_MOST} more" if len(found) > NAMED_AT_MOST else ""
        raise BackupFailed(
            f"The database {where} is not empty, and a backup is restored into an empty one only (it holds"
            f" {named}{more}): name another in MONITR_DATABASE_URL or, for the embedded one, another MONITR_DATA_DIR."
        )


def refuse_unless_it_can_forget(contents: Contents, file: Path) -> None:
    """Erasures are told to tables that older schemas did not have. Raises BackupFailed."""
    if (revision := contents.revision or "") < _OLDEST_THAT_FORGETS:
        raise BackupFailed(
            f"{file} is of the schema {revision}, older than {_OLDEST_THAT_FORGETS}: restore it without a list of"
            " erasures, and remove the administrations of the list again, with `purge`, before anybody works with them."
        )


def restore(archive: Archive, contents: Contents, url: str, erasures: Sequence[Erasure]) -> Restored:
    """Into the empty database at ``url``, whose login will own everything. Where anything goes wrong, or is not as it
    was in the file, the database is empty again, and BackupFailed says what it was."""
    with _empty_again(url):
        _restore_all_but_the_revision(archive, url)
        _refuse_other_definitions(archive, url)
        with connected(url) as connection, connection.transaction():
            connection.execute(SAME_TEXT)
            with _seeing_everything(connection):
                return _settled(archive, contents, connection, erasures)


def _restore_all_but_the_revision(archive: Archive, url: str) -> None:
    left_out = re.compile(rf"^\d+; \d+ \d+ TABLE DATA \S+ {REVISION_TABLE} ", re.MULTILINE)
    with NamedTemporaryFile("w", prefix="monitr-restore-") as entries:
        entries.write(left_out.sub(";", archive.listing))
        entries.flush()
        try:
            archive.programs.run(
                "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-publications",
                "--no-subscriptions", f"--use-list={entries.name}", str(archive.file), connection=Connection(url),
            )  # fmt: skip
        except BackupFailed as trouble:
            raise BackupFailed(_not_restored(archive.file, str(trouble), archive.programs)) from trouble


def _refuse_other_definitions(archive: Archive, url: str) -> None:
    """Tables, indexes, policies, triggers and functions by their names; what each role may do, word by word."""
    program = archive.programs
    with NamedTemporaryFile(prefix="monitr-restore-") as dumped:
        program.run(
            "pg_dump", "--schema-only", "--format=custom", "--no-publications", "--no-subscriptions",
            f"--file={dumped.name}", connection=Connection(url),
        )  # fmt: skip
        again = Archive.opened(Path(dumped.name), [program])
        missing = _names(archive) ^ _names(again) or _rights(archive) ^ _rights(again)
    if missing:
        raise BackupFailed(damaged(archive.file, f"after the restoration these differ: {min(missing)}"))


def _names(archive: Archive) -> set[str]:
    """Without their owners, and without what stands for rows."""
    entries = [entry.rpartition(" ")[0] for entry in archive.entries]
    return {entry for entry in entries if not entry.startswith(_OF_ROWS_OR_THE_DATABASE)}


_OF_ROWS_OR_THE_DATABASE = (
    "TABLE DATA", "SEQUENCE SET", "STATISTICS DATA", "DATABASE", "SCHEMA - public", "COMMENT - SCHEMA", "PUBLICATION",
    "SUBSCRIPTION",
)  # fmt: skip


def _rights(archive: Archive) -> set[str]:
    return {line for line in archive.definitions().splitlines() if line.startswith(("GRANT ", "REVOKE "))}


@contextmanager
def _seeing_everything(connection: psycopg.Connection) -> Iterator[None]:
    """Within a transaction of the owner, which holds the tables for itself alone."""
    forced = [name for (name,) in connection.execute(_FORCED)]
    for table in forced:
        connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY".encode())
    yield
    for table in forced:
        connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY".encode())


def _settled(
    archive: Archive, contents: Contents, connection: psycopg.Connection, erasures: Sequence[Erasure]
) -> Restored:
    revisions = next(name for name in contents.tables if name.endswith(f".{REVISION_TABLE}"))
    connection.execute(f"INSERT INTO {revisions} VALUES (%s)".encode(), [contents.revision])
    tables = ((name, table.columns) for name, table in contents.tables.items())
    if troubles := differences(contents, Contents(rows_of(connection, tables))):
        raise BackupFailed(damaged(archive.file, f"what was restored is not what it holds: {troubles[0]}"))
    for name, (value, is_used) in contents.sequences.items():
        there = connection.execute(f"SELECT last_value, is_called FROM {name}".encode()).fetchone()
        if there != (value, is_used):
            raise BackupFailed(damaged(archive.file, f"the sequence {name} is at {there} and not at {value}"))
    keys = keys_needed(connection)
    connection.execute(_SETTLE.format(ahead=_POSITIONS_AHEAD).encode())
    connection.execute(_MAY_STAGE)
    forgotten = forget(connection, erasures)
    integrations, administrations, unfinished = connection.execute(_LIVING).fetchone() or (0, 0, 0)
    return Restored(
        contents, archive.made_at, str(contents.revision), keys, forgotten, integrations, administrations, unfinished
    )


@contextmanager
def _empty_again(url: str) -> Iterator[None]:
    """Where what is done meanwhile fails, or is interrupted: it was empty before, so all that is there is dropped."""
    try:
        yield
    except BaseException:
        with connected(url) as connection, connection.transaction():
            for name, kind in connection.execute(_OBJECTS).fetchall():
                what = _KINDS.get(kind, "FUNCTION")
                connection.execute(f"DROP {what} IF EXISTS {name} CASCADE".encode())
        raise


def _not_restored(file: Path, why: str, programs: Programs) -> str:
    if "could not read" in why or "unexpected end" in why or "could not uncompress" in why:
        return damaged(file, why)
    repair = _repair(why, programs)
    return f"{file} was not restored, and the database is empty as before ({why}){f': {repair}' if repair else ''}."


def _repair(why: str, programs: Programs) -> str | None:
    if "transaction_timeout" in why:
        return f"pg_restore {programs.version} is too new for this server; install the client programs of its version"
    if role := re.search(r'role "(.+?)" does not exist', why):
        made = sql.Identifier(role[1]).as_string()
        return f"it gives rights to a role that this server has not; have an administrator run: CREATE ROLE {made}"
    if "permission denied" in why:
        return "restore as the login that owns the database (MONITR_DATABASE_MIGRATION_URL)"
    return None
