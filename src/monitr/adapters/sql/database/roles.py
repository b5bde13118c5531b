"""The two roles that transactions run as (``tenancy.py``): made for the cluster, granted to the program's login.

Roles belong to the cluster and not to a database: another Monitr database beside this one has made them already,
perhaps at this very moment. A dump does not carry them. So every migration ensures them, ahead of the revisions.
"""

import time

from psycopg import errors
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from monitr.adapters.sql.database.tenancy import TENANT_ROLE, WORKER_ROLE

ROLES = (TENANT_ROLE, WORKER_ROLE)

_MEMBERSHIP_OPTIONS = 16
"""The version of PostgreSQL that brought them."""
_ATTEMPTS = 10
_PAUSE_SECONDS = 0.2
# What PostgreSQL says to the second of two sessions that create a role or a membership at once.
_RACES = (errors.UniqueViolation, errors.DuplicateObject, errors.InternalError_)


class RolesMissing(Exception):
    """The login may not create or grant the roles. The message says what a database administrator has to run."""


def ensure_roles(engine: Engine, login: str | None) -> None:
    """Create what is missing, and let ``login`` (the connecting one where None) act as both. Raises RolesMissing."""
    for attempt in range(_ATTEMPTS):
        try:
            with engine.begin() as connection:
                _ensure(connection, login or str(connection.execute(text("SELECT session_user")).scalar_one()))
                return
        except DBAPIError as refused:
            if isinstance(refused.orig, errors.InsufficientPrivilege):
                raise RolesMissing(_instructions(login)) from refused
            if not isinstance(refused.orig, _RACES) or attempt == _ATTEMPTS - 1:
                raise
            time.sleep(_PAUSE_SECONDS)


def _ensure(connection: Connection, login: str) -> None:
    for role in ROLES:
        exists = text("SELECT FROM pg_roles WHERE rolname = :role")
        if connection.execute(exists, {"role": role}).first() is None:
            connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
        if not can_act_as(connection, role, login):
            # without inheritance a statement that forgot to take a role is refused instead of shown nothing
            options = " WITH INHERIT FALSE, SET TRUE" if _version(connection) >= _MEMBERSHIP_OPTIONS else ""
            grantee = connection.dialect.identifier_preparer.quote_identifier(login)
            connection.execute(text(f"GRANT {role} TO {grantee}{options}"))


def _version(connection: Connection) -> int:
    return int((connection.dialect.server_version_info or (0,))[0])


def can_act_as(connection: Connection, role: str, login: str) -> bool:
    """Whether SET ROLE works: a superuser may always; since PostgreSQL 16 a member needs the SET option.

    False where the role is not there, as after a dump was restored into another cluster.
    """
    set_option = "SET" if _version(connection) >= _MEMBERSHIP_OPTIONS else "MEMBER"
    query = text("SELECT pg_has_role(:login, oid, :option) FROM pg_roles WHERE rolname = :role")
    return bool(connection.execute(query, {"login": login, "role": role, "option": set_option}).scalar_one_or_none())


def _instructions(login: str | None) -> str:
    statements = [f"CREATE ROLE {role} NOLOGIN" for role in ROLES]
    grant = f"GRANT {', '.join(ROLES)} TO {login or 'the login of MONITR_DATABASE_URL'}"
    return f"The migration login may not create roles; have an administrator run: {'; '.join([*statements, grant])}"
