"""Valid queries, drawn from the schema: any fields, below one another, with aliases, fragments and conditions."""

from collections.abc import Mapping
from typing import Any, cast

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
)
from hypothesis import strategies as st

DEEPEST = 7
MOST_FIELDS = 6
CONDITIONS = {"yes": True, "no": False}
"""The variables that leave fields in or out."""


@st.composite
def documents(draw: st.DrawFn, schema: GraphQLSchema, arguments: Mapping[str, str]) -> str:
    """``arguments``: what is given for those that have to be given, by name, as literals."""
    query = cast("GraphQLObjectType", schema.query_type)
    variables = ", ".join(f"${name}: Boolean!" for name in CONDITIONS)
    return f"query Drawn({variables}) {_Drawing(draw, schema, arguments).selected(query, 1)}"


class _Drawing:
    def __init__(self, draw: st.DrawFn, schema: GraphQLSchema, arguments: Mapping[str, str]) -> None:
        self._draw = draw
        self._schema = schema
        self._arguments = arguments
        self._names = 0

    def selected(self, type: GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType, depth: int) -> str:
        parts = ["__typename"] if self._draw(st.booleans()) or isinstance(type, GraphQLUnionType) else []
        if not isinstance(type, GraphQLUnionType):
            names = [name for name, field in type.fields.items() if self._can_ask(field, depth)]
            chosen = self._draw(st.lists(st.sampled_from(names), min_size=1, max_size=MOST_FIELDS, unique=True))
            parts += [self._field(name, type.fields[name], depth) for name in chosen]
        if isinstance(type, GraphQLInterfaceType | GraphQLUnionType):
            possible = self._draw(st.sampled_from(list(self._schema.get_possible_types(type))))
            parts.append(f"... on {possible.name} {self.selected(possible, depth + 1)}")
        if len(parts) > 1 and self._draw(st.integers(0, 4)) == 0:
            parts[-1] = f"... {self._condition()} {{ {parts[-1]} }}"
        return "{ " + " ".join(parts) + " }"

    def _field(self, name: str, field: GraphQLField, depth: int) -> str:
        self._names += 1
        text = f"f{self._names}: {name}"  # two of one name might not be merged
        given = [(each, argument) for each, argument in field.args.items() if self._is_required(argument)]
        if given:
            text += "(" + ", ".join(f"{each}: {self._arguments[each]}" for each, _ in given) + ")"
        text += self._condition()
        type = get_named_type(field.type)
        return f"{text} {self.selected(type, depth + 1)}" if is_composite_type(type) else text

    def _condition(self) -> str:
        shown = {0: " @include(if: $yes)", 1: " @skip(if: $no)", 2: " @skip(if: $yes)"}
        return shown.get(self._draw(st.integers(0, 12)), "")

    def _can_ask(self, field: GraphQLField, depth: int) -> bool:
        if is_composite_type(get_named_type(field.type)) and depth >= DEEPEST:
            return False
        return all(name in self._arguments for name, it in field.args.items() if self._is_required(it))

    @staticmethod
    def _is_required(argument: Any) -> bool:
        return isinstance(argument.type, GraphQLNonNull)
