"""The read operations of the contract, each made to tell how far its answer is proven and whether there is more."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from graphql import (
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_object_type,
    parse,
    print_ast,
    visit,
)
from graphql.language import OperationType, ast
from graphql.utilities import separate_operations

ADMINISTRATION = "Administration"


def _selecting(text: str) -> ast.FieldNode:
    operation = cast("ast.OperationDefinitionNode", parse(f"{{ {text} }}").definitions[0])
    return cast("ast.FieldNode", operation.selection_set.selections[0])


FRESHNESS = _selecting("freshness { importedAt importRunning verification completeFrom closedUntil }")
PAGE = _selecting("pageInfo { hasNextPage endCursor }")


@dataclass(frozen=True, slots=True)
class ReadOperation:
    """A query of the contract. ``text`` is what is run: ``written``, where each administration tells its freshness and
    each page whether there is more. ``cursors``: by the name of a page in the answer, the variable that takes its
    cursor; None where the operation has none."""

    name: str
    written: ast.DocumentNode
    text: str
    cursors: Mapping[str, str | None]

    @property
    def definition(self) -> ast.OperationDefinitionNode:
        return next(it for it in self.written.definitions if isinstance(it, ast.OperationDefinitionNode))


def read_operations(texts: Mapping[str, str], schema: GraphQLSchema) -> Iterator[ReadOperation]:
    """Those of documents by the names of their files, mutations and subscriptions left out."""
    for text in texts.values():
        for name, document in separate_operations(parse(text)).items():
            adding = _Adding(TypeInfo(schema))
            operation = ReadOperation(name, document, print_ast(adding.added_to(document)), adding.cursors)
            if operation.definition.operation is OperationType.QUERY:
                yield operation


class _Adding(Visitor):
    """Fields of one name are merged where a document is executed: it does no harm to select one twice."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types
        self.cursors: dict[str, str | None] = {}

    def added_to(self, document: ast.DocumentNode) -> ast.DocumentNode:
        return cast("ast.DocumentNode", visit(document, TypeInfoVisitor(self._types, self)))

    def leave_field(self, node: ast.FieldNode, *_: object) -> ast.FieldNode | None:
        type = get_named_type(getattr(self._types.get_field_def(), "type", None))
        if not is_object_type(type) or node.selection_set is None:
            return None
        if type.name == ADMINISTRATION:
            return _with(node, node.selection_set, FRESHNESS)
        if "pageInfo" in type.fields:
            self.cursors[(node.alias or node.name).value] = _cursor_of(node)
            return _with(node, node.selection_set, PAGE)
        return None


def _cursor_of(page: ast.FieldNode) -> str | None:
    """The variable that ``after`` is."""
    given = (it.value for it in page.arguments or () if it.name.value == "after")
    return next((value.name.value for value in given if isinstance(value, ast.VariableNode)), None)


def _with(node: ast.FieldNode, selected: ast.SelectionSetNode, added: ast.FieldNode) -> ast.FieldNode:
    selection_set = ast.SelectionSetNode(selections=(*selected.selections, added))
    return ast.FieldNode(
        name=node.name,
        alias=node.alias,
        arguments=node.arguments,
        directives=node.directives,
        selection_set=selection_set,
        loc=node.loc,
    )
