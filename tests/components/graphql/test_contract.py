from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    build_schema,
    extend_schema,
    parse,
    validate,
)
from graphql.utilities import DangerousChangeType, find_breaking_changes, find_dangerous_changes

from monitr.entrypoints.graphql.execution.documents import Documents
from monitr.entrypoints.graphql.execution.prices import LIMIT
from monitr.entrypoints.graphql.schema import create_schema

COPIES = Path(__file__).parents[2] / "contract"
SHARED = Path(__file__).parents[4] / "shared" / "contract"
NEWER = ["security", "reports", "api"]
"""The additions to the contract: a schema and its operations each."""
PAIRS = [f"{name}.{part}.graphql" for name in NEWER for part in ("schema", "operations")]
FRONTEND = (COPIES / "frontend.graphql").read_text(encoding="utf-8")
REPORTS = (COPIES / "reports.operations.graphql").read_text(encoding="utf-8")

ADDITIONS = {
    DangerousChangeType.TYPE_ADDED_TO_UNION,
    DangerousChangeType.VALUE_ADDED_TO_ENUM,
    DangerousChangeType.OPTIONAL_ARG_ADDED,
    DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED,
    DangerousChangeType.IMPLEMENTED_INTERFACE_ADDED,
}


def the_schema() -> GraphQLSchema:
    return create_schema()._schema


def the_minimum() -> GraphQLSchema:
    return build_schema((COPIES / "schema-minimum.graphql").read_text(encoding="utf-8"))


def with_additions() -> GraphQLSchema:
    added = [(COPIES / f"{name}.schema.graphql").read_text(encoding="utf-8") for name in NEWER]
    return extend_schema(the_minimum(), parse("\n".join(added)))


def operations() -> list[str]:
    document: DocumentNode = parse(FRONTEND)
    return [node.name.value for node in document.definitions if isinstance(node, OperationDefinitionNode) and node.name]


@pytest.mark.parametrize(
    "name", ["frontend.graphql", "schema-minimum.graphql", "operations.md", *(f"additions/{name}" for name in PAIRS)]
)
def test_the_copies_of_the_contract_are_true(name: str) -> None:
    if not (SHARED / name).exists():
        pytest.skip("../shared is not beside this repository")
    assert (COPIES / Path(name).name).read_bytes() == (SHARED / name).read_bytes()


@pytest.mark.parametrize(
    "original",
    [
        SHARED / "additions" / "rules.md",
        SHARED.parent / "accounting" / "mar-rubrics.csv",
        SHARED.parent / "accounting" / "mar-rubrics.md",
    ],
    ids=lambda original: original.name,
)
def test_the_copies_of_what_was_added_are_true(original: Path) -> None:
    if not original.exists():
        pytest.skip("../shared is not beside this repository")
    assert (COPIES / original.name).read_bytes() == original.read_bytes()


def test_nothing_that_the_minimum_promises_is_missing_or_different() -> None:
    assert find_breaking_changes(the_minimum(), the_schema()) == []
    assert find_breaking_changes(with_additions(), the_schema()) == []


def test_what_differs_from_the_minimum_only_adds_to_it() -> None:
    """Defaults of arguments count as dangerous, not as breaking: they have to be the same too."""
    changes = [
        change
        for promised in (the_minimum(), with_additions())
        for change in find_dangerous_changes(promised, the_schema())
    ]
    assert [change for change in changes if change.type not in ADDITIONS] == []


def test_every_operation_of_the_front_end_is_valid_as_it_stands() -> None:
    added = [(COPIES / f"{name}.operations.graphql").read_text(encoding="utf-8") for name in NEWER]
    assert [validate(the_schema(), parse(document)) for document in (FRONTEND, *added)] == [
        [] for _ in (FRONTEND, *added)
    ]


SPAN = {"from": "2026-01-01", "to": "2026-12-31"}


@pytest.mark.parametrize(
    ("operation", "variables", "part"),
    [
        *[(operation, SPAN, 6 / 10 if operation == "Booking" else 1 / 2) for operation in operations()],
        ("Transactions", {"first": 500}, 7 / 10),
        ("Transactions", {"first": 500, "filter": {"text": "rent"}}, 1),
        ("MonthlyBalances", {"from": "2022-01-01", "to": "2026-12-31"}, 9 / 10),
        ("MonthlyBalances", {**SPAN, "byDimension": "COST_CENTRE"}, 9 / 10),
    ],
)
def test_no_limit_stops_an_operation_of_the_front_end(
    operation: str, variables: dict[str, object], part: float
) -> None:
    """Sent as the whole file with an operation name, which is the most that a client can do with it."""
    assert Documents(the_schema()).admit(FRONTEND, variables, operation).price <= LIMIT * part


def test_no_limit_stops_thirteen_month_ends_of_open_items() -> None:
    dates = [*(f"2026-{month:02d}-28" for month in range(1, 13)), "2025-12-28"]
    variables: dict[str, object] = {"type": "RECEIVABLE", "dates": dates}
    assert Documents(the_schema()).admit(REPORTS, variables, "OutstandingHistory").price <= LIMIT * 4 / 10


def test_every_member_of_a_result_union_but_the_first_is_a_problem() -> None:
    schema = the_schema()
    problem = schema.type_map["Problem"]
    for name, union in schema.type_map.items():
        if name.endswith("Result") and isinstance(union, GraphQLUnionType):
            _, *others = union.types
            assert all(problem in member.interfaces for member in others), name
