"""Insert a row of an organisation, or replace the one with its key."""

from collections.abc import Mapping

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(connection: AsyncConnection, table: Table, values: Mapping[str, object]) -> None:
    """``values`` holds the key and ``organisation_id``. Columns that are not in it keep what they have, or get their
    default. Raises LookupError where the row with that key is another organisation's."""
    key = [column.name for column in table.primary_key]
    statement = insert(table).values(dict(values))
    changes = {name: statement.excluded[name] for name in values if name not in key}
    own = table.c.organisation_id == statement.excluded.organisation_id
    replacing = statement.on_conflict_do_update(index_elements=key, set_=changes, where=own)
    saved = await connection.execute(replacing, execution_options={"preserve_rowcount": True})
    if saved.rowcount != 1:
        raise LookupError(f"the {table.name} with that key is another organisation's")
