from uuid import uuid4

import pytest

from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Permission, Principal, Role

# The table of tests/contract/operations.md, row by row; "names only" is the right to see names without the history.
COLUMNS = ("ORGANISATION_ADMIN", "ENTITY_ADMIN", "REPORTS_WITH_TRANSACTIONS", "REPORTS", "RECEIVABLES_ONLY")
TABLE = {
    Permission.SEE_NAMES: ("yes", "yes", "yes", "yes", "yes"),
    Permission.SEE_IMPORTS: ("yes", "yes", "yes", "yes", "-"),
    Permission.MANAGE_INTEGRATIONS: ("yes", "-", "-", "-", "-"),
    Permission.MANAGE_WEBHOOKS: ("yes", "-", "-", "-", "-"),
    Permission.SEE_AUDIT: ("yes", "-", "-", "-", "-"),
    Permission.MANAGE_REPORTS: ("yes", "yes", "-", "-", "-"),
    Permission.RUN_IMPORTS: ("yes", "yes", "-", "-", "-"),
    Permission.READ_REPORTS: ("yes", "yes", "yes", "yes", "-"),
    Permission.READ_RECEIVABLES: ("yes", "yes", "yes", "yes", "yes"),
    Permission.READ_TRANSACTIONS: ("yes", "yes", "yes", "-", "-"),
}
CASES = [
    (permission, role, answer == "yes")
    for permission, row in TABLE.items()
    for role, answer in zip(COLUMNS, row, strict=True)
]
MINE, ANOTHER = AdministrationId(uuid4()), AdministrationId(uuid4())


def a_principal(*roles: str, administrations: frozenset[AdministrationId] | None = None) -> Principal:
    return Principal(OrganisationId(uuid4()), "anna", frozenset(map(Role, roles)), administrations)


def test_the_table_names_every_permission_and_role() -> None:
    assert set(TABLE) == set(Permission)
    assert set(COLUMNS) == {role.value for role in Role}


@pytest.mark.parametrize(("permission", "role", "allowed"), CASES)
def test_a_role_may_do_what_the_table_says(permission: Permission, role: str, allowed: bool) -> None:
    assert a_principal(role).may(permission) is allowed
    assert a_principal(role).may(permission, MINE) is allowed


@pytest.mark.parametrize(("permission", "role", "allowed"), CASES)
def test_a_narrowed_role_reaches_its_administrations_only(permission: Permission, role: str, allowed: bool) -> None:
    narrowed = a_principal(role, administrations=frozenset({MINE}))

    assert narrowed.may(permission, MINE) is allowed
    assert narrowed.may(permission) is allowed
    assert narrowed.may(permission, ANOTHER) is (role == "ORGANISATION_ADMIN")


@pytest.mark.parametrize("role", [column for column in COLUMNS if column != "ORGANISATION_ADMIN"])
def test_a_role_that_is_narrowed_to_nothing_reaches_nothing(role: str) -> None:
    assert not a_principal(role, administrations=frozenset()).may(Permission.SEE_NAMES, MINE)


@pytest.mark.parametrize("permission", Permission)
def test_without_a_role_nothing_is_allowed(permission: Permission) -> None:
    assert not a_principal().may(permission)


def test_an_administrator_acts_under_a_name_and_may_do_everything_in_the_organisation() -> None:
    organisation = OrganisationId(uuid4())

    scheduler = Principal.administrator(organisation, "scheduler")

    assert (scheduler.organisation, scheduler.subject) == (organisation, "scheduler")
    assert all(scheduler.may(permission, MINE) for permission in Permission)


def test_roles_add_up() -> None:
    both = a_principal("RECEIVABLES_ONLY", "REPORTS_WITH_TRANSACTIONS")

    assert both.may(Permission.READ_TRANSACTIONS, MINE)
