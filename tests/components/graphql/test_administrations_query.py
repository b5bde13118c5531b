from typing import Any
from uuid import uuid4

import pytest

from monitr.application.reading.freshness import Freshness
from monitr.application.reading.quota import CallsToday
from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.administration import AdministrationStatus, DossierNumber
from monitr.domain.import_run import ImportRunId
from monitr.domain.roles import Role
from tests.components.graphql.an_api import Api, an_api
from tests.components.graphql.fake_reader import FakeBooks
from tests.unit.fakes import NOON, FakeTransactions, a_run, an_administration, an_integration

INTEGRATION = an_integration()
NAMES = ("beta", "Alfa", "Gamma", "alfa twee", "Delta")
BOOKS = [
    an_administration(integration_id=INTEGRATION.id, dossier=DossierNumber(number), name=name)
    for number, name in enumerate(NAMES, start=1)
]
LOST = an_administration(
    integration_id=INTEGRATION.id, dossier=DossierNumber(9), name="Zeta", status=AdministrationStatus.ACCESS_LOST
)
REMOVED = an_administration(integration_id=INTEGRATION.id, name="Removed", status=AdministrationStatus.DELETED)
PART = """query ($id: ID!) { administration(id: $id) {
    currency closedUntil quota { operation used limit resetsAt } integration { id status label authorizedAt } } }"""


def the_api(*roles: Role, **settings: Any) -> Api:
    return an_api(FakeTransactions([INTEGRATION], (), [*BOOKS, LOST, REMOVED], [a_run(BOOKS[0])]), *roles, **settings)


async def names(api: Api, **variables: Any) -> list[str]:
    answer = await api.operation("Administrations", **variables)
    assert answer["errors"] == []
    return [edge["node"]["name"] for edge in answer["data"]["administrations"]["edges"]]


async def part(*roles: Role, api: Api | None = None) -> Any:
    answer = await (api or the_api(*roles)).run(PART, {"id": str(BOOKS[0].id)})
    assert answer["errors"] == []
    return answer["data"]["administration"]


async def test_the_administrations_are_listed_by_name_and_counted() -> None:
    answer = await the_api().operation("Administrations", first=2)
    found = answer["data"]["administrations"]
    assert [edge["node"]["name"] for edge in found["edges"]] == ["Alfa", "alfa twee"]
    assert (found["totalCount"], found["pageInfo"]["hasNextPage"]) == (6, True)


async def test_the_pages_hold_each_administration_once() -> None:
    api, seen, after = the_api(), list[str](), None
    for _ in range(3):
        page = (await api.operation("Administrations", first=2, after=after))["data"]["administrations"]
        seen += [edge["node"]["name"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == ["Alfa", "alfa twee", "beta", "Delta", "Gamma", "Zeta"]


async def test_what_is_asked_for_is_handed_on_to_the_search() -> None:
    assert await names(the_api(), search="ALFA") == ["Alfa", "alfa twee"]
    assert await names(the_api(), statuses=["ACCESS_LOST"]) == ["Zeta"]
    assert await names(the_api(), statuses=[]) == []


@pytest.mark.parametrize("role", Role)
async def test_a_token_narrows_the_list_of_every_role_but_the_organisation_admins(role: Role) -> None:
    found = await names(the_api(role, narrowed_to=frozenset({BOOKS[0].id, uuid4()})))
    assert (found == ["beta"]) is (role is not Role.ORGANISATION_ADMIN)


@pytest.mark.parametrize("role", Role)
async def test_vat_numbers_are_searched_for_those_alone_who_see_them(role: Role) -> None:
    api = the_api(role)
    await names(api, search="BE")
    (filter, *_) = api.readers.arguments["found_administrations"]
    assert filter.in_vat_numbers is (role is not Role.RECEIVABLES_ONLY)


@pytest.mark.parametrize("search", ["\0", "\ud800"], ids=["NUL", "half a character"])
async def test_a_search_that_is_no_text_is_a_mistake(search: str) -> None:
    (error,) = (await the_api().operation("Administrations", search=search))["errors"]
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", "search")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.RECEIVABLES_ONLY])
async def test_an_administration_shows_its_currency_its_login_and_its_quota(role: Role) -> None:
    shown = await part(role)
    assert shown["currency"] == "EUR"
    assert shown["integration"] == {
        "id": str(INTEGRATION.id),
        "status": "CONFIGURED",
        "label": "6 dossiers: beta, Alfa, Gamma, …",
        "authorizedAt": "2026-11-22T11:00:00.000Z",
    }
    assert shown["quota"] == [
        {"operation": "POST dossiers", "used": 3, "limit": 150, "resetsAt": "2026-11-22T23:00:00.000Z"},
        {"operation": "journals", "used": 0, "limit": 24, "resetsAt": "2026-11-22T23:00:00.000Z"},
    ]


async def test_who_sees_names_only_sees_the_currency_and_the_name_of_the_login() -> None:
    assert await part(Role.RECEIVABLES_ONLY) == {
        "currency": "EUR",
        "closedUntil": None,
        "quota": [],
        "integration": {"id": str(INTEGRATION.id), "status": "CONFIGURED", "label": "", "authorizedAt": None},
    }


@pytest.mark.parametrize("role", Role)
async def test_the_end_of_the_closed_books_is_shown_to_who_sees_more_than_names(role: Role) -> None:
    api = the_api(role)
    day = NOON.date()
    fresh = Freshness(ImportRunId(uuid4()), NOON, False, VerificationStatus.PASSED, day, day)
    api.readers.books.freshness = fresh
    assert (await part(api=api))["closedUntil"] == (None if role is Role.RECEIVABLES_ONLY else "2026-11-22")


async def test_what_octopus_has_stopped_is_used_up() -> None:
    api = an_api(
        FakeTransactions([INTEGRATION], (), BOOKS),
        books=FakeBooks(calls={"journals": CallsToday(2, is_stopped=True)}),
    )
    assert [use["used"] for use in (await part(api=api))["quota"]] == [0, 24]


@pytest.mark.parametrize(
    ("count", "label"),
    [(0, "0 dossiers"), (1, "1 dossier: beta"), (3, "3 dossiers: beta, Alfa, Gamma")],
    ids=["none", "one", "three"],
)
async def test_a_login_is_told_from_others_by_its_first_dossiers(count: int, label: str) -> None:
    api = an_api(FakeTransactions([INTEGRATION], (), BOOKS[:count]))
    answer = await api.run("query ($id: ID!) { integration(id: $id) { label } }", {"id": str(INTEGRATION.id)})
    assert answer["data"]["integration"]["label"] == label


async def test_the_label_names_nothing_that_the_token_leaves_out() -> None:
    api = the_api(Role.REPORTS, narrowed_to=frozenset({BOOKS[1].id}))
    answer = await api.run("query ($id: ID!) { integration(id: $id) { label } }", {"id": str(INTEGRATION.id)})
    assert answer["data"]["integration"]["label"] == "1 dossier: Alfa"


async def test_a_run_names_its_administration() -> None:
    query = "query ($id: ID!) { administration(id: $id) { lastImport { administration { name } } } }"
    answer = await the_api().run(query, {"id": str(BOOKS[0].id)})
    assert answer["data"]["administration"]["lastImport"]["administration"] == {"name": "beta"}
