from datetime import date
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type
from structlog.testing import capture_logs

from monitr.application.reading.outstanding_items import PastDateNotAvailable
from monitr.domain.roles import Role
from monitr.entrypoints.graphql.execution import errors
from monitr.entrypoints.graphql.schema import create_schema
from tests.components.graphql.an_api import Api, an_api
from tests.unit.fakes import FakeTransactions, a_run, an_administration, an_integration

BOOKS = an_administration()
ID = str(BOOKS.id)
DAY = '"2026-01-31", '
SPAN = 'from: "2026-01-01", to: "2026-12-31"'


def the_api(**settings: Any) -> Api:
    return an_api(FakeTransactions((), (), [BOOKS]), **settings)


async def error_of(field: str, api: Api | None = None) -> dict[str, Any]:
    query = f"query ($id: ID!) {{ administration(id: $id) {{ {field} }} }}"
    answer = await (api or the_api()).run(query, {"id": ID})
    (error,) = answer["errors"]
    return dict(error)


@pytest.mark.parametrize(
    ("field", "argument"),
    [
        ("transactions(first: 0) { totalCount }", "first"),
        ("transactions(first: -1) { totalCount }", "first"),
        ("transactions(first: 501) { totalCount }", "first"),
        ('transactions(first: "ten") { totalCount }', "first"),
        ("imports(first: 501) { edges { cursor } }", "first"),
        ('transactions(after: "nonsense") { totalCount }', "after"),
        ('transactions(before: "nonsense") { totalCount }', "before"),
        ('transactions(after: "1", before: "nonsense") { totalCount }', "before"),
        ("transactions(last: 0) { totalCount }", "last"),
        ("transactions(last: 501) { totalCount }", "last"),
        ("transactions(first: 1, last: 1) { totalCount }", "last"),
        ("transactions(orderBy: LARGEST_FIRST) { totalCount }", "orderBy"),
        ('imports(after: "") { edges { cursor } }', "after"),
        ('relations(after: "x") { totalCount }', "after"),
        ('outstandingItems(type: PAYABLE) { items(after: "x") { totalCount } }', "after"),
        ("outstandingItems(type: PAYABLE) { byRelation(first: 0) { amount } }", "first"),
        ("outstandingItems(type: NEITHER) { total }", "type"),
        ("outstandingItems(type: PAYABLE, bucketDays: [30, 20]) { total }", "bucketDays"),
        ("outstandingItems(type: PAYABLE, bucketDays: [0]) { total }", "bucketDays"),
        ('outstandingItems(type: PAYABLE, asOf: "yesterday") { total }', "asOf"),
        ("outstandingItems { total }", "type"),
        (f"outstandingHistory(type: PAYABLE, dates: [{61 * DAY}]) {{ asOf }}", "dates"),
        ("outstandingHistory(type: PAYABLE, dates: [], bucketDays: [30, 20]) { total }", "bucketDays"),
        ("fixedAssets { schedule(months: 0) { month } }", "months"),
        ('trialBalance(from: "2026-02-30", to: "2026-12-31") { completeFrom }', "from"),
        ('trialBalance(from: "2026-12-31", to: "2026-01-01") { completeFrom }', "to"),
        (f'trialBalance({SPAN}, dimension: {{ dimension: "PROJECT" }}) {{ completeFrom }}', "dimension.dimension"),
        (
            f'trialBalance({SPAN}, dimension: {{ dimension: "COST_CENTRE", code: "x" }}) {{ completeFrom }}',
            "dimension.code",
        ),
        (f"monthlyBalances({SPAN}, accountClasses: [10]) {{ month }}", "accountClasses"),
        (f'monthlyBalances({SPAN}, byDimension: "PROJECT") {{ month }}', "byDimension"),
        (
            'transactions(filter: { dimension: { dimension: "COST_CENTRE", code: "3", without: true } }) '
            "{ totalCount }",
            "filter.dimension.without",
        ),
        ('monthlyBalances(from: "0001-01-01", to: "9999-12-31") { month }', "from"),
        ('transactions(filter: { accounts: ["4x"] }) { totalCount }', "filter.accounts"),
        ('transactions(filter: { accountFrom: "-1" }) { totalCount }', "filter.accountFrom"),
        ('transactions(filter: { from: "1/2/26" }) { totalCount }', "filter.from"),
        ('transactions(filter: { amountFrom: "1e5" }) { totalCount }', "filter.amountFrom"),
        ("transactions(filter: { bookyear: 99999999999 }) { totalCount }", "filter.bookyear"),
        ('transactions(filter: { text: "\\u0000" }) { totalCount }', "filter.text"),
        ("transactions(colour: RED) { totalCount }", "colour"),
        ("booking { code }", "code"),
        ('booking(code: "2-V1-17") { lines(first: 501) { amount } }', "first"),
        ('booking(code: "2-V1-17") { lines(after: -1) { amount } }', "after"),
    ],
)
async def test_a_malformed_argument_is_named(field: str, argument: str) -> None:
    error = await error_of(field)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["argument"] == argument


@pytest.mark.parametrize("dimension", ["dimension: $text", 'dimension: "COST_CENTRE", code: $text'])
async def test_a_long_text_is_refused_in_a_few_words(dimension: str) -> None:
    field = f"trialBalance({SPAN}, dimension: {{ {dimension} }}) {{ completeFrom }}"
    query = f"query ($id: ID!, $text: String!) {{ administration(id: $id) {{ {field} }} }}"
    (error,) = (await the_api().run(query, {"id": ID, "text": 5_000 * "1"}))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert len(str(error)) < 1_000


def spans() -> dict[str, str]:
    """Every field that takes a first and a last day, itself or in an input, asked for in the wrong order; and the
    argument that is at fault."""
    wrong = 'from: "2026-12-31", to: "2026-01-01"'
    types = create_schema()._schema.type_map
    spanning = {
        name for name, type in types.items() if isinstance(type, GraphQLInputObjectType) and _spans(type.fields)
    }
    found = {}
    for type in types.values():
        for name, field in type.fields.items() if isinstance(type, GraphQLObjectType) else ():
            others = "kind: BALANCE_SHEET, " if "kind" in field.args else ""
            selected = "{ __typename }" if isinstance(get_named_type(field.type), GraphQLObjectType) else ""
            if _spans(field.args):
                found[f"{name}({others}{wrong}) {selected}"] = "to"
            for argument, taken in field.args.items():
                if get_named_type(taken.type).name in spanning:
                    found[f"{name}({argument}: {{ {wrong} }}) {selected}"] = f"{argument}.to"
    return found


def _spans(taken: dict[str, Any]) -> bool:
    return {"from", "to"} <= taken.keys()


SPANS = spans()


def test_the_fields_that_take_a_span_are_found() -> None:
    asked = {field.partition("(")[0] for field in SPANS}
    assert asked >= {"statement", "monthlyResults", "trialBalance", "monthlyBalances", "transactions"}


@pytest.mark.parametrize("field", SPANS)
async def test_a_last_day_before_the_first_is_the_same_error_everywhere(field: str) -> None:
    argument = SPANS[field]
    error = await error_of(field)
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", argument)
    assert error["message"] == f"Argument '{argument}': 2026-01-01 is before 2026-12-31."


@pytest.mark.parametrize(
    ("declared", "field", "value", "argument"),
    [
        ("$x: Int", "transactions(first: $x) { totalCount }", "ten", "first"),
        ("$x: Date!", 'trialBalance(from: $x, to: "2026-12-31") { completeFrom }', "2026-02-30", "from"),
        ("$x: TransactionFilter", "transactions(filter: $x) { totalCount }", {"amountTo": "much"}, "filter"),
        ("$x: TransactionFilter", "transactions(filter: $x) { totalCount }", {"colour": "red"}, "filter"),
        ("$x: Date", "transactions(filter: { to: $x }) { totalCount }", "never", "filter.to"),
        ("$x: OutstandingItemType!", "outstandingItems(type: $x) { total }", "NEITHER", "type"),
        ("$x: Int", "transactions(first: $x) { totalCount }", 501, "first"),
    ],
)
async def test_a_malformed_variable_is_named_by_the_argument_that_it_is_used_for(
    declared: str, field: str, value: object, argument: str
) -> None:
    query = f"query ($id: ID!, {declared}) {{ administration(id: $id) {{ {field} }} }}"
    answer = await the_api().run(query, {"id": ID, "x": value})
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["argument"] == argument


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ integrationProviders {", "GRAPHQL_PARSE_FAILED"),
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ integrationProviders { nonsense } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ __schema { types { name } } }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_is_no_operation_of_the_schema_says_so(query: str, code: str) -> None:
    answer = await the_api().run(query)
    assert answer["errors"][0]["extensions"]["code"] == code
    assert answer["data"] is None


@pytest.mark.parametrize(
    ("operation", "code"), [(None, "GRAPHQL_VALIDATION_FAILED"), ("C", "GRAPHQL_VALIDATION_FAILED"), ("A", None)]
)
async def test_a_document_with_several_operations_needs_a_name_that_it_has(operation: Any, code: str | None) -> None:
    answer = await the_api().run("query A { __typename } query B { __typename }", operation=operation)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ([code] if code else [])


async def test_a_subscription_to_nothing_is_a_mistake_of_the_caller() -> None:
    (event,) = [event async for event in the_api().events("")]
    assert event["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_introspection_is_there_where_it_is_switched_on() -> None:
    answer = await the_api(introspection=True).run("{ __schema { queryType { name } } }")
    assert answer == {"data": {"__schema": {"queryType": {"name": "Query"}}}, "errors": []}


async def test_a_fault_tells_its_number_and_nothing_else_and_is_logged() -> None:
    api = the_api()
    api.readers.fails = ConnectionError("password=hunter2 at 10.0.0.1")

    with capture_logs() as logs:
        error = await error_of("bookyears { number }", api)

    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["requestId"] == "request-1"
    assert "hunter2" not in str(error)
    assert "request-1" in error["message"]
    assert [entry["event"] for entry in logs] == ["graphql.fault"]
    assert api.readers.open == 0


async def test_the_reader_is_closed_whatever_happens() -> None:
    api = the_api()
    await error_of("transactions(first: 0) { totalCount }", api)
    assert (api.readers.opened, api.readers.open) == (1, 0)


async def test_a_day_that_is_not_known_yet_is_a_matter_of_the_argument() -> None:
    for part in ("total", "byRelation { amount }", "daysOutstanding", "items { totalCount }"):
        api = the_api()
        query = f"query ($id: ID!) {{ administration(id: $id) {{ outstandingItems(type: PAYABLE) {{ {part} }} }} }}"
        await api.run(query, {"id": ID})  # the administration is known by now
        api.readers.fails_in = {api.readers.calls[-1]: PastDateNotAvailable(date(2020, 1, 1), date(2026, 11, 22))}
        (error,) = (await api.run(query, {"id": ID}))["errors"]
        assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", "asOf")


MISSPELT: dict[str, tuple[str, dict[str, Any]]] = {
    "a field": ("{ integrationProvider { key } }", {}),
    "a field of a type": ("{ integrationProviders { nam } }", {}),
    "an argument": ('{ administration(i: "1", id: "1") { id } }', {}),
    "an argument of a directive": ("{ __typename @include(iff: true) }", {}),
    "a type": ("query ($x: TransactionFiltr) { __typename }", {}),
    "the type of a fragment": ("{ ... on Quary { __typename } }", {}),
    "a value of an enumeration": ("{ integrationProviders(category: ACCOUNTING_SOFTWAR) { key } }", {}),
    "a field of an input": (
        '{ administration(id: "1") { transactions(filter: { amountFro: "1" }) { totalCount } } }',
        {},
    ),
    "a value in variables": (
        "query ($x: ProviderCategory) { integrationProviders(category: $x) { key } }",
        {"x": "ACCOUNTING_SOFTWAR"},
    ),
    "a field in variables": (
        'query ($x: TransactionFilter) { administration(id: "1") { transactions(filter: $x) { totalCount } } }',
        {"x": {"amountFro": "1"}},
    ),
    "a type on its condition": ("{ ...F } fragment F on Administratio { id }", {}),
    "a field of a union": (
        "mutation { cancelImport(input: { importId: 1 }) { code } }",
        {},
    ),
}


@pytest.mark.parametrize("misspelt", MISSPELT)
async def test_no_name_of_the_schema_is_proposed_for_a_misspelt_one(misspelt: str) -> None:
    query, variables = MISSPELT[misspelt]
    closed, open = await the_api().run(query, variables), await the_api(introspection=True).run(query, variables)
    assert all("Did you mean" not in error["message"] for error in closed["errors"])
    assert any("Did you mean" in error["message"] for error in open["errors"])


async def test_the_document_is_looked_through_once_for_all_its_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    monkeypatch.setattr(errors, "visit", lambda *given: looked.append(given))
    given = {"x": {f"unknown{number}": 1 for number in range(40)}}
    filtered = "transactions(filter: $x) { totalCount }"
    query = f"query ($id: ID!, $x: TransactionFilter) {{ administration(id: $id) {{ {filtered} }} }}"
    answer = await the_api().run(query, {"id": ID, **given})
    assert len(answer["errors"]) > 10
    assert len(looked) == 1


MALFORMED = {
    "Administration.imports": "imports(first: 0) { edges { cursor } }",
    "Administration.timeline": "timeline(first: 0) { edges { cursor } }",
    "Administration.relations": "relations(first: 0) { totalCount }",
    "Administration.transactions": 'transactions(filter: { accounts: ["4x"] }) { totalCount }',
    "Administration.trialBalance": 'trialBalance(from: "2026-12-31", to: "2026-01-01") { completeFrom }',
    "Administration.monthlyBalances": f"monthlyBalances({SPAN}, accountClasses: [10]) {{ month }}",
    "Administration.outstandingItems": "outstandingItems(type: PAYABLE, bucketDays: [0]) { total }",
    "Administration.outstandingHistory": "outstandingHistory(type: PAYABLE, dates: [], bucketDays: [0]) { total }",
    "Administration.statement": f'statement(kind: BALANCE_SHEET, {SPAN}, report: "none") {{ isBalanced }}',
    "Administration.monthlyResults": 'monthlyResults(from: "2026-12-31", to: "2026-01-01") { month }',
    "Administration.unmapped": 'unmapped(report: "none") { lines }',
    "ImportRun.importChanges": "lastImport { importChanges(first: 0) { totalCount } }",
    "Integration.timeline": "timeline(first: 0) { edges { cursor } }",
    "Query.auditTrail": "{ auditTrail(first: 0) { edges { cursor } } }",
    "Query.webhookEvents": "{ webhookEvents(first: 0) { edges { cursor } } }",
}
WITHOUT = {
    "Query.integrationProviders": "names are for everybody",
    "Query.integration": "as above; an unknown id is no malformed one",
    "Query.administration": "as above",
    "Query.report": "as above",
    "Query.node": "as above",
    "Query.administrations": "as above",
    "Account.rubric": "of an account that may be seen",
    "Administration.booking": "an unknown code is no malformed one",
    "Administration.fixedAssets": "asks before anything else, for what is below it too",
    "Booking.lines": "is below booking",
    "FixedAssets.assets": "is below fixedAssets",
    "FixedAssets.movements": "is below fixedAssets",
    "FixedAssets.schedule": "is below fixedAssets",
    "OutstandingItems.byRelation": "is below outstandingItems",
    "OutstandingItems.items": "is below outstandingItems",
    "Subscription.importProgress": "an unknown id is no malformed one",
}


def test_every_field_with_arguments_is_asked_for_its_permission_first_or_says_why_not() -> None:
    taking = {
        f"{type}.{name}"
        for type in create_schema()._schema.type_map.values()
        if isinstance(type, GraphQLObjectType) and type.name != "Mutation" and not type.name.startswith("__")
        for name, field in type.fields.items()
        if field.args
    }
    assert MALFORMED.keys() | WITHOUT.keys() == taking


@pytest.mark.parametrize("field", MALFORMED)
async def test_who_may_not_read_a_field_is_told_so_whatever_is_in_its_arguments(field: str) -> None:
    role = (
        Role.REPORTS if field in ("Administration.transactions", "ImportRun.importChanges") else Role.RECEIVABLES_ONLY
    )
    integration = an_integration()
    books = an_administration(integration_id=integration.id)
    queries = {
        "Integration": f'{{ integration(id: "{integration.id}") {{ {MALFORMED[field]} }} }}',
        "Query": MALFORMED[field],
    }
    of_books = f'{{ administration(id: "{books.id}") {{ {MALFORMED[field]} }} }}'
    for roles, code in (([role], "FORBIDDEN"), ([], "BAD_USER_INPUT")):
        api = an_api(FakeTransactions([integration], (), [books], [a_run(books)]), *roles)
        answer = await api.run(queries.get(field.partition(".")[0], of_books))
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
