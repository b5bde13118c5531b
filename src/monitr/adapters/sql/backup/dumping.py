"""A backup: what pg_dump writes, compared with what the database held at that moment, and then put in its place."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from tempfile import mkstemp

import psycopg

from monitr.adapters.sql.backup.archive import Archive
from monitr.adapters.sql.backup.key_ids import keys_needed
from monitr.adapters.sql.backup.programs import BackupFailed, Connection, Programs, dumping
from monitr.adapters.sql.backup.rows import Contents, differences, rows_of
from monitr.adapters.sql.database.engine import libpq_url

BACKUP_LOGIN = "CREATE ROLE monitr_backup LOGIN BYPASSRLS PASSWORD '…'; GRANT pg_read_all_data TO monitr_backup"
"""What an administrator of PostgreSQL runs, as a superuser."""

# A login that may read every row of every table, and does not own what it reads.
_MAY_READ_ALL = """
    SELECT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user),
        (SELECT min(oid::regclass::text) FROM pg_class
         WHERE relkind IN ('r', 'S') AND relpersistence <> 't'
            AND relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'
            AND NOT has_table_privilege(oid, 'SELECT'))
"""
SAME_TEXT = """
    SET TimeZone = 'UTC'; SET bytea_output = 'hex'; SET client_encoding = 'UTF8'; SET row_security = off;
    SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0
"""
"""Of a session that reads rows to compare them: the same text as pg_dump's, or an error where a row would be hidden."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """``bytes`` and ``sha256`` of the file; ``keys``: the ids, in hexadecimal, of the keys that its secrets need, and
    how many secrets each opens."""

    file: Path
    bytes: int
    sha256: str
    at: datetime
    contents: Contents
    keys: dict[str, int]


def login_that_reads_all(urls: Sequence[str]) -> str:
    """The first of them whose login row security hides nothing from. Raises BackupFailed."""
    refusals: list[str] = []
    for url in urls:
        with connected(url) as connection:
            row = connection.execute(_MAY_READ_ALL).fetchone()
            login, passes, closed = connection.info.user, *(row or (False, None))
        if passes and closed is None:
            return url
        refusals.append(
            f"the login {login} may not read {closed}" if passes else f"row security hides rows from the login {login}"
        )
    raise BackupFailed(
        f"Nothing was written: {', and '.join(dict.fromkeys(refusals))}. Have an administrator run: {BACKUP_LOGIN};"
        " then set MONITR_DATABASE_BACKUP_URL to that login."
    )


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    """Each statement for itself. Raises BackupFailed where the database does not answer, or refuses what is asked."""
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=10, autocommit=True) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise BackupFailed(f"The database does not answer: {_first_line(error)}") from error
    except psycopg.Error as error:
        raise BackupFailed(f"The database refuses: {_first_line(error)}") from error


def _first_line(error: psycopg.Error) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].strip()


def back_up(url: str, programs: Sequence[Programs], file: Path) -> BackedUp:
    """Write ``file``, which must not be there yet; either it is whole and checked, or nothing is left of it.

    ``url``: of a login that reads everything. Raises BackupFailed.
    """
    with _written_whole(file) as draft, connected(url) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            raise BackupFailed(f"The database {connection.info.dbname} holds no Monitr: run `monitr migrate` first.")
        program = dumping(programs, connection.info.server_version // 10_000)
        connection.execute(SAME_TEXT)
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            (snapshot, at), *_ = connection.execute("SELECT pg_export_snapshot(), now()").fetchall()
            _dump(url, program, snapshot, draft, file)
            contents = Archive.opened(draft, [program]).contents()
            there = Contents(rows_of(connection, ((name, table.columns) for name, table in contents.tables.items())))
            _refuse_unless_same(connection, there, contents, file)
            keys = keys_needed(connection)
        size = draft.stat().st_size
        with draft.open("rb") as opened:
            sha256 = file_digest(opened, "sha256").hexdigest()
    return BackedUp(file, size, sha256, at.astimezone(UTC), contents, keys)


def _dump(url: str, program: Programs, snapshot: str, draft: Path, file: Path) -> None:
    try:
        program.run(
            "pg_dump", "--format=custom", "--encoding=UTF8", "--no-publications", "--no-subscriptions",
            "--lock-wait-timeout=60s", f"--snapshot={snapshot}", f"--file={draft}", connection=Connection(url),
        )  # fmt: skip
    except BackupFailed as trouble:
        raise BackupFailed(_not_written(file, str(trouble).replace(str(draft), str(file)))) from trouble


_ALL_TABLES = """
    SELECT format('%I.%I', nspname, relname)
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind = 'r' AND relpersistence <> 't' AND nspname !~ '^(pg_|information_schema$)'
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
"""


def _refuse_unless_same(connection: psycopg.Connection, there: Contents, written: Contents, file: Path) -> None:
    missing = {name for (name,) in connection.execute(_ALL_TABLES)} - written.tables.keys()
    troubles = [*(f"{name} is missing" for name in sorted(missing)), *differences(there, written)]
    if troubles:
        raise BackupFailed(_not_written(file, f"what pg_dump wrote is not what the database holds: {troubles[0]}"))


@contextmanager
def _written_whole(file: Path) -> Iterator[Path]:
    """A draft beside ``file``, which takes its place at the end. It is removed where anything goes wrong before."""
    if file.exists() or file.is_symlink():
        raise BackupFailed(f"{file} exists already, and a backup overwrites nothing: name another file.")
    try:
        number, name = mkstemp(
            prefix=f".{file.name}.", suffix=".partial", dir=file.parent
        )  # 0600: it holds people's data
    except FileNotFoundError:
        raise BackupFailed(f"There is no folder {file.parent}: make it, or name another file.") from None
    except OSError as refused:
        raise BackupFailed(_not_written(file, str(refused.strerror))) from refused
    draft = Path(name)
    os.close(number)
    try:
        yield draft
        _flush(draft)
        _place(draft, file)
        _flush(file.parent)
    except OSError as refused:
        raise BackupFailed(_not_written(file, str(refused.strerror))) from refused
    finally:
        draft.unlink(missing_ok=True)


def _place(draft: Path, file: Path) -> None:
    """By a link, which replaces nothing; where the file system has none, by a name that was free a moment ago."""
    try:
        os.link(draft, file)
    except FileExistsError:
        raise BackupFailed(f"{file} was made by somebody else meanwhile: nothing was written over it.") from None
    except OSError:
        draft.rename(file)


def _flush(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _not_written(file: Path, why: str) -> str:
    repair = next((then for said, then in _REPAIRS.items() if said in why), None)
    return f"{file} could not be written ({why}); nothing is left of it{f': {repair}' if repair else ''}."


_REPAIRS = {
    "No space left": "make room, or name a file on another disk",
    "SIGXFSZ": "raise the limit of a file's size (ulimit -f), or name a file where it is higher",
    "Permission denied": "run it as a user who may write there, or name another file",
    "Read-only file system": "name a file on another disk",
    "canceling statement due to lock timeout": "a migration or VACUUM FULL holds a table; try again when it has ended",
}
