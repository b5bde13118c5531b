"""Row-level security: as whom a transaction runs, and whose rows it sees (decision 14, trap 1).

``monitr_tenant`` sees the rows of one organisation, named by the setting ``app.organisation``. ``monitr_worker`` sees
the runs, the outbox and the OAuth rounds of all organisations, of administrations and integrations only ids, states
and dates, of tokens only when they end, and nothing that was imported. Neither owns a table. The login itself may be a
superuser, which passes every policy, so every transaction goes through one of the two functions here.

That is one belt. The other is in the statements themselves: each says whose rows it means, by the conditions below, so
that it stays right where a policy is missing, and the policy where a condition is. Excepted are those of the workers'
role, which are about all organisations.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import ColumnElement, Executable, Row, Table, Uuid, and_, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.domain.organisation import OrganisationId

TENANT_ROLE = "monitr_tenant"
WORKER_ROLE = "monitr_worker"

NO_PAUSE = """set_config('idle_in_transaction_session_timeout', '15000', true)
              || set_config('statement_timeout', '600000', true)"""
"""From here to the end of the transaction nothing is waited for (milliseconds). It holds locks that whoever takes over
needs: where its process is suspended, PostgreSQL ends it instead of letting everybody wait."""

PATIENT = """set_config('idle_in_transaction_session_timeout', '21600000', true),
             set_config('statement_timeout', '21600000', true)"""
"""Until then an answer may arrive, and wait for its turn, for six hours: an open COPY counts as one statement."""

OWN_ADMINISTRATION = """
    EXISTS (SELECT FROM administration AS own WHERE own.id = :administration AND own.organisation_id = :organisation)
"""
"""Beside ``administration_id = :administration``, in what is about imported rows: they carry no organisation.

Plan: it names no column of the statement, so it is an InitPlan below a One-Time Filter, one lookup by the primary key a
statement; without the administration nothing else is executed. The other condition keeps its constant, and with it the
statistics of that administration, which ``administration_id = (SELECT …)`` would hide from the planner.
"""

ITS_OWN = "(SELECT id FROM administration WHERE id = :administration AND organisation_id = :organisation)"
"""In place of ``:administration`` in what an import does, where it is called ``:own``. Of an administration that is
another organisation's it is NULL: no row is found, and none is inserted, since its owner may not be NULL.

Plan: an InitPlan, once a statement. It hides from the planner which administration is meant, and with it what the
statistics say of one that has just begun to grow: they count the lines that it had before, mostly none.
"""

_ORGANISATION = bindparam("organisation", type_=Uuid())
_ADMINISTRATION = bindparam("administration", type_=Uuid())
_OWN_ADMINISTRATION = text(OWN_ADMINISTRATION).bindparams(_ADMINISTRATION, _ORGANISATION)


@cache
def own(table: Table) -> ColumnElement[bool]:
    """The rows of the organisation that the parameter ``organisation`` names; of a table that has it."""
    return table.c.organisation_id == _ORGANISATION


@cache
def of_administration(table: Table) -> ColumnElement[bool]:
    """The imported rows of the one that ``administration`` names, if it is one of the organisation's.

    Made once: a page of transactions costs some milliseconds, and making this anew a sixteenth of one.
    """
    return and_(table.c.administration_id == _ADMINISTRATION, _OWN_ADMINISTRATION)


# One round trip; `true` ends all of them with the transaction.
_ENTER = text(
    "SELECT set_config('role', :role, true), set_config('app.organisation', :organisation, true),"
    " set_config('transaction_read_only', :read_only, true),"
    " set_config('synchronous_commit', coalesce(:commit, current_setting('synchronous_commit')), true),"
    " set_config('statement_timeout', coalesce(:longest, current_setting('statement_timeout')), true),"
    " set_config('idle_in_transaction_session_timeout',"
    " coalesce(:pause, current_setting('idle_in_transaction_session_timeout')), true)"
)


async def enter(
    connection: AsyncConnection,
    organisation: OrganisationId | None,
    *,
    read_only: bool = False,
    lasting: bool = True,
    longest_statement: timedelta | None = None,
    longest_pause: timedelta | None = None,
) -> AsyncConnection:
    """Begin the transaction's work for one organisation; without one, for workers. Returns the same connection.

    It ends with the transaction: whoever goes on with the connection after a commit enters again, or closes it.
    What is not ``lasting`` is committed without waiting for the disk: a server that loses its power in the next
    moments forgets it, whole and in order, so that whoever did it finds himself at an earlier checkpoint.
    ``longest_statement``, and ``longest_pause`` between two: in place of the engine's.
    """
    role = WORKER_ROLE if organisation is None else TENANT_ROLE
    await connection.execute(
        _ENTER,
        {
            "role": role,
            "organisation": "" if organisation is None else str(organisation),
            "read_only": "on" if read_only else "off",
            "commit": None if lasting else "off",
            "longest": _milliseconds(longest_statement),
            "pause": _milliseconds(longest_pause),
        },
    )
    return connection


def _milliseconds(duration: timedelta | None) -> str | None:
    return None if duration is None else str(duration // timedelta(milliseconds=1))


@asynccontextmanager
async def transaction(
    engine: AsyncEngine,
    organisation: OrganisationId | None,
    *,
    read_only: bool = False,
    lasting: bool = True,
    longest_statement: timedelta | None = None,
    longest_pause: timedelta | None = None,
) -> AsyncIterator[AsyncConnection]:
    """A transaction of one organisation, or, without one, of the workers: committed at the end, undone on an error."""
    async with engine.begin() as connection:
        yield await enter(
            connection,
            organisation,
            read_only=read_only,
            lasting=lasting,
            longest_statement=longest_statement,
            longest_pause=longest_pause,
        )


@asynccontextmanager
async def reading(
    engine: AsyncEngine,
    organisation: OrganisationId,
    *,
    longest_statement: timedelta | None = None,
    longest_pause: timedelta | None = None,
) -> AsyncIterator[AsyncConnection]:
    """A transaction of one organisation that reads, all of it at one moment; ``engine`` as ``for_reading`` makes it.

    It begins and says for whom in one round trip, for which a statement may not have parameters: they are literals.
    """
    settings = {
        "role": TENANT_ROLE,
        "app.organisation": str(organisation),
        "statement_timeout": _milliseconds(longest_statement),
        "idle_in_transaction_session_timeout": _milliseconds(longest_pause),
    }
    said = sql.SQL(", ").join(
        sql.SQL("set_config({}, {}, true)").format(name, value) for name, value in settings.items() if value is not None
    )
    async with engine.connect() as connection:
        driver = cast("psycopg.AsyncConnection", (await connection.get_raw_connection()).driver_connection)
        await driver.execute(_BEGIN_READING + said, prepare=False)
        yield connection


_BEGIN_READING = sql.SQL("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT ")


def for_reading(engine: AsyncEngine) -> AsyncEngine:
    """The same connections, of which each says itself when a transaction begins."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


async def rows_of_all(
    engine: AsyncEngine, query: Executable, parameters: Mapping[str, object] | None = None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """What the workers' role sees, in a transaction of its own."""
    async with transaction(engine, None, read_only=True) as connection:
        return (await connection.execute(query, parameters)).all()
