"""Run by Alembic for every command. The connection and its transaction are the caller's (``migration.py``)."""

from alembic import context

from monitr.adapters.sql.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_server_default=True,
)
context.run_migrations()
