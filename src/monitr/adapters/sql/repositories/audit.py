"""The audit trail: entries are appended by the transaction of the deed."""

from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.tables import audit_entry
from monitr.domain.audit import AuditEntry
from monitr.domain.organisation import OrganisationId


async def append(connection: AsyncConnection, organisation: OrganisationId, *entries: AuditEntry) -> None:
    """When it was, and in which order, the database says."""
    if entries:
        rows = [
            {
                "organisation_id": organisation,
                "actor": entry.actor,
                "action": entry.action.value,
                "subject_id": entry.subject,
                "subject_name": entry.subject_name,
                "detail": entry.detail,
            }
            for entry in entries
        ]
        await connection.execute(insert(audit_entry).inline(), rows)


@dataclass(frozen=True, slots=True)
class SqlAuditTrail:
    """The port ``AuditTrail``, of one organisation: workers do nothing in the name of nobody."""

    connection: AsyncConnection
    organisation: OrganisationId | None

    async def append(self, *entries: AuditEntry) -> None:
        if self.organisation is None:
            raise LookupError("an entry of the audit trail belongs to an organisation")
        await append(self.connection, self.organisation, *entries)
