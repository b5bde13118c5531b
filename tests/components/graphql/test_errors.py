from datetime import date
from typing import Any

import pytest
from structlog.testing import capture_logs

from monitr.application.reading.outstanding_items import PastDateNotAvailable
from tests.components.graphql.an_api import Api, an_api
from tests.unit.fakes import FakeTransactions, an_administration

BOOKS = an_administration()
ID = str(BOOKS.id)
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
        ('imports(after: "") { edges { cursor } }', "after"),
        ('relations(after: "x") { totalCount }', "after"),
        ('outstandingItems(type: PAYABLE) { items(after: "x") { totalCount } }', "after"),
        ("outstandingItems(type: PAYABLE) { byRelation(first: 0) { amount } }", "first"),
        ("outstandingItems(type: NEITHER) { total }", "type"),
        ("outstandingItems(type: PAYABLE, bucketDays: [30, 20]) { total }", "bucketDays"),
        ("outstandingItems(type: PAYABLE, bucketDays: [0]) { total }", "bucketDays"),
        ('outstandingItems(type: PAYABLE, asOf: "yesterday") { total }', "asOf"),
        ("outstandingItems { total }", "type"),
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


async def test_introspection_is_there_where_it_is_switched_on() -> None:
    answer = await the_api(introspection=True).run("{ __schema { queryType { name } } }")
    assert answer == {"data": {"__schema": {"queryType": {"name": "Query"}}}, "errors": []}


async def test_a_fault_tells_its_number_and_nothing_else_and_is_logged() -> None:
    api = the_api()
    api.readers.fails = ConnectionError("password=hunter2 at 10.0.0.1")

    with capture_logs() as logs:
        error = await error_of("bookyears { number }", api)

    assert error["extensions"] == {"code": "INTERNAL", "requestId": "request-1"}
    assert "hunter2" not in str(error)
    assert "request-1" in error["message"]
    assert [entry["event"] for entry in logs] == ["graphql.fault"]
    assert api.readers.open == 0


async def test_the_reader_is_closed_whatever_happens() -> None:
    api = the_api()
    await error_of("transactions(first: 0) { totalCount }", api)
    assert (api.readers.opened, api.readers.open) == (1, 0)


async def test_a_day_that_is_not_known_any_more_is_a_matter_of_the_argument() -> None:
    for part in ("total", "byRelation { amount }", "items { totalCount }"):
        api = the_api()
        query = f"query ($id: ID!) {{ administration(id: $id) {{ outstandingItems(type: PAYABLE) {{ {part} }} }} }}"
        await api.run(query, {"id": ID})  # the administration is known by now
        api.readers.fails_in = {api.readers.calls[-1]: PastDateNotAvailable(date(2020, 1, 1), date(2026, 11, 22))}
        (error,) = (await api.run(query, {"id": ID}))["errors"]
        assert error["extensions"] == {"code": "BAD_USER_INPUT", "argument": "asOf"}
