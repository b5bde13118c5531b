"""``monitr schema``: the GraphQL schema."""

import typer


def schema() -> None:
    """Print the GraphQL schema in its definition language. Needs no settings and no database."""
    from monitr.entrypoints.graphql.schema import schema as graphql_schema

    typer.echo(graphql_schema.as_str())
