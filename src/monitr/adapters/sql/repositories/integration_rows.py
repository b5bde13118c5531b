"""An integration and its row."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from monitr.adapters.sql.repositories.failure_json import failure_from_json, failure_to_json
from monitr.domain.integration import Integration, IntegrationId, IntegrationStatus
from monitr.domain.organisation import OrganisationId


def integration_of(row: RowMapping | Mapping[str, Any]) -> Integration:
    """From a row with all columns of ``integration``."""
    return Integration(
        id=IntegrationId(row["id"]),
        organisation_id=OrganisationId(row["organisation_id"]),
        status=IntegrationStatus(row["status"]),
        created_at=row["created_at"],
        authorized_at=row["authorized_at"],
        authorization_expires_at=row["authorization_expires_at"],
        last_error=failure_from_json(row["last_error"]),
    )


def integration_values(integration: Integration) -> dict[str, object]:
    """Every column of the row."""
    return {
        "id": integration.id,
        "organisation_id": integration.organisation_id,
        "status": integration.status.value,
        "created_at": integration.created_at,
        "authorized_at": integration.authorized_at,
        "authorization_expires_at": integration.authorization_expires_at,
        "last_error": failure_to_json(integration.last_error),
    }
