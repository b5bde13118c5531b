"""Whether PostgreSQL keeps tenants apart (``tenancy.py``): asked of its catalogue, for ``monitr doctor``.

What a migration has set up somebody may have undone since: with a restore that left policies out, with a role that was
given more for one evening. Each trouble is what is wrong, and the statement or the deed that repairs it.
"""

from collections.abc import Sequence
from typing import TypeAlias

import psycopg

from monitr.adapters.sql.database.roles import ROLES
from monitr.adapters.sql.database.tables import metadata

_TABLES = sorted(metadata.tables)

_ROW_SECURITY = """
    SELECT relname, relrowsecurity, relforcerowsecurity
    FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relname = ANY (%(tables)s)
        AND NOT (relrowsecurity AND relforcerowsecurity)
    ORDER BY relname
"""

# What a role may do to a table, and no policy says to which rows. Without one it may do it to none, so that nothing
# leaks; but somebody has taken it away, and the next one may be put back wrongly.
_MISSING_POLICIES = """
    SELECT relname, role, string_agg(command, ', ' ORDER BY command)
    FROM pg_class, unnest(%(roles)s::text[]) role, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) command
    WHERE relnamespace = current_schema()::regnamespace AND relname = ANY (%(tables)s)
        AND CASE WHEN command = 'DELETE' THEN has_table_privilege(role, pg_class.oid, command)
            ELSE has_any_column_privilege(role, pg_class.oid, command) END
        AND NOT EXISTS (
            SELECT FROM pg_policies policy
            WHERE schemaname = current_schema() AND tablename = relname
                AND policy.roles && ARRAY[role, 'public']::name[]
                AND policy.cmd IN ('ALL', command)
        )
    GROUP BY relname, role
    ORDER BY relname, role
"""

# Two of the audit trail are for whoever owns it, and say so in their condition: migration 0005 tells why not by name.
_OPEN_POLICIES = """
    SELECT tablename, policyname
    FROM pg_policies
    WHERE schemaname = current_schema() AND tablename = ANY (%(tables)s) AND permissive = 'PERMISSIVE'
        AND ('public' = ANY (roles) OR qual = 'true' OR with_check = 'true')
        AND NOT (
            tablename = 'audit_entry' AND policyname IN ('owner_finds_old', 'owner_forgets_old')
            AND qual LIKE '%% AND ( SELECT (CURRENT_USER = pg_get_userbyid(%%'
        )
    ORDER BY tablename, policyname
"""

_ROLES = """
    WITH owner AS (
        SELECT DISTINCT relowner AS oid FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relname = ANY (%(tables)s)
    )
    SELECT role.rolname, role.rolsuper, role.rolbypassrls, role.oid IN (SELECT oid FROM owner),
        (SELECT min(other.rolname::text) FROM pg_roles other
         WHERE other.oid <> role.oid AND (other.rolsuper OR other.rolbypassrls OR other.oid IN (SELECT oid FROM owner))
            AND pg_has_role(role.oid, other.oid, 'MEMBER'))
    FROM pg_roles role
    WHERE role.rolname = ANY (%(roles)s)
    ORDER BY role.rolname
"""

_LOGIN = "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = session_user"


Trouble: TypeAlias = tuple[str, str]

_AS_OWNER = "as the owner of the tables"
_PUT_BACK = "create it as in a database that `monitr migrate` has just made (pg_dump --schema-only shows it)"


def row_security_troubles(connection: psycopg.Connection) -> Sequence[Trouble]:
    """Of the tables: row security that is off or not forced, policies that are missing or let everybody through."""
    found = {"tables": _TABLES, "roles": list(ROLES)}
    off = [
        (
            f"Row security of the table {table} is "
            + ("not forced, so that its owner sees every row" if is_on else "off"),
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; {_AS_OWNER}",
        )
        for table, is_on, _ in connection.execute(_ROW_SECURITY, found)
    ]
    missing = [
        (f"The table {table} has no policy for {commands} by {role}", _PUT_BACK)
        for table, role, commands in connection.execute(_MISSING_POLICIES, found)
    ]
    wide = [
        (
            f"The policy {policy} of the table {table} lets everybody through",
            f"DROP POLICY {policy} ON {table}; and, where it is one of Monitr's, {_PUT_BACK}",
        )
        for table, policy in connection.execute(_OPEN_POLICIES, found)
    ]
    return [*off, *missing, *wide]


def role_troubles(connection: psycopg.Connection) -> Sequence[Trouble]:
    """Of the roles that transactions run as: whatever lets them pass row security."""
    troubles: list[Trouble] = []
    found = {"tables": _TABLES, "roles": list(ROLES)}
    for role, is_superuser, bypasses, owns, through in connection.execute(_ROLES, found):
        if is_superuser:
            troubles.append(
                (f"The role {role} is a superuser, which passes row security", f"ALTER ROLE {role} NOSUPERUSER;")
            )
        elif bypasses:
            troubles.append(
                (f"The role {role} has BYPASSRLS, so that it passes row security", f"ALTER ROLE {role} NOBYPASSRLS;")
            )
        elif owns:
            owner = "the login of MONITR_DATABASE_MIGRATION_URL, or of MONITR_DATABASE_URL"
            troubles.append(
                (
                    f"The role {role} owns tables, so that it can switch their row security off",
                    f"REASSIGN OWNED BY {role} TO {owner}",
                )
            )
        elif through is not None:
            troubles.append(
                (
                    f"The role {role} is a member of {through}, which passes row security",
                    f"REVOKE {through} FROM {role};",
                )
            )
    return troubles


def login_trouble(connection: psycopg.Connection) -> Trouble | None:
    """Of the login itself: a statement that forgot to take a role would see every row."""
    row = connection.execute(_LOGIN).fetchone()
    if row is None or not (row[1] or row[2]):
        return None
    return (
        f"The login {row[0]} {'is a superuser' if row[1] else 'has BYPASSRLS'}, which passes row security",
        f"set MONITR_DATABASE_URL to a login without it, or ALTER ROLE {row[0]} NOSUPERUSER NOBYPASSRLS;",
    )
