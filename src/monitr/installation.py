"""What this installation stands on: its database, its schema, and the keys that it keeps. Part of the composition root.

Everything here is synchronous: it comes before, or after, the event loop.
"""

import os
import shutil
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.security.kept_secret import kept_secret
from monitr.adapters.sql.database.engine import libpq_url
from monitr.adapters.sql.database.isolation import login_trouble, role_troubles, row_security_troubles
from monitr.adapters.sql.database.migration import (
    SchemaState,
    bind_secrets,
    current_state,
    make_roles,
    migrate,
    schema_state,
)
from monitr.adapters.sql.database.roles import RolesMissing
from monitr.adapters.sql.database.unreachable import reason_and_repair, without_secrets
from monitr.settings import ENCRYPTION_KEY_BYTES, Settings, SettingsError, decoded_key, is_loopback

KEYS_FILE = "encryption-key"
AUTH_SECRET_FILE = "auth-secret"  # noqa: S105  # the name of a file
OLDEST_POSTGRESQL = 15
OWNER, LOGIN = "MONITR_DATABASE_MIGRATION_URL", "MONITR_DATABASE_URL"

log = structlog.get_logger(__name__)


class Fault(NamedTuple):
    """What is wrong and what repairs it, for the operator and without passwords; half a sentence each."""

    problem: str
    repair: str

    def __str__(self) -> str:
        return f"{self.problem}: {self.repair}." if self.repair else self.problem


BEHIND = Fault("The database schema is not up to date", "run `monitr migrate`")
AHEAD = Fault("The database was migrated by a newer Monitr than this one", "update the program")


class CannotStart(Exception):
    """One sentence for the operator, without passwords: the problem, and behind a colon the repair."""

    def __init__(self, problem: str, repair: str = "") -> None:
        self.fault = Fault(problem, repair)
        super().__init__(str(self.fault))


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of the configured database, or of the embedded one, which runs until its last user has left."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    from monitr.adapters.sql.database.embedded import EmbeddedServer, EmbeddedServerFailed  # not on Windows

    server = EmbeddedServer(settings.data_dir)
    try:
        address = server.start()
    except EmbeddedServerFailed as failure:
        raise CannotStart(" ".join(str(failure).split())) from failure
    except OSError as failure:
        raise CannotStart(*_unusable_folder(settings.data_dir, failure)) from failure
    try:
        yield address
    finally:
        server.stop()


def _unusable_folder(folder: Path, failure: OSError) -> Fault:
    why = (failure.strerror or type(failure).__name__).lower()
    return Fault(
        f"MONITR_DATA_DIR, {folder}, cannot be made or written ({why})",
        "let this user write there, or set it to a folder that can be",
    )


def bring_up_to_date(settings: Settings, database: str) -> None:
    """Run the missing migrations as the login that owns the tables. Raises CannotStart."""
    owner = settings.database_migration_url
    url, setting = (database, LOGIN) if owner is None else (owner.get_secret_value(), OWNER)
    state = _state_of(url, setting)
    if state is SchemaState.AHEAD:
        raise CannotStart(*AHEAD)
    if state is SchemaState.UP_TO_DATE and owner is None:
        return
    try:
        migrate(url, None if owner is None else database)
    except RolesMissing as missing:
        raise CannotStart(str(missing)) from missing
    except DBAPIError as error:
        raise CannotStart(
            f"The database of {setting} ({without_secrets(url)}) was not migrated, and is as it was"
            f" ({_first_line(error)})",
            f"give {setting} the login that owns its tables and may create some",
        ) from error


def ensure_database_roles(settings: Settings, database: str) -> None:
    """The roles that policies and grants name, before there are any; by the login that will own the tables, for that of
    the program. Raises CannotStart."""
    owner = settings.database_migration_url
    try:
        if owner is None:
            make_roles(database)
        else:
            make_roles(owner.get_secret_value(), database)
    except RolesMissing as missing:
        raise CannotStart(str(missing)) from missing
    except DBAPIError as error:
        setting, url = (LOGIN, database) if owner is None else (OWNER, owner.get_secret_value())
        raise CannotStart(*_unreachable(url, setting, error)) from error


def bind_secrets_to_organisations(settings: Settings, database: str) -> None:
    """From now on; it needs the login that owns the tables, unless it is so already. Raises CannotStart."""
    owner = settings.database_migration_url
    if not bind_secrets(database if owner is None else owner.get_secret_value()):
        raise CannotStart(
            "MONITR_DATABASE_MIGRATION_URL must be set to the login that owns the tables, this once: secrets of a"
            " version before this one are bound to their organisation from now on."
        )


def refuse_unless_current(database: str) -> None:
    """Raises CannotStart where the schema is not the newest, or the database does not answer."""
    if (trouble := schema_trouble(database)) is not None:
        raise CannotStart(*trouble)


def schema_trouble(database: str) -> Fault | None:
    """None where the schema is the newest. Raises CannotStart where the database does not answer."""
    return _trouble(_state_of(database, LOGIN))


def _state_of(url: str, setting: str) -> SchemaState:
    """Raises CannotStart."""
    try:
        return current_state(url)
    except DBAPIError as error:
        raise CannotStart(*_unreachable(url, setting, error)) from error


def _unreachable(url: str, setting: str, error: Exception) -> Fault:
    reason, repair = reason_and_repair(error)
    return Fault(f"The database of {setting} ({without_secrets(url)}) does not answer, since {reason}", repair)


def database_check(engine: AsyncEngine) -> Callable[[], Awaitable[str | None]]:
    """The same question of a running program: None where all is well, else one sentence.

    One that has found its own schema goes on when a newer program migrates it: it is replaced in its turn, and a load
    balancer that asks for its readiness must not take all of the old ones away at once.
    """
    was_current = False

    async def trouble() -> str | None:
        nonlocal was_current
        try:
            state = await schema_state(engine)
        except DBAPIError as error:
            log.warning("readiness.failed", problem=_first_line(error))
            return "The database does not answer."  # to anybody
        was_current = was_current or state is SchemaState.UP_TO_DATE
        fault = None if was_current and state is SchemaState.AHEAD else _trouble(state)
        return None if fault is None else str(fault)

    return trouble


def _trouble(state: SchemaState) -> Fault | None:
    return {SchemaState.BEHIND: BEHIND, SchemaState.AHEAD: AHEAD}.get(state)


def _first_line(error: DBAPIError) -> str:
    """Of libpq's own text: for operators, since it names host and user, never the password."""
    lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
    return lines[0].strip()


def server_trouble(database: str) -> Fault | None:
    """None where a PostgreSQL that is new enough answers, else why not."""
    try:
        with psycopg.connect(libpq_url(database), connect_timeout=10) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as error:
        return _unreachable(database, LOGIN, error)
    if version >= OLDEST_POSTGRESQL:
        return None
    return Fault(f"PostgreSQL {version} is too old", f"upgrade that server to {OLDEST_POSTGRESQL} or newer")


def running_database(settings: Settings) -> str | None:
    """The address of the database as it is: nothing is made or started. None where the embedded one does not run.

    Raises CannotStart where it could not be started either.
    """
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    from monitr.adapters.sql.database.embedded import EmbeddedServer, EmbeddedServerFailed  # not on Windows

    try:
        address = EmbeddedServer(settings.data_dir).running()
    except EmbeddedServerFailed as failure:
        raise CannotStart(str(failure)) from failure
    except OSError as failure:
        raise CannotStart(*_unusable_folder(settings.data_dir, failure)) from failure
    there = next(each for each in (settings.data_dir, *settings.data_dir.parents) if each.exists())
    if address is None and not os.access(there, os.W_OK | os.X_OK):
        raise CannotStart(*_unusable_folder(settings.data_dir, PermissionError(0, "Permission denied")))
    return address


@dataclass(frozen=True, slots=True)
class Isolation:
    """Whether the database keeps tenants apart: what does not, and about the login.

    ``is_forgiven``: the login is that of a database on this machine, which is how one develops; with the program's own
    transactions it makes no difference, since each of them takes a role.
    """

    row_security: Sequence[Fault]
    roles: Sequence[Fault]
    login: Fault | None
    is_forgiven: bool


def isolation(settings: Settings, database: str) -> Isolation:
    """Of a database whose schema is the newest. Raises CannotStart where it does not answer."""
    try:
        with psycopg.connect(libpq_url(database), connect_timeout=10) as connection:
            login = None if settings.is_embedded else login_trouble(connection)
            return Isolation(
                [Fault(*trouble) for trouble in row_security_troubles(connection)],
                [Fault(*trouble) for trouble in role_troubles(connection)],
                None if login is None else Fault(*login),
                _is_this_machine(connection.info.host),
            )
    except psycopg.Error as error:
        raise CannotStart(*_unreachable(database, LOGIN, error)) from error


def _is_this_machine(host: str) -> bool:
    """``host`` as libpq says it: the folder of a socket, a name or a number."""
    return host.startswith("/") or is_loopback(host)


def encryption_keys(settings: Settings) -> list[bytes]:
    """The first encrypts; with the embedded database one is made, where there is none. Raises SettingsError where they
    are not set and may not be made up, CannotStart where the one that was made cannot be read."""
    if settings.encryption_keys is None and settings.is_embedded:
        _kept(settings, KEYS_FILE)
    return existing_encryption_keys(settings)


def existing_encryption_keys(settings: Settings) -> list[bytes]:
    """The same, but none is made: an empty list where the first start will make one."""
    if settings.encryption_keys is not None:
        return [key.get_secret_value() for key in settings.encryption_keys]
    if not settings.is_embedded:
        raise SettingsError(
            "MONITR_ENCRYPTION_KEYS must be set where MONITR_DATABASE_URL is: a key that is lost makes every stored "
            "token unreadable, so keep it where you keep your other secrets."
        )
    file = settings.data_dir / KEYS_FILE
    if not file.exists():
        return []
    try:
        key = decoded_key(_kept(settings, KEYS_FILE))
    except ValueError:
        key = b""
    if len(key) != ENCRYPTION_KEY_BYTES:
        raise CannotStart(
            f"{file} holds no encryption key (32 bytes, base64url)",
            "put back the file that was there, or set MONITR_ENCRYPTION_KEYS to the key that was in it",
        )
    return [key]


def present_encryption_keys(settings: Settings) -> list[bytes]:
    """The same without making one: none where none is set and none is kept."""
    if settings.is_embedded and settings.encryption_keys is None and not (settings.data_dir / KEYS_FILE).exists():
        return []
    return encryption_keys(settings)


def kept_auth_secret(settings: Settings) -> str:
    """A secret for development tokens, made once and kept beside the embedded database. Raises CannotStart."""
    return _kept(settings, AUTH_SECRET_FILE)


def _kept(settings: Settings, name: str) -> str:
    """Raises CannotStart."""
    file = settings.data_dir / name
    try:
        return kept_secret(file)
    except UnicodeDecodeError:
        return ""
    except OSError as failure:
        if not file.exists():
            raise CannotStart(*_unusable_folder(settings.data_dir, failure)) from failure
        raise CannotStart(
            f"{file} cannot be read ({(failure.strerror or '').lower()})",
            "let this user read it, or set MONITR_DATA_DIR to a folder of its own",
        ) from failure


def erase(settings: Settings) -> None:
    """Forget the embedded database and the keys made for it; other files of the folder stay. Raises CannotStart."""
    if not (settings.data_dir / "postgres").exists():
        return
    from monitr.adapters.sql.database.embedded import EmbeddedServer  # as above

    if not EmbeddedServer(settings.data_dir).stop():
        raise CannotStart(f"Another Monitr is using {settings.data_dir}", "stop it first")
    shutil.rmtree(settings.data_dir / "postgres")
    for name in (KEYS_FILE, AUTH_SECRET_FILE):
        (settings.data_dir / name).unlink(missing_ok=True)
