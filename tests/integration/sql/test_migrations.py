"""The revisions and tables.py are the same schema, and migrating is safe."""

import subprocess
import sys
from collections.abc import Callable

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from monitr.adapters.sql.database.engine import sqlalchemy_url
from monitr.adapters.sql.database.migration import SchemaState, current_state, migrate
from monitr.adapters.sql.database.tables import metadata


def _read(url: str, query: str) -> list[str]:
    engine = create_engine(sqlalchemy_url(url))
    with engine.connect() as connection:
        found = [str(row[0]) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def test_the_newest_revision_leaves_exactly_the_tables_of_the_metadata(database_url: str) -> None:
    engine = create_engine(sqlalchemy_url(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert differences == []


def test_partial_and_descending_indexes_are_those_of_the_metadata(database_url: str, empty_database: str) -> None:
    """Alembic does not compare predicates and expressions; PostgreSQL's own definitions do."""
    engine = create_engine(sqlalchemy_url(empty_database))
    metadata.create_all(engine)
    engine.dispose()
    definitions = """SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON oid = indrelid
        WHERE relnamespace = 'public'::regnamespace AND relname <> 'alembic_version' ORDER BY 1"""

    assert _read(database_url, definitions) == _read(empty_database, definitions)


def test_a_database_is_behind_until_it_is_migrated_and_migrating_again_changes_nothing(empty_database: str) -> None:
    before = current_state(empty_database)
    migrate(empty_database)
    migrate(empty_database)

    assert (before, current_state(empty_database)) == (SchemaState.BEHIND, SchemaState.UP_TO_DATE)


def _migrate_in_processes(urls: list[str]) -> list[int]:
    program = "import sys; from monitr.adapters.sql.database.migration import migrate; migrate(sys.argv[1])"
    running = [subprocess.Popen([sys.executable, "-c", program, url]) for url in urls]
    return [process.wait(60) for process in running]


def test_processes_that_migrate_at_once_do_not_disturb_each_other(empty_database: str) -> None:
    exits = _migrate_in_processes([empty_database] * 3)

    assert (exits, current_state(empty_database)) == ([0, 0, 0], SchemaState.UP_TO_DATE)


def test_databases_of_one_cluster_that_migrate_at_once_share_the_roles(new_database: Callable[..., str]) -> None:
    urls = [new_database(migrated=False) for _ in range(3)]

    assert _migrate_in_processes(urls) == [0, 0, 0]
    assert {current_state(url) for url in urls} == {SchemaState.UP_TO_DATE}


def test_a_database_that_a_newer_program_has_migrated_is_ahead(fresh_database: str) -> None:
    engine = create_engine(sqlalchemy_url(fresh_database))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    assert current_state(fresh_database) is SchemaState.AHEAD
