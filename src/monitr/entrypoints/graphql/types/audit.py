"""The audit trail: who did what."""

from datetime import datetime
from functools import partial
from typing import Annotated, Self

import strawberry

from monitr.application.reading.audit import RecordedEntry
from monitr.application.reading.reading import Reading
from monitr.domain.audit import AuditAction
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.paging import After, Connection, First, given
from monitr.entrypoints.graphql.execution.shown import shown

strawberry.enum(AuditAction)


@strawberry.type
class AuditEntry:
    """What somebody did. It outlives what it speaks of, purges included."""

    id: strawberry.ID
    """Opaque; no other entry ever has it."""
    at: datetime
    """When it was done (UTC)."""
    actor: str
    """The token's `sub`; `monitr` for what the program did by itself, `octopus` for what Octopus's answer caused,
    `operator` for the command line."""
    action: AuditAction
    """What was done, as a word for programs."""
    subject: strawberry.ID | None
    """The id of the integration, administration, import run, webhook target or report that it was done to; null:
    none."""
    subject_name: str | None
    """Its name at that time, for a reader who no longer finds it; null: it has none."""
    detail: str | None
    """What was asked, in plain words; never a secret. Null: there is nothing to add."""

    @classmethod
    def of(cls, recorded: RecordedEntry) -> Self:
        return shown(cls, recorded.entry, id=strawberry.ID(str(recorded.id)), at=recorded.at)


@strawberry.type
class AuditQueries:
    @strawberry.field
    async def audit_trail(
        self,
        info: Info,
        first: First = 50,
        after: After = strawberry.UNSET,
        subject: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="The id of one integration, administration, import run or webhook target, whether it "
                "still exists or not; null: of all."
            ),
        ] = strawberry.UNSET,
    ) -> Connection[AuditEntry]:
        """What people did, newest first. ORGANISATION_ADMIN only."""
        info.context.reading.expect(Reading.audit_trail)
        wanted = given(subject)
        question = partial(info.context.reading.audit_trail, None if wanted is None else info.context.id(wanted))
        return await Connection[AuditEntry].ask(question, AuditEntry.of, first, after, 50)
