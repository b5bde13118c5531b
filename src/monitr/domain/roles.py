"""Who may do what: roles, the permissions that they grant, and the principal that a token names
(``tests/contract/operations.md``, the table of roles)."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from monitr.domain.codes import ProblemCode
from monitr.domain.organisation import AdministrationId, OrganisationId


class Role(StrEnum):
    """What a token may grant. All but ORGANISATION_ADMIN may be narrowed to some administrations."""

    ORGANISATION_ADMIN = "ORGANISATION_ADMIN"
    """Everything."""
    ENTITY_ADMIN = "ENTITY_ADMIN"
    """Imports, reports, transactions, and settings; no integrations, webhooks or audit trail."""
    REPORTS_WITH_TRANSACTIONS = "REPORTS_WITH_TRANSACTIONS"
    """All reports, transactions and bookings."""
    REPORTS = "REPORTS"
    """All reports, without ledger lines."""
    RECEIVABLES_ONLY = "RECEIVABLES_ONLY"
    """The receivables half of the outstanding items; of administrations and integrations the names only."""


class Permission(StrEnum):
    SEE_NAMES = "see cards and the names of administrations"
    SEE_IMPORTS = "see the import history"
    MANAGE_INTEGRATIONS = "connect, select, remove, delete and reconnect"
    MANAGE_WEBHOOKS = "see, add, change and delete webhooks"
    SEE_AUDIT = "see who did what"
    MANAGE_REPORTS = "save and delete reports, and change settings of assets"
    RUN_IMPORTS = "start and cancel imports"
    READ_REPORTS = "read reports"
    READ_RECEIVABLES = "read receivables"
    READ_TRANSACTIONS = "read transactions and bookings"


_OF_ORGANISATION_ADMINS = {Permission.MANAGE_INTEGRATIONS, Permission.MANAGE_WEBHOOKS, Permission.SEE_AUDIT}
_REPORTS = frozenset(
    {Permission.SEE_NAMES, Permission.SEE_IMPORTS, Permission.READ_REPORTS, Permission.READ_RECEIVABLES}
)
GRANTS = MappingProxyType(
    {
        Role.ORGANISATION_ADMIN: frozenset(Permission),
        Role.ENTITY_ADMIN: frozenset(Permission) - _OF_ORGANISATION_ADMINS,
        Role.REPORTS_WITH_TRANSACTIONS: _REPORTS | {Permission.READ_TRANSACTIONS},
        Role.REPORTS: _REPORTS,
        Role.RECEIVABLES_ONLY: frozenset({Permission.SEE_NAMES, Permission.READ_RECEIVABLES}),
    }
)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: verified from the bearer token.

    ``administrations`` narrows every role but ORGANISATION_ADMIN to those administrations; None does not narrow.
    ``name`` and ``organisation_name`` are for people to read, and decide nothing.
    """

    organisation: OrganisationId
    subject: str
    roles: frozenset[Role]
    administrations: frozenset[AdministrationId] | None = None
    name: str | None = None
    organisation_name: str | None = None

    @classmethod
    def administrator(cls, organisation: OrganisationId, subject: str) -> Self:
        """Who may do everything there: the scheduler, or whoever operates the program."""
        return cls(organisation, subject, frozenset({Role.ORGANISATION_ADMIN}))

    def may(self, permission: Permission, administration: AdministrationId | None = None) -> bool:
        """Whether one of the roles grants it: for that administration, or, without one, at all."""
        return any(permission in GRANTS[role] and self._reaches(role, administration) for role in self.roles)

    def _reaches(self, role: Role, administration: AdministrationId | None) -> bool:
        unbounded = role is Role.ORGANISATION_ADMIN or self.administrations is None
        return unbounded or administration is None or administration in (self.administrations or ())


@dataclass(frozen=True, slots=True)
class Forbidden:
    """None of the caller's roles grants the permission."""

    permission: Permission
    code = ProblemCode.FORBIDDEN

    @property
    def message(self) -> str:
        return "Your role does not allow this. Ask an administrator of your organisation."
