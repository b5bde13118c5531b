"""``monitr schema``: the GraphQL schema."""

import typer


def schema() -> None:
    """Print the GraphQL schema in its definition language. Needs no settings and no database."""
    from monitr.entrypoints.graphql.schema import create_schema

    typer.echo(create_schema().as_str())
