"""Who asks."""

from datetime import datetime

import strawberry

from monitr.application.reading import viewer
from monitr.application.reading.viewer import Ability
from monitr.domain.roles import Role
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.shown import shown

strawberry.enum(
    Role,
    description="After Monitr's own roles. Whoever has several may do what any of them allows.",
)
strawberry.enum(
    Ability,
    name="Permission",
    description="What a page may show a button for. A button that it hides would be refused with FORBIDDEN.",
)


@strawberry.type(description="Who asks, as the token says.")
class Viewer:
    subject: str
    """The token's `sub`."""
    organisation_id: strawberry.ID
    """The token's `org`."""
    roles: list[Role]
    """Those of the token that are known here, the widest first."""
    permissions: list[Ability]
    """What the roles allow together; for `administrationIds` alone, where the token narrows."""
    administration_ids: list[strawberry.ID] | None
    """The administrations that the token narrows to, whether they are there or not. null where it does not narrow, and
    for an ORGANISATION_ADMIN, whom nothing narrows."""
    expires_at: datetime
    """When the token runs out: requests are refused then, and WebSockets closed."""


@strawberry.type
class ViewerQueries:
    @strawberry.field
    def viewer(self, info: Info) -> Viewer:
        """Who asks, and which buttons a page may show them."""
        it = viewer.Viewer.of(info.context.principal)
        return shown(
            Viewer,
            it,
            organisation_id=str(it.organisation),
            permissions=list(it.abilities),
            administration_ids=None if it.administrations is None else [str(id) for id in it.administrations],
            expires_at=info.context.expires_at,
        )
