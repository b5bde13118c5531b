"""The end of an entry's time in the audit trail: the one way in which any leaves it (adr/0012)."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tenancy import transaction

_FORGET = text("SELECT monitr_forget_audit(:kept_days)")


async def forget_audit(engine: AsyncEngine, kept_days: int) -> int:
    """How many entries, of all organisations, were older. Raises DBAPIError for fewer days than the database keeps
    them at least."""
    async with transaction(engine, None) as connection:
        return int((await connection.execute(_FORGET, {"kept_days": kept_days})).scalar_one())
