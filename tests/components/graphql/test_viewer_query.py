from typing import Any
from uuid import UUID, uuid4

import pytest

from monitr.application.reading.viewer import REQUIRED, Ability
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import GRANTS, Permission, Principal, Role
from tests.components.graphql.an_api import an_api
from tests.unit.fakes import MINE, FakeTransactions

REPORTS = ["SEE_INTEGRATIONS", "SEE_REPORTS", "SEE_RECEIVABLES"]
ALLOWED = {
    Role.RECEIVABLES_ONLY: ["SEE_RECEIVABLES"],
    Role.REPORTS: REPORTS,
    Role.REPORTS_WITH_TRANSACTIONS: [*REPORTS, "SEE_TRANSACTIONS"],
    Role.ENTITY_ADMIN: [
        *("SEE_INTEGRATIONS", "RUN_IMPORTS", "SEE_REPORTS"),
        *("SEE_RECEIVABLES", "SEE_TRANSACTIONS", "MANAGE_REPORTS"),
    ],
    Role.ORGANISATION_ADMIN: [ability.value for ability in Ability],
}
SOME = frozenset({AdministrationId(UUID(int=2)), AdministrationId(UUID(int=1))})


async def viewer(*roles: Role, **settings: Any) -> dict[str, Any]:
    answer = await an_api(FakeTransactions(), *roles, **settings).operation("Viewer")
    assert answer["errors"] == []
    shown: dict[str, Any] = answer["data"]["viewer"]
    return shown


async def test_the_viewer_is_who_the_token_says() -> None:
    assert await viewer(Role.REPORTS, narrowed_to=SOME) == {
        "subject": "anna",
        "organisationId": str(MINE),
        "roles": ["REPORTS"],
        "permissions": REPORTS,
        "administrationIds": [str(UUID(int=1)), str(UUID(int=2))],
        "expiresAt": "2026-11-22T13:00:00.000Z",
    }


@pytest.mark.parametrize("role", Role)
async def test_the_permissions_of_a_role_are_the_lines_of_its_column(role: Role) -> None:
    assert (await viewer(role))["permissions"] == ALLOWED[role]


async def test_whoever_has_several_roles_has_what_any_of_them_allows() -> None:
    both = await viewer(Role.RECEIVABLES_ONLY, Role.REPORTS)
    assert (both["roles"], both["permissions"]) == (["REPORTS", "RECEIVABLES_ONLY"], REPORTS)


async def test_a_token_that_does_not_narrow_names_no_administrations() -> None:
    assert (await viewer(Role.REPORTS))["administrationIds"] is None


async def test_nothing_narrows_an_organisation_admin() -> None:
    assert (await viewer(Role.ORGANISATION_ADMIN, Role.REPORTS, narrowed_to=SOME))["administrationIds"] is None


async def test_a_token_that_narrows_to_nothing_says_so() -> None:
    assert (await viewer(Role.REPORTS, narrowed_to=frozenset()))["administrationIds"] == []


def test_every_permission_but_that_of_names_has_a_button() -> None:
    assert set(REQUIRED.values()) == set(Permission) - {Permission.SEE_NAMES}


@pytest.mark.parametrize("role", Role)
def test_who_reaches_an_administration_may_and_nobody_else(role: Role) -> None:
    asks, other = Principal(MINE, "anna", frozenset({role}), SOME), AdministrationId(uuid4())
    for permission in Permission:
        reach = asks.reach(permission)
        assert {id for id in (*SOME, other) if reach is None or id in reach} == {
            id for id in (*SOME, other) if asks.may(permission, id)
        }
        assert reach == frozenset() or permission in GRANTS[role]
