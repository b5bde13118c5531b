"""Bring a database to the newest schema, and say how far it is."""

from enum import StrEnum
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import errors
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import NullPool

from monitr.adapters.sql.database.engine import sqlalchemy_url
from monitr.adapters.sql.database.roles import ROLES, can_act_as, ensure_roles
from monitr.adapters.sql.database.secrets_at_rest import are_bound, bind_from_now_on

_LOCK = 7_044_715_511_960_151
"""Any number; the advisory lock of this database that says: a migration is under way."""
_ONE_THREAD = Lock()
"""Alembic keeps the migration that is under way in module variables."""


class SchemaState(StrEnum):
    UP_TO_DATE = "up to date"
    BEHIND = "behind"  # `monitr migrate` repairs it: a revision is missing, or the login may not act as the roles
    AHEAD = "ahead"  # a newer program has migrated it


def migrate(url: str, runtime_url: str | None = None) -> None:
    """Run every missing revision, in one transaction. A second process that comes at the same time waits, and then
    finds nothing to do.

    ``url`` is the login that owns the tables, ``runtime_url`` the program's own where that is another; the roles are
    granted to it. Raises RolesMissing.
    """
    login = None if runtime_url is None else sqlalchemy_url(runtime_url).username
    engine = _engine(url)
    try:
        with _ONE_THREAD, engine.connect() as guard, guard.begin():
            guard.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            ensure_roles(engine, login)
            with engine.begin() as connection:
                is_new = not MigrationContext.configure(connection).get_current_heads()
                command.upgrade(_config(connection), "head")
                if is_new:
                    bind_from_now_on(connection)
    finally:
        engine.dispose()


def make_roles(url: str, runtime_url: str | None = None) -> None:
    """What ``migrate`` does first, by the same logins. Raises RolesMissing."""
    engine = _engine(url)
    try:
        ensure_roles(engine, None if runtime_url is None else sqlalchemy_url(runtime_url).username)
    finally:
        engine.dispose()


def bind_secrets(url: str) -> bool:
    """From now on secrets are bound to their organisation. False where that is not so and the login at ``url``, which
    does not own the tables, cannot say it."""
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            if not are_bound(connection):
                bind_from_now_on(connection)
    except ProgrammingError as refused:
        if isinstance(refused.orig, errors.InsufficientPrivilege):
            return False
        raise
    finally:
        engine.dispose()
    return True


def current_state(url: str) -> SchemaState:
    """Of the database at ``url``, for the login that is in it."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            return _state(connection)
    finally:
        engine.dispose()


async def schema_state(engine: AsyncEngine) -> SchemaState:
    """The same, for a running program."""
    async with engine.connect() as connection:
        return await connection.run_sync(_state)


def known_revisions() -> set[str]:
    """Those of this program."""
    return {revision.revision for revision in ScriptDirectory(str(_SCRIPTS)).walk_revisions()}


def _state(connection: Connection) -> SchemaState:
    present = set(MigrationContext.configure(connection).get_current_heads())
    if present - known_revisions():
        return SchemaState.AHEAD
    if present != set(ScriptDirectory(str(_SCRIPTS)).get_heads()):
        return SchemaState.BEHIND
    login = str(connection.execute(text("SELECT session_user")).scalar_one())
    usable = all(can_act_as(connection, role, login) for role in ROLES)
    return SchemaState.UP_TO_DATE if usable else SchemaState.BEHIND


_SCRIPTS = Path(__file__).parent / "migrations"


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


def _engine(url: str) -> Engine:
    return create_engine(sqlalchemy_url(url), poolclass=NullPool, connect_args={"connect_timeout": 10})
