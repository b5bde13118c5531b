from typing import Any
from uuid import UUID, uuid4

import pytest
from graphql import GraphQLInterfaceType

from monitr.application.reading.opaque_ids import OpaqueId, RowKind, asset_id, item_id, line_id
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.administration import AdministrationStatus
from monitr.domain.audit import import_started
from monitr.domain.integration import IntegrationStatus
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Role
from monitr.domain.webhooks import WebhookTarget, WebhookTargetId
from monitr.entrypoints.graphql.execution.documents import Documents
from monitr.entrypoints.graphql.schema import create_schema
from tests.components.graphql.an_api import Api, an_api
from tests.components.graphql.fake_reader import SALE
from tests.unit.fakes import MINE, NOON, FakeTransactions, a_report, a_run, an_administration, an_integration

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
INTEGRATION = an_integration()
BOOKS = an_administration(integration_id=INTEGRATION.id)
RUN = a_run(BOOKS)
REPORT = a_report()
TARGET = WebhookTarget(WebhookTargetId(uuid4()), MINE, "https://one.example", None, created_at=NOON)
RECEIVABLE, PAYABLE = OutstandingItemType.RECEIVABLE, OutstandingItemType.PAYABLE

IDS = {
    "Administration": str(BOOKS.id),
    "Integration": str(INTEGRATION.id),
    "ImportRun": str(RUN.id),
    "Transaction": line_id(BOOKS.id, SALE, 2),
    "OutstandingItem": item_id(BOOKS.id, RECEIVABLE, "1"),
    "FixedAsset": asset_id(BOOKS.id, UUID(int=1)),
    "WebhookTarget": str(TARGET.id),
    "Report": str(REPORT.id),
    "AuditEntry": str(UUID(int=0)),
}
NAMES = {"Administration", "Integration", "OutstandingItem"}
REPORTS = {*NAMES, "ImportRun", "FixedAsset", "Report"}
SEEN = {
    Role.RECEIVABLES_ONLY: NAMES,
    Role.REPORTS: REPORTS,
    Role.REPORTS_WITH_TRANSACTIONS: {*REPORTS, "Transaction"},
    Role.ENTITY_ADMIN: {*REPORTS, "Transaction"},
    Role.ORGANISATION_ADMIN: set(IDS),
}


def the_api(*roles: Role, **settings: Any) -> Api:
    world = FakeTransactions([INTEGRATION], administrations=[BOOKS], runs=[RUN], reports=[REPORT])
    world.committed.audit.append((MINE, import_started(RUN, BOOKS, "anna")))
    api = an_api(world, *roles, **settings)
    api.readers.targets = [TARGET]
    return api


async def node(api: Api, id: str) -> Any:
    answer = await api.run(NODE, {"id": id})
    assert answer["errors"] == []
    return answer["data"]["node"]


@pytest.mark.parametrize("type", IDS)
async def test_an_id_says_of_what_type_its_object_is(type: str) -> None:
    assert await node(the_api(), IDS[type]) == {"__typename": type, "id": IDS[type]}


@pytest.mark.parametrize("role", Role)
async def test_a_role_finds_what_it_may_see_and_nothing_for_the_rest(role: Role) -> None:
    found = {type for type, id in IDS.items() if await node(the_api(role), id)}
    assert found == SEEN[role]


async def test_payables_are_not_found_by_who_sees_receivables_alone() -> None:
    id = item_id(BOOKS.id, PAYABLE, "1")
    assert await node(the_api(Role.RECEIVABLES_ONLY), id) is None
    assert await node(the_api(Role.REPORTS), id) == {"__typename": "OutstandingItem", "id": id}


async def test_names_are_all_that_receivables_only_sees_of_a_node() -> None:
    query = "query ($id: ID!) { node(id: $id) { ... on Administration { name vatNumber } } }"
    seen = await the_api(Role.RECEIVABLES_ONLY).run(query, {"id": str(BOOKS.id)})
    assert seen["data"]["node"] == {"name": BOOKS.name, "vatNumber": None}


async def test_what_a_token_leaves_out_or_another_organisation_has_is_not_found() -> None:
    narrowed = the_api(Role.ENTITY_ADMIN, narrowed_to=frozenset({AdministrationId(uuid4())}))
    others = the_api(organisation=OrganisationId(uuid4()))
    of_the_organisation = {"Integration", "Report"}
    assert {type for type, id in IDS.items() if await node(narrowed, id)} == of_the_organisation
    assert [type for type, id in IDS.items() if await node(others, id)] == []


async def test_nothing_of_a_removed_administration_or_a_deleted_integration_is_found() -> None:
    deleted = an_integration(status=IntegrationStatus.DELETED)
    removed = an_administration(integration_id=deleted.id, status=AdministrationStatus.DELETED)
    run = a_run(removed)
    api = an_api(FakeTransactions([deleted], administrations=[removed], runs=[run]))
    ids = [str(deleted.id), str(removed.id), str(run.id), line_id(removed.id, SALE, 1)]
    assert [await node(api, id) for id in [*ids, item_id(removed.id, RECEIVABLE, "1")]] == [None] * 5


NOTHING = {
    "nothing": "",
    "no id": "nonsense",
    "an id of nothing": str(UUID(int=77)),
    "a line that is not there": line_id(BOOKS.id, SALE, 99),
    "a booking that is not there": line_id(BOOKS.id, SALE._replace(document_number=99), 1),
    "a line of no booking": str(OpaqueId(BOOKS.id, RowKind.LINE, "nonsense/1")),
    "a line of no number": str(OpaqueId(BOOKS.id, RowKind.LINE, f"{SALE.code}/x")),
    "a line before the first": str(OpaqueId(BOOKS.id, RowKind.LINE, f"{SALE.code}/0")),
    "an item that is not there": item_id(BOOKS.id, RECEIVABLE, "99"),
    "an asset that is not there": asset_id(BOOKS.id, UUID(int=99)),
    "an asset of no id": str(OpaqueId(BOOKS.id, RowKind.ASSET, "nonsense")),
    "another spelling": f"{IDS['Transaction']}=",
    "no ASCII": "é",
}


@pytest.mark.parametrize("id", NOTHING)
async def test_an_id_that_nothing_has_is_null_and_no_error(id: str) -> None:
    assert await node(the_api(), NOTHING[id]) is None


async def test_the_types_that_are_nodes_are_those_of_the_contract() -> None:
    schema = create_schema()._schema
    interface = schema.type_map["Node"]
    assert isinstance(interface, GraphQLInterfaceType)
    assert {type.name for type in schema.get_possible_types(interface)} == set(IDS)


async def test_many_nodes_with_ids_of_their_own_are_one_question() -> None:
    api = the_api()
    asked = [f'n{number}: node(id: "{id}") {{ id }}' for number, id in enumerate(IDS.values()) if "-" in id[8:9]]
    await api.run(f"{{ {' '.join(asked)} }}")
    assert len(asked) == 6
    assert api.readers.calls == ["nodes"]


def test_an_asset_costs_what_looking_through_all_of_them_costs() -> None:
    prices = {type: Documents(create_schema()._schema).admit(NODE, {"id": id}, None).price for type, id in IDS.items()}
    assert prices["FixedAsset"] > 3 * prices["Administration"] == 3 * prices["Transaction"]
