"""A schema, part by part."""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLSchema


def parts(schema: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    """Each type, field, value, argument and directive of ours by its coordinate: ``Query.node(id:)``."""
    for name, type in schema.type_map.items():
        if name.startswith("__"):
            continue
        yield name, type
        for each, part in {**getattr(type, "fields", {}), **getattr(type, "values", {})}.items():
            yield f"{name}.{each}", part
            yield from ((f"{name}.{each}({it}:)", argument) for it, argument in getattr(part, "args", {}).items())
    for directive in schema.directives:
        yield f"@{directive.name}", directive
        yield from ((f"@{directive.name}({it}:)", argument) for it, argument in directive.args.items())
