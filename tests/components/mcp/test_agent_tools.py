"""What agents are offered: the read operations of the contract, described by the contract and the schema."""

import pytest
from graphql import (
    FieldNode,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    print_ast,
    validate,
    visit,
)
from jsonschema import Draft202012Validator
from mcp_types import Tool

from monitr.entrypoints.graphql.execution.documents import Documents
from monitr.entrypoints.graphql.execution.prices import LIMIT
from monitr.entrypoints.graphql.schema import create_schema
from monitr.entrypoints.graphql.trusted_documents import contract
from monitr.entrypoints.mcp.operations import FRESHNESS, read_operations
from monitr.entrypoints.mcp.tools import tool_of
from tests.components.mcp.an_agent import an_agent

SCHEMA = create_schema()._schema
OPERATIONS = {operation.name: operation for operation in read_operations(contract(), SCHEMA)}
TOOLS = {name: tool_of(operation, SCHEMA) for name, operation in OPERATIONS.items()}
WITH_ALL: dict[str, object] = {
    "administrationId": "1",
    "from": "2026-01-01",
    "to": "2026-12-31",
    "kind": "BALANCE_SHEET",
    "type": "RECEIVABLE",
}


def properties(tool: str) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = TOOLS[tool].input_schema["properties"]
    return found


def described(type: str, field: str) -> str:
    """By the schema."""
    of = SCHEMA.type_map[type]
    assert isinstance(of, GraphQLObjectType)
    said: str | None = of.fields[field].description
    assert said
    return said


async def listed() -> list[Tool]:
    async with an_agent() as agent:
        return list((await agent.list_tools()).tools)


async def test_the_queries_of_the_contract_are_tools_and_no_mutation_and_no_subscription_is() -> None:
    operations = [
        node
        for text in contract().values()
        for node in parse(text).definitions
        if isinstance(node, OperationDefinitionNode) and node.name
    ]
    queries = {it.name.value for it in operations if it.name and it.operation is OperationType.QUERY}
    names = [tool.name for tool in await listed()]
    assert len(queries) < len(operations)
    assert sorted(names) == sorted(queries)


async def test_every_tool_says_what_it_does_and_that_it_changes_nothing() -> None:
    for tool in await listed():
        assert tool.title
        assert tool.description
        assert tool.annotations
        assert (tool.annotations.read_only_hint, tool.annotations.destructive_hint) == (True, False)
        Draft202012Validator.check_schema(tool.input_schema)


def test_a_tool_is_described_by_the_comment_of_its_operation_and_by_the_schema() -> None:
    lines = (TOOLS["Transactions"].description or "").splitlines()
    assert lines[0].startswith("Ledger lines, newest first unless told otherwise. `amount` is debit minus credit")
    assert f"- transactions: {described('Administration', 'transactions')}" in lines


def test_the_arguments_are_those_of_the_operation() -> None:
    schema = TOOLS["TrialBalance"].input_schema
    assert list(schema["properties"]) == ["administrationId", "from", "to", "dimension"]
    assert schema["required"] == ["administrationId", "from", "to"]
    assert schema["additionalProperties"] is False
    assert (schema["properties"]["from"]["type"], schema["properties"]["from"]["format"]) == ("string", "date")


@pytest.mark.parametrize(
    ("tool", "argument", "default"),
    [("Transactions", "first", 100), ("OutstandingItems", "bucketDays", [30, 60, 90]), ("AuditTrail", "first", 50)],
)
def test_an_argument_that_may_be_left_out_tells_its_default(tool: str, argument: str, default: object) -> None:
    assert properties(tool)[argument]["default"] == default
    assert argument not in TOOLS[tool].input_schema["required"]


def test_the_values_of_an_enumeration_are_listed() -> None:
    assert properties("OutstandingItems")["type"]["enum"] == ["RECEIVABLE", "PAYABLE"]


def test_an_input_has_its_fields_with_their_types_and_what_the_schema_says_of_it() -> None:
    given = properties("Transactions")["filter"]
    fields = given["properties"]
    assert isinstance(fields, dict)
    assert str(SCHEMA.type_map["TransactionFilter"].description) in str(given["description"])
    assert fields["accounts"]["items"]["type"] == "string"
    assert fields["bookyear"]["type"] == "integer"
    assert fields["dimension"]["required"] == ["dimension"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_run_is_valid_and_within_every_limit(name: str) -> None:
    operation = OPERATIONS[name]
    assert validate(SCHEMA, parse(operation.text)) == []
    assert Documents(SCHEMA).admit(operation.text, WITH_ALL, None).price <= LIMIT


class Administrations(Visitor):
    """What is selected of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._types = TypeInfo(SCHEMA)
        self.selected: list[set[str]] = []
        visit(parse(text), TypeInfoVisitor(self._types, self))

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if str(get_named_type(self._types.get_type())) == "Administration" and node.selection_set:
            self.selected.append({print_ast(selection) for selection in node.selection_set.selections})


def test_every_administration_is_asked_for_its_freshness() -> None:
    asked = {name: Administrations(operation.text).selected for name, operation in OPERATIONS.items()}
    assert {name for name, selected in asked.items() if selected} >= {"IntegrationCards", "TrialBalance"}
    wanted = print_ast(FRESHNESS)
    assert [name for name, selected in asked.items() if not all(wanted in it for it in selected)] == []
