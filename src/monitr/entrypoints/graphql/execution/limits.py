"""What one request may ask for: how deep, how often, and how many rows."""

from collections.abc import Iterator, Mapping
from typing import cast

from graphql import GraphQLError, value_from_ast_untyped
from graphql.language import ast
from graphql.validation import ASTValidationRule
from strawberry.extensions import AddValidationRules, SchemaExtension
from strawberry.extensions.max_aliases import create_validator as aliases_at_most
from strawberry.extensions.query_depth_limiter import create_validator as depth_at_most

DEPTH = 12
"""The deepest operation of the front end has 8."""
ALIASES = 30
TOKENS = 4000
"""The whole file of the front end's operations has some 1,300."""
COST = 10_000
"""Rows; the dearest operation of the front end costs some 1,000."""

_RULES = [cast("type[ASTValidationRule]", rule) for rule in (depth_at_most(DEPTH, None), aliases_at_most(ALIASES))]
"""Typed too widely by strawberry, which is where both ends are."""

PAGE_DEFAULTS = {
    "transactions": 100,
    "relations": 100,
    "imports": 20,
    "timeline": 50,
    "items": 100,
    "byRelation": 20,
    "assets": 100,
    "webhookEvents": 50,
}
"""Fields with ``first``, and its default: they cost as many rows."""
COSTS = {
    "trialBalance": 300,
    "monthlyBalances": 1000,
    "statement": 1000,
    "monthlyResults": 300,
    "freshness": 1,
    "accounts": 500,
    "journals": 50,
    "booking": 50,
    "values": 100,
    "schedule": 50,
    "categories": 20,
    "dossiers": 200,
    "webhookTargets": 10,
}
"""What other fields cost, in rows that they usually read."""
MULTIPLIERS = {"integrations": 2, "administrations": 20}
"""Lists without pages: what is below them is read as often, as a rule."""


def depth_and_aliases() -> AddValidationRules:
    """The rules are made once: the validation cache keys on them."""
    return AddValidationRules(_RULES)


class CostLimit(SchemaExtension):
    """Refuses an operation that asks for more rows than a page of the front end ever needs."""

    def on_execute(self) -> Iterator[None]:
        context = self.execution_context
        if context.graphql_document is not None:
            total = cost(context.graphql_document, context.operation_name, context.variables or {})
            if total > COST:
                raise GraphQLError(
                    f"This asks for about {total} rows at once, {COST} are allowed: ask for smaller pages.",
                    extensions={"code": "QUERY_TOO_COSTLY", "cost": total, "limit": COST},
                )
        yield


def cost(document: ast.DocumentNode, operation_name: str | None, variables: Mapping[str, object]) -> int:
    """About how many rows the operation reads."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, ast.FragmentDefinitionNode)}
    return sum(
        _cost(node.selection_set, fragments, {**_defaults(node), **variables})
        for node in document.definitions
        if isinstance(node, ast.OperationDefinitionNode)
        and (operation_name is None or (node.name is not None and node.name.value == operation_name))
    )


def _defaults(operation: ast.OperationDefinitionNode) -> dict[str, object]:
    return {
        definition.variable.name.value: int(definition.default_value.value)
        for definition in operation.variable_definitions or ()
        if isinstance(definition.default_value, ast.IntValueNode)
    }


def _cost(
    selections: ast.SelectionSetNode | None,
    fragments: Mapping[str, ast.FragmentDefinitionNode],
    variables: dict[str, object],
) -> int:
    total = 0
    for node in selections.selections if selections else ():
        match node:
            case ast.FieldNode():
                name = node.name.value
                own = _page_size(node, variables) if name in PAGE_DEFAULTS else COSTS.get(name, 0)
                total += own + MULTIPLIERS.get(name, 1) * _cost(node.selection_set, fragments, variables)
            case ast.FragmentSpreadNode():
                total += _cost(fragments[node.name.value].selection_set, fragments, variables)
            case ast.InlineFragmentNode():
                total += _cost(node.selection_set, fragments, variables)
            case _:  # there is no other kind of selection
                pass
    return total


def _page_size(field: ast.FieldNode, variables: dict[str, object]) -> int:
    given = {argument.name.value: argument.value for argument in field.arguments or ()}
    size = value_from_ast_untyped(given["first"], variables) if "first" in given else None
    return abs(size) if isinstance(size, int) else PAGE_DEFAULTS[field.name.value]
