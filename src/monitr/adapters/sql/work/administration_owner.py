"""To whom an administration belongs: for operators, who name it without its organisation."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tenancy import transaction
from monitr.domain.organisation import AdministrationId, OrganisationId


async def owner_of(engine: AsyncEngine, id: AdministrationId) -> OrganisationId | None:
    """None where there is no such administration, or it was removed."""
    query = text("SELECT organisation_id FROM administration WHERE id = :id AND status <> 'DELETED'")
    async with transaction(engine, None, read_only=True) as connection:
        owner = (await connection.execute(query, {"id": id})).scalar_one_or_none()
    return None if owner is None else OrganisationId(owner)
