"""Who did what."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Row, select, tuple_

from monitr.adapters.sql.database.tables import audit_entry
from monitr.adapters.sql.database.tenancy import own
from monitr.adapters.sql.reading.cursors import Cursors
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.application.reading.audit import RecordedEntry
from monitr.application.reading.pages import Page
from monitr.domain.audit import AuditAction, AuditEntry

_ENTRIES = Cursors("audit", {"at": datetime, "recorded": BigInteger})


class AuditQueries(Queries):
    async def audit_trail(self, subject: UUID | None, first: int, after: str | None) -> Page[RecordedEntry]:
        # Plan: one descent of ix_audit_entry_organisation_id_at_recorded, or of the one with the subject, backwards.
        key = (audit_entry.c.at, audit_entry.c.recorded)
        query = (
            select(audit_entry).where(own(audit_entry)).order_by(*(column.desc() for column in key)).limit(first + 1)
        )
        if subject is not None:
            query = query.where(audit_entry.c.subject_id == subject)
        if after is not None:
            query = query.where(tuple_(*key) < tuple_(*_ENTRIES.decode(after)))
        return _ENTRIES.page(await self.snapshot.rows(query), first, after, entry_of)


def entry_of(row: Row[Any]) -> RecordedEntry:
    entry = AuditEntry(row.actor, AuditAction(row.action), row.subject_id, row.subject_name, row.detail)
    return RecordedEntry(row.id, row.at, entry)
