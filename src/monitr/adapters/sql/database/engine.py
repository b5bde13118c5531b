"""The connection to PostgreSQL: addresses as people write them, and an async engine with sane time-outs."""

import select
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import cast

import psycopg
from sqlalchemy import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_DRIVER = "postgresql+psycopg"
_CONNECT_TIMEOUT_SECONDS = 10
_DEAD_PEERS = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
"""Of a machine that lost its power the server ends the sessions, and with them their locks, after 25 seconds."""


def sqlalchemy_url(url: str) -> URL:
    """``postgres://`` and ``postgresql://`` mean psycopg 3. Raises ValueError for any other database."""
    parsed = make_url(url)
    if parsed.drivername not in ("postgres", "postgresql", _DRIVER):
        raise ValueError(f"the database must be PostgreSQL (postgresql://…), not {parsed.drivername}")
    return parsed.set(drivername=_DRIVER)


def libpq_url(url: str) -> str:
    """The same address for psycopg itself."""
    rendered = sqlalchemy_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    address, mark, query = rendered.partition("?")
    return address.replace(" ", "%20") + mark + query.replace("+", "%20")  # to libpq a plus is no space


def create_engine(
    url: str,
    *,
    application_name: str = "monitr",
    pool_size: int = 10,
    statement_timeout: timedelta = timedelta(minutes=10),
    idle_in_transaction_timeout: timedelta = timedelta(minutes=15),
) -> AsyncEngine:
    """An engine for the event loop that uses it first, and for no other (trap 2).

    ``statement_timeout`` is for a worker's merges; whoever answers people gives a shorter one. A transaction may stay
    idle while a chunk of the ledger arrives from Octopus, but not for ever: its locks would outlive a lost worker.
    """
    settings = {
        "application_name": application_name,
        "jit": "off",  # it compiles for a tenth of a second what then runs for less
        "timezone": "UTC",  # instants are read in UTC, whatever the server's own zone
        "statement_timeout": f"{_milliseconds(statement_timeout)}",
        "idle_in_transaction_session_timeout": f"{_milliseconds(idle_in_transaction_timeout)}",
        **_DEAD_PEERS,
    }
    parsed = sqlalchemy_url(url)
    given = parsed.query.get("options", "")
    options = " ".join([*(f"-c {name}={value}" for name, value in settings.items()), *([given] if given else [])])  # type: ignore[list-item]  # `options` given twice is refused by libpq's own syntax, so it is one text
    engine = create_async_engine(
        parsed.difference_update_query(["options"]),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,  # a restarted server costs a reconnect, not a failed request
        hide_parameters=True,  # errors are logged, and parameters hold tokens and people's data
        connect_args={"options": options, "connect_timeout": _CONNECT_TIMEOUT_SECONDS},
    )
    dialect = engine.sync_engine.dialect
    dialect.do_ping = partial(_ping_where_it_tells, dialect.do_ping)  # type: ignore[method-assign]  # of this engine
    return engine


def _ping_where_it_tells(ping: Callable[[DBAPIConnection], bool], connection: DBAPIConnection) -> bool:
    """A server that goes says so: its end of the connection is closed. Where nothing waits to be read, asking whether
    somebody is there is a round trip for nothing."""
    driver = cast("psycopg.AsyncConnection", connection.driver_connection)
    if driver.closed:
        return ping(connection)
    waiting = select.poll()
    waiting.register(driver.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    return ping(connection) if waiting.poll(0) else True


def _milliseconds(duration: timedelta) -> int:
    return int(duration / timedelta(milliseconds=1))
