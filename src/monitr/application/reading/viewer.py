"""Who asks, as the token says, and what a page may show a button for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Permission, Principal, Role


class Ability(StrEnum):
    """The lines of the table of roles (``tests/contract/operations.md``), as a front end is told them."""

    SEE_INTEGRATIONS = "SEE_INTEGRATIONS"
    """Cards, administrations and the import history."""
    MANAGE_INTEGRATIONS = "MANAGE_INTEGRATIONS"
    """Connect, select, remove, delete and reconnect."""
    RUN_IMPORTS = "RUN_IMPORTS"
    """Start and cancel imports."""
    SEE_REPORTS = "SEE_REPORTS"
    """All reports, payables and fixed assets among them."""
    SEE_RECEIVABLES = "SEE_RECEIVABLES"
    """What clients owe."""
    SEE_TRANSACTIONS = "SEE_TRANSACTIONS"
    """Ledger lines, bookings, and what an import changed."""
    MANAGE_REPORTS = "MANAGE_REPORTS"
    """Save and delete reports of one's own, and the settings of fixed assets."""
    MANAGE_WEBHOOKS = "MANAGE_WEBHOOKS"
    """See, add, change and delete webhooks."""
    SEE_AUDIT = "SEE_AUDIT"
    """Who did what."""


REQUIRED = {
    Ability.SEE_INTEGRATIONS: Permission.SEE_IMPORTS,
    Ability.MANAGE_INTEGRATIONS: Permission.MANAGE_INTEGRATIONS,
    Ability.RUN_IMPORTS: Permission.RUN_IMPORTS,
    Ability.SEE_REPORTS: Permission.READ_REPORTS,
    Ability.SEE_RECEIVABLES: Permission.READ_RECEIVABLES,
    Ability.SEE_TRANSACTIONS: Permission.READ_TRANSACTIONS,
    Ability.MANAGE_REPORTS: Permission.MANAGE_REPORTS,
    Ability.MANAGE_WEBHOOKS: Permission.MANAGE_WEBHOOKS,
    Ability.SEE_AUDIT: Permission.SEE_AUDIT,
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """``administrations``: those that the token narrows to, in the order of their ids; None where it does not."""

    subject: str
    organisation: OrganisationId
    roles: tuple[Role, ...]
    abilities: tuple[Ability, ...]
    administrations: tuple[AdministrationId, ...] | None

    @classmethod
    def of(cls, principal: Principal) -> Self:
        reach = principal.reach(Permission.SEE_NAMES)
        return cls(
            principal.subject,
            principal.organisation,
            tuple(role for role in Role if role in principal.roles),
            tuple(ability for ability, required in REQUIRED.items() if principal.may(required)),
            None if reach is None else tuple(sorted(reach)),
        )
