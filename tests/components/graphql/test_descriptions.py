"""Everything in the schema says what it means; and what makes docstrings its descriptions."""

import importlib
import py_compile
from collections.abc import Iterator
from pathlib import Path

import pytest
import strawberry
from graphql import GraphQLSchema, build_schema, print_schema

from monitr.entrypoints.graphql.execution.descriptions import describe
from tests.components.graphql.a_harbour import SDL, Query


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


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    """The coordinates of all that has no description."""
    ours = {name: type for name, type in schema.type_map.items() if not name.startswith("__")}
    for name, type in ours.items():
        if not type.description:
            yield name
        for each, part in {**getattr(type, "fields", {}), **getattr(type, "values", {})}.items():
            if not part.description:
                yield f"{name}.{each}"
            yield from (f"{name}.{each}({it}:)" for it, one in getattr(part, "args", {}).items() if not one.description)
    for directive in schema.directives:
        if not directive.description:
            yield f"@{directive.name}"
        yield from (f"@{directive.name}({it}:)" for it, one in directive.args.items() if not one.description)


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
