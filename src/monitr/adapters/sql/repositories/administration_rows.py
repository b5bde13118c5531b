"""An administration and its row."""

from sqlalchemy import RowMapping

from monitr.domain.administration import Administration, AdministrationStatus, DossierNumber
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId


def administration_of(row: RowMapping) -> Administration:
    """From a row with all columns of ``administration``."""
    return Administration(
        id=AdministrationId(row["id"]),
        organisation_id=OrganisationId(row["organisation_id"]),
        integration_id=IntegrationId(row["integration_id"]),
        dossier=DossierNumber(row["dossier_number"]),
        name=row["name"],
        vat_number=row["vat_number"],
        created_at=row["created_at"],
        status=AdministrationStatus(row["status"]),
        purge_after=row["purge_after"],
        watermark=row["watermark"],
        last_successful_import_at=row["last_successful_import_at"],
        complete_from=row["complete_from"],
    )


def administration_values(administration: Administration) -> dict[str, object]:
    """Every column of the row."""
    return {
        "id": administration.id,
        "organisation_id": administration.organisation_id,
        "integration_id": administration.integration_id,
        "dossier_number": administration.dossier,
        "name": administration.name,
        "vat_number": administration.vat_number,
        "created_at": administration.created_at,
        "status": administration.status.value,
        "purge_after": administration.purge_after,
        "watermark": administration.watermark,
        "last_successful_import_at": administration.last_successful_import_at,
        "complete_from": administration.complete_from,
    }
