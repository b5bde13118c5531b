"""The pages of docs/api: an operation of the contract each, and its answer. What stands before the answer, and the
index, can be compared without a program."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from graphql import FieldNode, GraphQLNamedType, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode, parse

from monitr.entrypoints.graphql.examples import Example, examples
from monitr.entrypoints.graphql.schema import create_schema

FOLDER = Path(__file__).parents[2] / "docs" / "api"
SHOWN = 2
"""Entries of a longer list."""
WIDTH = 140
"""Of a value that stands on one line."""

INTRODUCTION = """# The operations, with answers

Each operation of the contract, as a front end sends it, with what the program answers; made by `make api-docs`. In the
variables `ADMINISTRATION_ID` and the like stand for ids, which a front end has from another answer. Lists are cut after
two entries and say how many more there were. All was asked at noon (Brussels) of 27 November 2026, of a dossier of the
sandbox with some 3,000 ledger lines.

What every type, field and argument means is in [schema.graphql](../schema.graphql), which `monitr schema` prints.
"""


def page(example: Example, answer: Any) -> str:
    return f"{head(example)}{written(cut(answer))}\n```\n"


def head(example: Example) -> str:
    """What stands before the answer."""
    variables = f"Variables:\n\n```json\n{written(example.variables)}\n```\n\n" if example.variables else ""
    graphql = f"```graphql\n{example.text}\n```"
    return f"# {example.name}\n\n{about(example)}\n\n{graphql}\n\n{variables}Answer:\n\n```json\n"


def index() -> str:
    rows = "".join(f"| [{it.name}]({it.name}.md) | {_first_sentence(about(it))} |\n" for it in examples())
    return f"{INTRODUCTION}\n| operation | what |\n| --- | --- |\n{rows}"


def about(example: Example) -> str:
    """The contract's comment, else what the schema says of what is asked for: of an administration, of its parts."""
    if example.about:
        return example.about
    operation = next(node for node in parse(example.text).definitions if isinstance(node, OperationDefinitionNode))
    of: GraphQLNamedType | None = _schema().get_root_type(operation.operation)
    asked = _fields(operation)
    if asked[0].name.value == "administration":
        of, asked = _schema().get_type("Administration"), [it for it in _fields(asked[0]) if it.name.value != "id"]
    assert isinstance(of, GraphQLObjectType)
    said = {it.name.value: " ".join((of.fields[it.name.value].description or "").split()) for it in asked}
    return next(iter(said.values())) if len(said) == 1 else " ".join(f"`{name}`: {text}" for name, text in said.items())


def _fields(node: OperationDefinitionNode | FieldNode) -> Sequence[FieldNode]:
    selected = node.selection_set.selections if node.selection_set else ()
    return [each for each in selected if isinstance(each, FieldNode)]


@cache
def _schema() -> GraphQLSchema:
    return create_schema()._schema


def _first_sentence(text: str) -> str:
    sentence = " ".join(text.split()).partition(". ")[0].rstrip(".")
    return sentence if sentence.endswith("?") else f"{sentence}."


def written(value: Any, indent: str = "") -> str:
    """As JSON; what fits on a line stands on one."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) <= WIDTH or not isinstance(value, dict | list) or not value:
        return line
    deeper = f"{indent}  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(name)}: {written(each, deeper)}" for name, each in value.items()]
    else:
        parts = [written(each, deeper) for each in value]
    opened, closed = "{}" if isinstance(value, dict) else "[]"
    return f"{opened}\n" + ",\n".join(f"{deeper}{part}" for part in parts) + f"\n{indent}{closed}"


def with_ids(value: Any, ids: Mapping[str, str]) -> Any:
    """The value with the ids in place of what stands for them."""
    match value:
        case str():
            return ids.get(value, value)
        case list():
            return [with_ids(each, ids) for each in value]
        case dict():
            return {name: with_ids(each, ids) for name, each in value.items()}
        case _:
            return value


def cut(value: Any) -> Any:
    """Without most entries of its lists, each of which says how many are left out."""
    match value:
        case dict():
            return {name: cut(each) for name, each in value.items()}
        case list() if len(value) > SHOWN + 1:
            return [*(cut(each) for each in value[:SHOWN]), f"… {len(value) - SHOWN:,} more"]
        case list():
            return [cut(each) for each in value]
        case _:
            return value
