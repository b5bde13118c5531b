"""The audit trail: who did what."""

from datetime import datetime
from functools import partial
from typing import Self

import strawberry

from monitr.application.reading.audit import RecordedEntry
from monitr.application.reading.reading import Reading
from monitr.domain.audit import AuditAction
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.paging import Connection, given
from monitr.entrypoints.graphql.execution.shown import shown

strawberry.enum(AuditAction)


@strawberry.type
class AuditEntry:
    id: strawberry.ID
    at: datetime
    actor: str
    """The token's `sub`; `monitr` for what the program did by itself, `octopus` for what Octopus's answer caused."""
    action: AuditAction
    subject: strawberry.ID | None
    """Of the integration, administration, import run or webhook target."""
    subject_name: str | None
    """Its name at that time, for a reader who no longer finds it."""
    detail: str | None
    """What was asked, in plain words; never a secret."""

    @classmethod
    def of(cls, recorded: RecordedEntry) -> Self:
        return shown(cls, recorded.entry, id=strawberry.ID(str(recorded.id)), at=recorded.at)


@strawberry.type
class AuditQueries:
    @strawberry.field
    async def audit_trail(
        self,
        info: Info,
        first: int | None = 50,
        after: str | None = strawberry.UNSET,
        subject: strawberry.ID | None = strawberry.UNSET,
    ) -> Connection[AuditEntry]:
        """Newest first. `subject` narrows to one integration, administration, import run or webhook target, whether
        it still exists or not."""
        info.context.reading.expect(Reading.audit_trail)
        wanted = given(subject)
        question = partial(info.context.reading.audit_trail, None if wanted is None else info.context.id(wanted))
        return await Connection[AuditEntry].ask(question, AuditEntry.of, first, after, 50)
