"""A real PostgreSQL for every integration test, and real brokers where they are found (decisions.md, section 7)."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.embedded import EmbeddedServer
from monitr.adapters.sql.database.engine import create_engine, libpq_url, sqlalchemy_url
from monitr.adapters.sql.database.migration import migrate


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A login that may create databases and roles."""
    if configured := os.environ.get("MONITR_TEST_DATABASE_URL"):
        yield configured
    elif _docker_runs():
        yield from _postgres_container()
    else:
        yield from _embedded_server()


def _postgres_container() -> Iterator[str]:
    from testcontainers.postgres import PostgresContainer

    with PostgresContainer("postgres:15", driver=None) as container:
        yield container.get_connection_url()


def _embedded_server() -> Iterator[str]:
    data_dir = Path(tempfile.mkdtemp(prefix="monitr-test-"))
    server = EmbeddedServer(data_dir, settings={"fsync": "off", "max_connections": "200"})
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """The name of a migrated database that nobody connects to, so that it can be copied."""
    with _database(server_url) as url:
        migrate(url)
        yield str(sqlalchemy_url(url).database)


@pytest.fixture(scope="session")
def database_url(server_url: str, template: str) -> Iterator[str]:
    """A migrated database, the same for the whole session: use it with organisations of your own."""
    with _database(server_url, template) as url:
        yield url


@pytest.fixture
def fresh_database(server_url: str, template: str) -> Iterator[str]:
    """A migrated database for one test."""
    with _database(server_url, template) as url:
        yield url


@pytest.fixture
def empty_database(server_url: str) -> Iterator[str]:
    """A database without any table."""
    with _database(server_url) as url:
        yield url


@pytest.fixture
def new_database(server_url: str, request: pytest.FixtureRequest) -> Iterator[Callable[..., str]]:
    """As many databases as a test asks for."""
    opened: list[Iterator[str]] = []

    def create(*, migrated: bool = True) -> str:
        manager = _database(server_url, request.getfixturevalue("template") if migrated else None)
        url = manager.__enter__()
        request.addfinalizer(lambda: manager.__exit__(None, None, None))
        return url

    yield create
    opened.clear()


@contextmanager
def _database(server_url: str, template: str | None = None) -> Iterator[str]:
    name = f"monitr_test_{uuid4().hex}"
    with psycopg.connect(libpq_url(server_url), autocommit=True) as connection:
        connection.execute(
            # by copying the files, which costs half of what PostgreSQL's default does
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template or "template0")
            )
        )
    try:
        yield sqlalchemy_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(libpq_url(server_url), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Of ``database_url``, for the one event loop of the session."""
    engine = create_engine(database_url, application_name="monitr-tests", pool_size=20)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    yield from _broker("MONITR_TEST_REDIS_URL", "redis://127.0.0.1:6379/15", _redis_container)


@pytest.fixture(scope="session")
def rabbitmq_url() -> Iterator[str]:
    yield from _broker("MONITR_TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672", _rabbitmq_container)


def _broker(variable: str, local: str, container: Callable[[], Iterator[str]]) -> Iterator[str]:
    """As configured; else in a container; else the one on this machine; else a skip, which CI does not accept."""
    if configured := os.environ.get(variable):
        yield configured
    elif _docker_runs():
        yield from container()
    elif _listens(local):
        yield local
    else:
        reason = f"no {urlsplit(local).scheme} broker: {variable} is not set, Docker does not run, nothing at {local}"
        if os.environ.get("MONITR_REQUIRE_BROKERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


def _redis_container() -> Iterator[str]:
    from testcontainers.redis import RedisContainer

    with RedisContainer("redis:7") as container:
        yield f"redis://{container.get_container_host_ip()}:{container.get_exposed_port(6379)}/0"


def _rabbitmq_container() -> Iterator[str]:
    from testcontainers.rabbitmq import RabbitMqContainer

    with RabbitMqContainer("rabbitmq:4") as container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(5672)
        yield f"amqp://{container.username}:{container.password}@{host}:{port}"


def _docker_runs() -> bool:
    if shutil.which("docker") is None:
        return False
    with suppress(OSError, subprocess.TimeoutExpired):
        return subprocess.run(["docker", "info"], capture_output=True, timeout=10, check=False).returncode == 0
    return False


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    with suppress(OSError), socket.create_connection((parts.hostname or "", parts.port or 0), timeout=1):
        return True
    return False
