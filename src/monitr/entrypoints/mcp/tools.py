"""Tools, described by what is there already: an operation's comment in the contract, and the descriptions of the
schema."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Undefined,
    Visitor,
    is_specified_scalar_type,
    parse_type,
    value_from_ast_untyped,
    visit,
)
from graphql.language import ast
from mcp_types import Tool, ToolAnnotations

from monitr.entrypoints.graphql.examples import comment_above
from monitr.entrypoints.mcp.operations import ReadOperation

JsonSchema = dict[str, Any]

_OF_SCALARS: Mapping[str, JsonSchema] = {
    "Boolean": {"type": "boolean"},
    "Date": {"type": "string", "format": "date"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Float": {"type": "number"},
    "Int": {"type": "integer"},
}
"""All others are texts."""


def tool_of(operation: ReadOperation, schema: GraphQLSchema) -> Tool:
    return Tool(
        name=operation.name,
        title=_spaced(operation.name),
        description=_description(operation, schema),
        input_schema=input_schema(operation, schema),
        annotations=ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )


def input_schema(operation: ReadOperation, schema: GraphQLSchema) -> JsonSchema:
    """Of the operation's variables. Whoever leaves one out gets its default, so that none is ever null."""
    uses = _Uses(schema, operation.written)
    variables = {it.variable.name.value: it for it in operation.definition.variable_definitions or ()}
    return {
        "type": "object",
        "properties": {name: _variable(it, uses.of.get(name), schema) for name, it in variables.items()},
        "required": [
            name
            for name, it in variables.items()
            if isinstance(it.type, ast.NonNullTypeNode) and it.default_value is None
        ],
        "additionalProperties": False,
    }


def _variable(
    definition: ast.VariableDefinitionNode, used_for: GraphQLArgument | None, schema: GraphQLSchema
) -> JsonSchema:
    of_its_own = definition.default_value
    default = value_from_ast_untyped(of_its_own) if of_its_own else _default(used_for) if used_for else None
    return _described(_json_schema(definition.type, schema), used_for.description if used_for else None, default)


def _json_schema(type: ast.TypeNode, schema: GraphQLSchema) -> JsonSchema:
    match type:
        case ast.NonNullTypeNode():
            return _json_schema(type.type, schema)
        case ast.ListTypeNode():
            return {"type": "array", "items": _json_schema(type.type, schema)}
        case ast.NamedTypeNode():
            return _named(schema.type_map[type.name.value], schema)
        case _:
            raise TypeError(f"{type.kind} is no type")


def _named(type: GraphQLNamedType, schema: GraphQLSchema) -> JsonSchema:
    match type:
        case GraphQLEnumType():
            values = [f"{name}: {it.description}" for name, it in type.values.items() if it.description]
            words = "\n".join(filter(None, (type.description, *values)))
            return _described({"type": "string", "enum": list(type.values)}, words)
        case GraphQLInputObjectType():
            return _described(_object(type, schema), type.description)
        case _:
            of_ours = None if is_specified_scalar_type(type) else type.description
            return _described(dict(_OF_SCALARS.get(type.name, {"type": "string"})), of_ours)


def _object(type: GraphQLInputObjectType, schema: GraphQLSchema) -> JsonSchema:
    types = {name: parse_type(str(getattr(it, "type", None))) for name, it in type.fields.items()}
    return {
        "type": "object",
        "properties": {
            name: _described(_json_schema(types[name], schema), it.description, _default(it))
            for name, it in type.fields.items()
        },
        "required": [
            name
            for name, it in type.fields.items()
            if isinstance(types[name], ast.NonNullTypeNode) and _default(it) is None
        ],
        "additionalProperties": False,
    }


def _default(of: GraphQLArgument | GraphQLInputField) -> object:
    """As JSON has it; None where there is none."""
    value: object = of.default_value
    if value is Undefined:
        return None
    return value.name if isinstance(value, Enum) else value


def _described(schema: JsonSchema, words: str | None, default: object = None) -> JsonSchema:
    """What is said of the use goes before what is said of the type."""
    said = "\n".join(filter(None, (words, schema.get("description"))))
    return {
        **schema,
        **({"description": said} if said else {}),
        **({} if default is None else {"default": default}),
    }


class _Uses(Visitor):
    """The arguments that variables are used for: the first of each."""

    def __init__(self, schema: GraphQLSchema, document: ast.DocumentNode) -> None:
        super().__init__()
        self._types = TypeInfo(schema)
        self.of: dict[str, GraphQLArgument] = {}
        visit(document, TypeInfoVisitor(self._types, self))

    def enter_argument(self, node: ast.ArgumentNode, *_: object) -> None:
        argument = self._types.get_argument()
        if isinstance(node.value, ast.VariableNode) and argument is not None:
            self.of.setdefault(node.value.name.value, argument)


def _description(operation: ReadOperation, schema: GraphQLSchema) -> str:
    about = filter(None, [comment_above(operation.definition)])
    return "\n".join((*about, *_Selected(schema, operation.definition).said))


class _Selected(Visitor):
    """What an operation asks first, and directly below that, with what the schema says of it."""

    def __init__(self, schema: GraphQLSchema, operation: ast.OperationDefinitionNode) -> None:
        super().__init__()
        self._types = TypeInfo(schema)
        self._depth = 0
        self.said: list[str] = []
        visit(operation, TypeInfoVisitor(self._types, self))

    def enter_field(self, node: ast.FieldNode, *_: object) -> None:
        self._depth += 1
        definition = self._types.get_field_def()
        if self._depth <= 2 and node.selection_set and definition:
            words = f": {definition.description}" if definition.description else ""
            self.said.append(f"- {node.name.value}{words}")

    def leave_field(self, *_: object) -> None:
        self._depth -= 1


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()
