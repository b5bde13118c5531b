"""What this installation stands on: its database, its schema, and the keys that it keeps. Part of the composition root.

Everything here is synchronous: it comes before, or after, the event loop.
"""

import shutil
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

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
from monitr.settings import Settings, SettingsError, decoded_key, is_loopback

KEYS_FILE = "encryption-key"
AUTH_SECRET_FILE = "auth-secret"  # noqa: S105  # the name of a file
OLDEST_POSTGRESQL = 15
BEHIND = "The database schema is not up to date: run `monitr migrate`."
AHEAD = "The database was migrated by a newer Monitr than this one: update the program."

log = structlog.get_logger(__name__)


class CannotStart(Exception):
    """One sentence for the operator, without passwords."""


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
    except (EmbeddedServerFailed, OSError) as failure:
        raise CannotStart(str(failure)) from failure
    try:
        yield address
    finally:
        server.stop()


def bring_up_to_date(settings: Settings, database: str) -> None:
    """Run the missing migrations as the login that owns the tables. Raises CannotStart."""
    owner = settings.database_migration_url
    try:
        if owner is None:
            migrate(database)
        else:
            migrate(owner.get_secret_value(), database)
    except RolesMissing as missing:
        raise CannotStart(str(missing)) from missing
    except DBAPIError as error:
        raise CannotStart(f"The database could not be migrated: {_first_line(error)}") from error


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
        raise CannotStart(f"The database does not answer: {_first_line(error)}") from error


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
        raise CannotStart(trouble)


def schema_trouble(database: str) -> str | None:
    """None where the schema is the newest, else one sentence. Raises CannotStart where the database does not answer."""
    try:
        return _trouble(current_state(database))
    except DBAPIError as error:
        raise CannotStart(f"The database does not answer: {_first_line(error)}") from error


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
        return None if was_current and state is SchemaState.AHEAD else _trouble(state)

    return trouble


def _trouble(state: SchemaState) -> str | None:
    return {SchemaState.BEHIND: BEHIND, SchemaState.AHEAD: AHEAD}.get(state)


def _first_line(error: DBAPIError) -> str:
    """Of libpq's own text: for operators, since it names host and user, never the password."""
    lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
    return lines[0].strip()


def server_trouble(database: str) -> str | None:
    """None where a PostgreSQL that is new enough answers. Raises CannotStart where none does."""
    try:
        with psycopg.connect(libpq_url(database), connect_timeout=10) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.OperationalError as error:
        raise CannotStart(f"The database does not answer: {str(error).splitlines()[0]}") from error
    return None if version >= OLDEST_POSTGRESQL else f"PostgreSQL {version} is too old: 15 or newer is needed."


@dataclass(frozen=True, slots=True)
class Isolation:
    """Whether the database keeps tenants apart: sentences about what does not, and about the login.

    ``is_forgiven``: the login is that of a database on this machine, which is how one develops; with the program's own
    transactions it makes no difference, since each of them takes a role.
    """

    row_security: Sequence[str]
    roles: Sequence[str]
    login: str | None
    is_forgiven: bool


def isolation(settings: Settings, database: str) -> Isolation:
    """Of a database whose schema is the newest. Raises CannotStart where it does not answer."""
    try:
        with psycopg.connect(libpq_url(database), connect_timeout=10) as connection:
            return Isolation(
                row_security_troubles(connection),
                role_troubles(connection),
                None if settings.is_embedded else login_trouble(connection),
                _is_this_machine(connection.info.host),
            )
    except psycopg.Error as error:
        raise CannotStart(f"The database does not answer: {str(error).splitlines()[0]}") from error


def _is_this_machine(host: str) -> bool:
    """``host`` as libpq says it: the folder of a socket, a name or a number."""
    return host.startswith("/") or is_loopback(host)


def encryption_keys(settings: Settings) -> list[bytes]:
    """The first encrypts. Raises SettingsError where they are not set and may not be made up."""
    if settings.encryption_keys is not None:
        return [key.get_secret_value() for key in settings.encryption_keys]
    if not settings.is_embedded:
        raise SettingsError(
            "MONITR_ENCRYPTION_KEYS must be set where MONITR_DATABASE_URL is: a key that is lost makes every stored "
            "token unreadable, so keep it where you keep your other secrets."
        )
    return [decoded_key(kept_secret(settings.data_dir / KEYS_FILE))]


def present_encryption_keys(settings: Settings) -> list[bytes]:
    """The same without making one: none where none is set and none is kept."""
    if settings.is_embedded and settings.encryption_keys is None and not (settings.data_dir / KEYS_FILE).exists():
        return []
    return encryption_keys(settings)


def kept_auth_secret(settings: Settings) -> str:
    """A secret for development tokens, made once and kept beside the embedded database."""
    return kept_secret(settings.data_dir / AUTH_SECRET_FILE)


def erase(settings: Settings) -> None:
    """Forget the embedded database and the keys made for it; other files of the folder stay. Raises CannotStart."""
    if not (settings.data_dir / "postgres").exists():
        return
    from monitr.adapters.sql.database.embedded import EmbeddedServer  # as above

    if not EmbeddedServer(settings.data_dir).stop():
        raise CannotStart(f"Another Monitr is using {settings.data_dir}: stop it first.")
    shutil.rmtree(settings.data_dir / "postgres")
    for name in (KEYS_FILE, AUTH_SECRET_FILE):
        (settings.data_dir / name).unlink(missing_ok=True)
