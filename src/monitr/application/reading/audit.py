"""The audit trail: who did what. It outlives what it speaks of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from monitr.application.reading.pages import Page
from monitr.domain.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """An entry, and when it was recorded (UTC). ``id`` is opaque and never changes."""

    id: UUID
    at: datetime
    entry: AuditEntry


class AuditReader(Protocol):
    """Of one organisation."""

    async def audit_trail(self, subject: UUID | None, first: int, after: str | None) -> Page[RecordedEntry]:
        """Newest first; with a ``subject`` only what was done to it, whether it is still there or not. Raises
        InvalidCursor."""
        ...
