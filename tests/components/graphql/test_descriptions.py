"""Everything in the schema says what it means; and what makes docstrings its descriptions."""

import importlib
import py_compile
from pathlib import Path

import pytest
import strawberry
from graphql import GraphQLSchema, build_schema, print_schema

from monitr.entrypoints.graphql.execution.descriptions import describe
from monitr.entrypoints.graphql.schema import create_schema
from tests.components.graphql.a_harbour import SDL, Query
from tests.components.graphql.coordinates import parts


def described(query: type) -> GraphQLSchema:
    schema = strawberry.Schema(query)._schema
    describe(schema)
    return schema


def test_docstrings_are_descriptions_and_an_argument_has_its_own_or_that_of_its_input() -> None:
    assert print_schema(described(Query)) == SDL.strip()


def test_a_program_without_its_source_has_a_schema_without_descriptions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "import strawberry\n@strawberry.type\nclass Query:\n    '''Of bytes.'''\n    n: int\n    '''One.'''\n"
    (tmp_path / "bare.py").write_text(source, encoding="utf-8")
    py_compile.compile(str(tmp_path / "bare.py"), str(tmp_path / "bare.pyc"), doraise=True)
    (tmp_path / "bare.py").unlink()
    monkeypatch.syspath_prepend(tmp_path)
    assert print_schema(described(importlib.import_module("bare").Query)) == "type Query {\n  n: Int!\n}"


def undescribed(schema: GraphQLSchema) -> list[str]:
    """The coordinates of what has no description."""
    return [coordinate for coordinate, part in parts(schema) if not part.description]


def test_everything_in_the_schema_has_a_description() -> None:
    assert undescribed(create_schema()._schema) == []


def test_what_lacks_a_description_is_named() -> None:
    schema = build_schema("""
        type Query { field(argument: Input): Object }
        "An object."
        type Object { field: Interface }
        interface Interface { "A field." field(argument: Int): Union }
        union Union = Object
        input Input { field: Enum }
        enum Enum { VALUE }
        scalar Scalar
        directive @directive(argument: Int) on FIELD
    """)
    assert set(undescribed(schema)) == {
        *("Query", "Query.field", "Query.field(argument:)", "Object.field"),
        *("Interface", "Interface.field(argument:)", "Union", "Input", "Input.field", "Enum", "Enum.VALUE", "Scalar"),
        *("@directive", "@directive(argument:)"),
    }
