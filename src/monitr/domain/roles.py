"""Who may do what: roles, the permissions that they grant, and the principal that a token names
(``tests/contract/operations.md``, the table of roles)."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from monitr.domain.codes import ProblemCode
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.words.sentence import Sentence


class Role(StrEnum):
    ORGANISATION_ADMIN = "ORGANISATION_ADMIN"
    """May do everything, in all administrations of the organisation."""
    ENTITY_ADMIN = "ENTITY_ADMIN"
    """Sees everything but the audit trail and webhooks, starts and cancels imports, saves reports and settings."""
    REPORTS_WITH_TRANSACTIONS = "REPORTS_WITH_TRANSACTIONS"
    """Sees all reports, down to the ledger lines."""
    REPORTS = "REPORTS"
    """Sees all reports, but no ledger lines."""
    RECEIVABLES_ONLY = "RECEIVABLES_ONLY"
    """Sees what clients owe, and the names of administrations."""


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

    def reach(self, permission: Permission) -> frozenset[AdministrationId] | None:
        """The administrations for which one of the roles grants it; None: all of the organisation."""
        granting = [role for role in self.roles if permission in GRANTS[role]]
        if not granting:
            return frozenset()
        return None if Role.ORGANISATION_ADMIN in granting else self.administrations

    def _reaches(self, role: Role, administration: AdministrationId | None) -> bool:
        unbounded = role is Role.ORGANISATION_ADMIN or self.administrations is None
        return unbounded or administration is None or administration in (self.administrations or ())


@dataclass(frozen=True, slots=True)
class Forbidden:
    """None of the caller's roles grants the permission."""

    permission: Permission
    code = ProblemCode.FORBIDDEN

    @property
    def sentence(self) -> Sentence:
        return Sentence.of(f"problem.{self.code}")

    @property
    def message(self) -> str:
        """In English."""
        return str(self.sentence)
