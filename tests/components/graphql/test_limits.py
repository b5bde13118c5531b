"""What one request may ask for: no document keeps the process busy, whatever it says, and none reads more than its
price."""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import strawberry.schema.schema
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_introspection_query,
    get_nullable_type,
    is_list_type,
    parse,
    validate,
)
from hypothesis import given
from hypothesis import strategies as st

from monitr.domain.import_run import ImportStatus
from monitr.entrypoints.graphql.execution import documents
from monitr.entrypoints.graphql.execution.documents import Documents, Refused
from monitr.entrypoints.graphql.execution.errors import Said
from monitr.entrypoints.graphql.execution.limits import ALIASES, measured
from monitr.entrypoints.graphql.execution.prices import LARGEST_PAGE, LIMIT, PRICES
from monitr.entrypoints.graphql.schema import create_schema
from tests.components.graphql.an_api import FRONTEND, added, an_api
from tests.unit.fakes import FakeTransactions, a_run, an_administration

SCHEMA = create_schema()._schema
BOOKS = an_administration()
ID = str(BOOKS.id)
CODES = ("QUERY_TOO_COSTLY", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT")
LINES = "transactions(first: 500) { edges { node { amount } } }"
DEAR_LINES = (
    "transactions(first: 500) { edges { node { id account { name number } relation { name number } "
    "dimensionValues { code name } dueDate amount description reference } } }"
)


async def refusal(query: str, variables: dict[str, Any] | None = None, *, introspection: bool = False) -> str:
    api = an_api(FakeTransactions((), (), [BOOKS]), introspection=introspection)
    answer = await api.run(query, {"id": ID, **(variables or {})})
    assert api.readers.calls == []
    assert answer["errors"][0]["extensions"]["code"] in CODES
    return str(answer["errors"][0]["message"])


def price(query: str, operation: str | None = None, **variables: object) -> int:
    return Documents(SCHEMA).admit(query, variables, operation).price


def of_books(selected: str, variables: str = "") -> str:
    return f'query Q{variables} {{ administration(id: "1") {{ {selected} }} }}'


# --- the document --------------------------------------------------------------------------------------------------


def doubling(fragments: int) -> str:
    chain = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(fragments))
    return f"{{ ...F0 }} {chain} fragment F{fragments} on Query {{ __typename }}"


ATTACKS = {
    "fragments that double": doubling(21),
    "many fragments that double": doubling(99),
    "fragments that double to nothing": doubling(21).replace("__typename", ""),
    "fragments that nobody spreads": "{ __typename } fragment F on Query { " + "__typename " * 1_990 + "}",
    "fragments of one name": "{ ...F } fragment F on Query { " + "__typename " * 1_900 + "} fragment F on Query { a }",
    "a circle of fragments": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "a circle through fields": "{ ...A } fragment A on Query { integrationProviders { ...A } }",
    "one field again and again": "{ " + "__typename " * 3_990 + "}",
    "one field as often as there may be fields": "{ " + "__typename " * 1_400 + "}",
    "inline fragments in fragments": "{ ...F0 } "
    + " ".join(f"fragment F{n} on Query {{ {'... { ' * 14} ...F{n + 1} {'}' * 14} }}" for n in range(60))
    + " fragment F60 on Query { __typename }",
    "one field with arguments": "{ " + 'administration(id: "1") { id } ' * 350 + "}",
    "one fragment again and again": "{ " + "...F " * 1_900 + "} fragment F on Query { __typename }",
    "aliases": "{ " + " ".join(f"a{n}: __typename" for n in range(ALIASES + 1)) + " }",
    "directives": "{ __typename " + "@a " * 1_950 + "}",
    "directives of an operation": "query " + "@a " * 1_950 + "{ __typename }",
    "inline fragments": "{ " + "... on Query { " * 150 + "__typename" + " }" * 150 + " }",
    "levels": "{ " + "administration { " * 150 + "id" + " }" * 150 + " }",
    "operations": " ".join(f"query Q{n} {{ ...F0 }}" for n in range(100)) + " fragment F0 on Query { __typename }",
    "fragments": "{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(400)),
    "variables": "query (" + " ".join(f"$v{n}: Int" for n in range(1_200)) + ") { __typename }",
    "unknown fields": "{ " + " ".join(f"unknown{n}" for n in range(1_400)) + " }",
    "unknown arguments": '{ administration(id: "1", ' + " ".join(f"a{n}: 1" for n in range(1_200)) + ") { id } }",
    "arguments of one name": '{ administration(id: "1", ' + "a: 1 " * 1_200 + ") { id } }",
    "lists in lists": '{ administration(id: "1") { accounts(a: ' + "[" * 190 + "]" * 190 + ") { name } } }",
    "objects in objects": '{ administration(id: "1") { transactions(filter: '
    + "{dimension: " * 190
    + "1"
    + "}" * 190
    + ") { totalCount } } }",
    "a number of many digits": of_books(f"transactions(first: {'9' * 40_000}) {{ totalCount }}"),
    "an amount of many digits": of_books(f"transactions(filter: {{ amountFrom: {'9' * 40_000} }}) {{ totalCount }}"),
    "a long name": "{ " + "a" * 49_000 + " }",
    "comments": "#\n" * 20_000 + "{ __typename }",
    "blanks": " " * 900_000 + "{ __typename }",
    "introspection": "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
    "introspection in fragments": "{ __schema { types { ...T } } } "
    "fragment T on __Type { a: fields { type { ...U } }"
    "b: fields { type { ...U } } } fragment U on __Type { a: fields { type { name } } b: fields { type { name } } "
    "c: fields { type { name } } }",
    "many braces": "{ " + "integrationProviders { key } " * 900 + "}",
    "fields of many names": "{ "
    + " ".join(f"... on Query {{ ...F{n} }}" for n in range(99))
    + " } "
    + " ".join(f"fragment F{n} on Query {{ integrationProviders {{ key name region }} }}" for n in range(99)),
}


INTROSPECTION = {"introspection", "introspection in fragments"}
"""Where it is on."""


class Busy:
    """Counts calls of functions, which two runs have alike, and ends what makes more than ``most``."""

    def __init__(self, most: int) -> None:
        self.most, self.calls = most, 0

    def __call__(self, _: object, event: str, __: object) -> None:
        self.calls += event == "call"
        if self.calls > self.most:
            sys.setprofile(None)
            raise AssertionError(f"more than {self.most} calls")


@pytest.mark.parametrize("attack", ATTACKS)
async def test_no_document_keeps_the_process_busy(attack: str) -> None:
    """The front end's file as a whole takes some 60,000 calls. What is refused by the walk never meets graphql-core's
    rules, and the walk ends at its first limit."""
    api = an_api(FakeTransactions((), (), [BOOKS]), introspection=attack in INTROSPECTION)
    busy = Busy(250_000)
    sys.setprofile(busy)
    try:
        answer = await api.run(ATTACKS[attack])
    finally:
        sys.setprofile(None)
    assert answer["errors"][0]["extensions"]["code"] in CODES
    assert len(answer["errors"]) <= documents.ERRORS + 1
    assert api.readers.calls == []


async def test_no_variables_keep_the_process_busy() -> None:
    many = {f"key{number}": number for number in range(50_000)}
    lines = " ".join(f"a{n}: transactions(first: $n, filter: $f) {{ totalCount }}" for n in range(20))
    query = f"query ($n: Int, $f: TransactionFilter) {{ administration(id: 1) {{ {lines} }} }}"
    busy = Busy(250_000)
    sys.setprofile(busy)
    try:
        Documents(SCHEMA).admit(query, {"n": 1, "f": many, **many}, None)
    finally:
        sys.setprofile(None)


PUNCTUATION = "{}{}()[]:=!|@"
WORDS = (
    *("...", "...F", "...G", "$x", "$y", "#\n", "fragment", "query", "subscription", "mutation", "F", "G", "on", "Int"),
    *("Query", "Administration", "transactions", "edges", "node", "first", "filter", "__typename", "__schema", "types"),
    *("null", "true", '"text"', "1", "-1", "1.5"),
)
PHRASES = (
    *("... on", "first: $x", "first: 7", "fragment F on Query {", "@skip(if: true)", 'administration(id: "1") {'),
    *PUNCTUATION,
    *WORDS,
)


@given(
    st.lists(st.sampled_from(PHRASES), max_size=40),
    st.dictionaries(st.sampled_from(["x", "y"]), st.from_type(str) | st.integers() | st.none() | st.lists(st.none())),
)
def test_whatever_is_sent_is_admitted_or_refused(tokens: list[str], variables: dict[str, object]) -> None:
    for text in (" ".join(tokens), "query ($x: Int, $y: Int) { administration(id: $x) { " + " ".join(tokens)):
        with suppress(Refused):
            Documents(SCHEMA).admit(text, variables, None)


async def test_what_the_front_end_and_graphiql_send_is_within_the_limits() -> None:
    busy = Busy(250_000)
    sys.setprofile(busy)
    try:
        Documents(SCHEMA).admit(FRONTEND, {}, "Transactions")
    finally:
        sys.setprofile(None)
    schema = create_schema(introspection=True)._schema
    assert Documents(schema, introspection=True).admit(get_introspection_query(), {}, None).price < LIMIT


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        ("one field again and again", "25 fields of one name in one place"),
        ("one field as often as there may be fields", "25 fields of one name in one place"),
        ("fragments that nobody spreads", "25 fields of one name in one place"),
        ("fragments that double", "50 fragments in one place"),
        ("inline fragments in fragments", "30 fragments in one another"),
        ("inline fragments", "30 fragments in one another"),
        ("fragments of one name", "only one fragment of a name"),
        ("a circle through fields", "'A' within itself"),
        ("aliases", "30 aliases"),
        ("directives", "50 directives"),
        ("levels", "12 levels of fields"),
        ("operations", "50 operations"),
        ("fragments", "100 fragments"),
        ("variables", "4000 tokens"),
        ("a long name", "more than 200 characters in one name"),
        ("a number of many digits", "1000 digits in one number"),
        ("lists in lists", "10 lists and objects in one another"),
        ("comments", "2000 comments"),
        ("blanks", "50000 characters"),
    ],
)
async def test_the_message_says_which_limit_it_is(attack: str, words: str) -> None:
    assert words in await refusal(ATTACKS[attack])


async def test_the_fields_and_the_variables_of_a_document_are_counted() -> None:
    fields = " ".join(f"a{n}" for n in range(1_501))
    variables = ", ".join(f"$v{n}: Int" for n in range(51))
    assert "1500 fields" in await refusal(f"{{ {fields} }}")
    assert "50 variables" in await refusal(f"query ({variables}) {{ __typename }}")


async def test_a_document_is_parsed_and_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    done = []

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            done.append(function.__name__)
            return function(*given, **named)

        return call

    for module in (documents, strawberry.schema.schema):
        monkeypatch.setattr(module, "parse", counted(parse))
        monkeypatch.setattr(module, "validate", counted(validate))
    api = an_api(FakeTransactions((), (), [BOOKS]))
    for _ in range(3):
        await api.run("{ integrationProviders { key } }")
    assert done == ["parse", "validate"]


def test_what_is_known_is_bounded_by_number_and_by_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "TOKENS_KEPT", 500)
    known = Documents(SCHEMA)
    for number in range(100):
        known.admit(f"query Q{number} {{ integrationProviders {{ key }} }}", {}, None)
    assert 0 < len(known._known) < 70
    monkeypatch.setattr(documents, "DOCUMENTS_KEPT", 5)
    known.admit("{ integrationProviders { key } }", {}, None)
    assert len(known._known) == 5


# --- the prices ----------------------------------------------------------------------------------------------------


def fields_that_cost() -> set[str]:
    """Every list, every page, and every field that is computed: whatever runs a statement is."""
    return {
        f"{type}.{name}"
        for type in SCHEMA.type_map.values()
        if isinstance(type, GraphQLObjectType | GraphQLInterfaceType)
        for name, field in type.fields.items()
        if is_list_type(get_nullable_type(field.type)) or field.args.keys() & {"first", "last"} or is_computed(field)
    }


def is_computed(field: GraphQLField) -> bool:
    declared = field.extensions.get("strawberry-definition")
    return declared is not None and declared.base_resolver is not None


def test_every_field_that_costs_something_has_a_price() -> None:
    assert fields_that_cost() - PRICES.keys() == set(), (
        "say in entrypoints/graphql/execution/prices.py what these fields cost: own (a statement is worth 500 plain "
        "fields), once (for a loader's statement), rows (how many it answers, from its arguments or as an estimate)"
    )


def test_no_price_is_left_over() -> None:
    assert PRICES.keys() - fields_that_cost() == set()


def test_a_page_multiplies_what_lies_below_it() -> None:
    def of(runs: int, changes: int) -> int:
        changed = f"importChanges(first: {changes}) {{ edges {{ node {{ bookingCode }} }} }}"
        return price(of_books(f"imports(first: {runs}) {{ edges {{ node {{ {changed} }} }} }}"))

    assert of(2, 100) - of(1, 100) > 1_000  # a statement, and a hundred rows
    assert of(11, 100) - of(1, 100) == 10 * (of(2, 100) - of(1, 100))
    assert of(1, 101) - of(1, 100) == PRICES["ImportChangeConnection.edges"].each + len(["node", "bookingCode"])


def test_a_price_follows_variables_their_defaults_and_those_of_the_schema() -> None:
    rows = "{ edges { cursor } }"
    asked = of_books(f"transactions(first: $n) {rows}", "($n: Int = 50)")
    by_default = price(of_books(f"transactions {rows}"))
    assert price(asked, n=100) == price(asked, n=None) == by_default
    assert price(asked) == price(of_books(f"transactions(first: 50) {rows}")) < by_default
    assert price(asked, n=500) == price(asked, n=10**9)  # which is refused where it is read
    assert price(asked, n="many") < by_default


def test_a_price_is_the_same_however_the_variables_are_written() -> None:
    asked = of_books(
        "outstandingHistory(type: RECEIVABLE, dates: $days) { items(first: $n) { edges { cursor } } }",
        "($days: [Date!]!, $n: Int)",
    )
    in_full = price(asked, days=["2026-01-01"], n=500)
    assert price(asked, days="2026-01-01", n=500.0) == in_full > 500
    last = of_books("transactions(first: null, last: $n) { edges { cursor } }", "($n: Int)")
    assert price(last, n=500.0) == price(last, n=500)
    assert price(last, n=float("inf")) == price(last, n=10**9)  # which is what JSON makes of 1e999


def test_a_page_from_the_end_costs_what_one_from_the_beginning_does() -> None:
    lines = "transactions({}: 500) {{ edges {{ cursor }} }}"
    from_end = of_books("transactions(first: null, last: $n) { edges { cursor } }", "($n: Int)")
    assert price(of_books(lines.format("last"))) == price(of_books(lines.format("first"))) == price(from_end, n=500)


@pytest.mark.parametrize(
    "filter",
    [{}, {"text": "rent"}, {"amountFrom": 1}, {"bookingRelationNumber": 7, "accountClasses": [7]}],
    ids=["everything", "a text", "an amount", "a customer's revenue"],
)
def test_the_largest_page_with_its_bookings_and_counterparties_is_within_the_limit(filter: dict[str, object]) -> None:
    assert price(added("TransactionPage"), last=LARGEST_PAGE, filter=filter) < LIMIT


def test_a_price_is_that_of_the_operation_that_is_run_with_its_fragments() -> None:
    document = (
        "query A { administration(id: 1) { ...Lines } } query B { administration(id: 1) { relations { totalCount } } }"
        "fragment Lines on Administration { transactions(first: 500) { edges { cursor } } }"
    )
    assert price(document, "A") == price(of_books("transactions(first: 500) { edges { cursor } }"))
    assert price(document, "B") == price(of_books("relations { totalCount }"))


def test_what_is_asked_for_twice_in_one_place_is_computed_once() -> None:
    once = of_books("transactions { edges { cursor node { amount } } }")
    twice = of_books("transactions { edges { cursor } } ...L", "") + (
        " fragment L on Administration { transactions { edges { node { amount } } } }"
    )
    assert price(once) == price(twice)


@pytest.mark.parametrize(
    ("dear", "cheap"),
    [
        (
            'monthlyBalances(from: "2026-01-01", to: "2026-12-31") { month }',
            'monthlyBalances(from: "2026-12-01", to: "2026-12-31") { month }',
        ),
        (
            'monthlyBalances(from: "2026-01-01", to: "2026-12-31", byDimension: "COST_CENTRE") { month }',
            'monthlyBalances(from: "2026-01-01", to: "2026-12-31") { month }',
        ),
        (
            'monthlyBalances(from: "2026-01-01", to: "2026-12-31") { month }',
            'monthlyBalances(from: "2026-01-01", to: "2026-12-31", accountClasses: [6]) { month }',
        ),
        (
            'transactions(first: 1, filter: { text: "rent" }) { totalCount }',
            "transactions(first: 1, filter: { relationNumber: 7 }) { totalCount }",
        ),
        (
            "transactions(first: 1, filter: { relationNumber: 7 }) { totalCount }",
            "transactions(first: 1) { totalCount }",
        ),
        (
            "transactions(filter: { periods: [0] }) { totalCount }",
            "transactions(filter: { bookyear: 1 }) { totalCount }",
        ),
        ("fixedAssets { schedule(months: 600) { month } }", "fixedAssets { schedule { month } }"),
        ("transactions { edges { node { account { name } } } }", "transactions { edges { node { amount } } }"),
    ],
)
def test_a_price_follows_the_arguments(dear: str, cheap: str) -> None:
    assert price(of_books(dear)) > 1.1 * price(of_books(cheap))


MONTHS = 'monthlyBalances(from: "1977-01-01", to: "2026-12-31", byDimension: "COST_CENTRE") { month movement }'
TOO_DEAR = {
    "a page of lines for each administration": "{ integrationProviders { integrations { administrations { "
    f"{LINES} }} }} }} }}",
    "many pages of lines": of_books(" ".join(f"page{number}: {LINES}" for number in range(25))),
    "balances of fifty years by dimension": of_books(" ".join(f"a{n}: {MONTHS}" for n in range(10))),
    "balances of fifty years by dimension, once": of_books(MONTHS),
    "text searches": of_books(
        " ".join(f'a{n}: transactions(first: 1, filter: {{ text: "{n}" }}) {{ totalCount }}' for n in range(2))
    ),
    "changes below a page": of_books(
        "imports(first: 100) { edges { node { newAccounts newDimensionValues importChanges { totalCount } } } }"
    ),
    "trial balances": of_books(
        " ".join(f'a{n}: trialBalance(from: "2026-01-01", to: "2026-12-{n + 1}") {{ completeFrom }}' for n in range(25))
    ),
}


@pytest.mark.parametrize("request_", TOO_DEAR)
async def test_what_costs_more_than_the_limit_is_refused_before_anything_is_read(request_: str) -> None:
    api = an_api(FakeTransactions((), (), [BOOKS]))
    answer = await api.run(TOO_DEAR[request_])
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_COSTLY"
    assert error["extensions"]["cost"] > error["extensions"]["limit"] == LIMIT
    assert api.extensions["cost"] == {"price": error["extensions"]["cost"], "limit": LIMIT}
    assert api.readers.calls == []


@pytest.mark.parametrize(
    ("selected", "path"),
    [
        (f"name {LINES} dear: {DEAR_LINES} less: {DEAR_LINES.replace('500', '490')}", "administration.dear"),
        (f"{LINES} {MONTHS}", "administration.monthlyBalances"),
        (
            "imports(first: 500) { edges { node { id importChanges(first: 500) { totalCount } } } }",
            "administration.imports.edges.node.importChanges",
        ),
    ],
    ids=["of one name", "beside a page", "below a page"],
)
async def test_what_costs_too_much_names_the_field_that_costs_most(selected: str, path: str) -> None:
    """The last on the way down that takes arguments: it can be asked for less."""
    answer = await an_api(FakeTransactions((), (), [BOOKS])).run(of_books(selected))
    (error,) = answer["errors"]
    extensions = error["extensions"]
    assert ".".join(extensions["path"]) == path
    assert extensions["cost"] / 3 < extensions["fieldCost"] < extensions["cost"]
    assert f"{extensions['fieldCost']}, is {path}" in error["message"]


def test_the_price_of_the_dearest_field_is_its_part_of_the_price() -> None:
    alone, beside = of_books(DEAR_LINES), of_books(f"{DEAR_LINES} accounts {{ name }}")
    (operation,) = measured(parse(beside), SCHEMA)
    (bare,) = measured(parse(of_books("name")), SCHEMA)
    (dear,) = measured(parse(alone), SCHEMA)
    with pytest.raises(Said) as refused:
        operation.affordable(LIMIT + 1, {})
    assert (refused.value.extensions or {})["fieldCost"] == dear.price({}) - bare.price({}) + 1


async def test_a_page_within_the_limit_is_read_and_its_price_is_told() -> None:
    api = an_api(FakeTransactions((), (), [BOOKS]))
    answer = await api.run(f"query ($id: ID!) {{ administration(id: $id) {{ {LINES} }} }}", {"id": ID})
    assert answer["errors"] == []
    assert api.extensions == {"cost": {"price": price(of_books(LINES)), "limit": LIMIT}}


async def test_a_subscription_is_under_the_same_limit() -> None:
    api = an_api(FakeTransactions((), (), [BOOKS], [a_run(BOOKS)]))
    change = "edges { cursor node { kind bookingCode bookyear journalKey documentNumber } }"
    changes = " ".join(f"a{n}: importChanges(first: 500) {{ {change} }}" for n in range(30))
    dear = f"subscription ($id: ID!) {{ importProgress(administrationId: $id) {{ {changes} }} }}"
    (event,) = [event async for event in api.events(dear, {"id": ID})]
    assert event["errors"][0]["extensions"]["code"] == "QUERY_TOO_COSTLY"
    assert api.readers.calls == []


async def test_each_event_of_a_subscription_tells_its_price() -> None:
    api = an_api(FakeTransactions((), (), [BOOKS], [a_run(BOOKS, status=ImportStatus.CANCELLED)]))
    asked = "subscription ($id: ID!) { importProgress(administrationId: $id) { status } }"
    assert [event async for event in api.events(asked, {"id": ID})]
    assert api.extensions["cost"]["limit"] == LIMIT
    assert api.extensions["cost"]["price"] > 0
