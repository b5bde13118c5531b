"""The descriptions of the schema: the docstrings of the classes behind it.

The docstring of a class describes its type, that of a resolver its field, the string under an attribute or a member
that field or value. Python keeps no strings under attributes, so each module's source is read, once in a process. An
argument has ``Annotated[T, strawberry.argument(description="…")]``; one whose type is an input has the input's.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.abc import InspectLoader
from inspect import cleandoc
from itertools import pairwise

from graphql import GraphQLInputObjectType, GraphQLNamedType, GraphQLSchema
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition

CLASS = ""
"""The name under which the docstring of a class itself stands."""


def describe(schema: GraphQLSchema) -> None:
    """Gives its docstring to whatever has no description; nothing where the source of a module is not there."""
    for type in schema.type_map.values():
        definition = type.extensions.get("strawberry-definition")
        if isinstance(definition, StrawberryObjectDefinition | StrawberryEnumDefinition):
            of_all = getattr(definition, "concrete_of", None) or definition  # Connection[T], of ImportRunConnection
            _describe(type, of_all.origin)
    inputs = {name: it.description for name, it in schema.type_map.items() if isinstance(it, GraphQLInputObjectType)}
    for type in schema.type_map.values():
        for field in getattr(type, "fields", {}).values():
            for argument in getattr(field, "args", {}).values():
                argument.description = argument.description or inputs.get(str(argument.type).strip("[]!"))


def _describe(type: GraphQLNamedType, cls: type) -> None:
    type.description = type.description or docstrings(cls).get(CLASS)
    texts = {name: text for base in reversed(cls.__mro__) for name, text in docstrings(base).items()}
    for field in getattr(type, "fields", {}).values():
        field.description = field.description or texts.get(field.extensions["strawberry-definition"].python_name)
    for name, value in getattr(type, "values", {}).items():
        value.description = value.description or texts.get(name)


def docstrings(cls: type) -> Mapping[str, str]:
    """Those of a class of this program by the names of its attributes, members and methods; its own as CLASS."""
    ours = cls.__module__.partition(".")[0] not in sys.stdlib_module_names
    return _of_module(cls.__module__).get(cls.__name__, {}) if ours else {}


@cache
def _of_module(name: str) -> Mapping[str, Mapping[str, str]]:
    classes = (node for node in ast.parse(_source(name)).body if isinstance(node, ast.ClassDef))
    return {node.name: dict(_of_class(node)) for node in classes}


def _source(module: str) -> str:
    """Not by ``inspect``, which would keep it. Nothing where the program came without it (.pyc files, frozen)."""
    spec = sys.modules[module].__spec__
    try:
        return (spec.loader.get_source(module) or "") if spec and isinstance(spec.loader, InspectLoader) else ""
    except ImportError:
        return ""


def _of_class(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    if text := ast.get_docstring(node):
        yield CLASS, _markdown(text)
    for statement, next_one in pairwise([*node.body, ast.Pass()]):
        match statement, next_one:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name), _:
                if text := ast.get_docstring(statement):
                    yield name, _markdown(text)
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, _markdown(cleandoc(text))
            case _:
                pass


def _markdown(text: str) -> str:
    """GraphQL's descriptions are Markdown: code has single backticks."""
    return text.replace("``", "`")
