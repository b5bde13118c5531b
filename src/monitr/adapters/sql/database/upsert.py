"""Insert a row, or replace the one with its key."""

from collections.abc import Mapping

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(connection: AsyncConnection, table: Table, values: Mapping[str, object]) -> None:
    """``values`` holds the key. Columns that are not in it keep what they have, or get their default."""
    key = [column.name for column in table.primary_key]
    statement = insert(table).values(dict(values))
    changes = {name: statement.excluded[name] for name in values if name not in key}
    await connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changes))
