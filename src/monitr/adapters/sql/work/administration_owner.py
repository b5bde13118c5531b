"""To whom an administration belongs: for operators, who name it without its organisation."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tenancy import rows_of_all
from monitr.domain.organisation import AdministrationId, OrganisationId


async def owner_of(engine: AsyncEngine, id: AdministrationId) -> OrganisationId | None:
    """None where there is no such administration, or it was removed."""
    query = text("SELECT organisation_id FROM administration WHERE id = :id AND status <> 'DELETED'")
    owners = await rows_of_all(engine, query, {"id": id})
    return OrganisationId(owners[0].organisation_id) if owners else None
