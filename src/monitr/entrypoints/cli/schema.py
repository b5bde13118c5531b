"""``monitr schema``: the GraphQL schema, and the documents that are trusted."""

import json
from pathlib import Path
from typing import Annotated

import typer

from monitr.entrypoints.cli.outcome import refuse, refusing, settings_or_refuse


def schema(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="With --documents: files with the operations of a front end, in place of the contract's."),
    ] = None,
    documents: Annotated[
        bool,
        typer.Option("--documents", help="Write the documents that MONITR_TRUSTED_DOCUMENTS=only trusts."),
    ] = False,
    possible_types: Annotated[
        bool,
        typer.Option("--possible-types", help="Print which types each interface and union stands for, as JSON."),
    ] = False,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="FILE", help="Where to; - is standard output.", show_default="in MONITR_DATA_DIR"),
    ] = None,
) -> None:
    """Print the GraphQL schema in its definition language. Needs no settings and no database."""
    from monitr.entrypoints.graphql.schema import create_schema

    if documents:
        _write_documents(files or [], to)
    elif files or to:
        raise typer.BadParameter("is for --documents.", param_hint="FILES and --to")
    elif possible_types:
        typer.echo(_possible_types())
    else:
        typer.echo(create_schema().as_str())


def _possible_types() -> str:
    """The JSON that Apollo's cache takes where introspection is off."""
    from graphql import is_abstract_type

    from monitr.entrypoints.graphql.schema import create_schema

    schema = create_schema()._schema
    abstract = [type for type in schema.type_map.values() if is_abstract_type(type)]
    possible = {type.name: sorted(each.name for each in schema.get_possible_types(type)) for type in abstract}
    return json.dumps(possible, indent=2, sort_keys=True)


def _write_documents(given: list[Path], to: str | None) -> None:
    from monitr.entrypoints.graphql.schema import create_schema
    from monitr.entrypoints.graphql.trusted_documents import FILE, UnusableDocuments, contract, manifest

    with refusing(UnusableDocuments, OSError):
        texts = {str(path): path.read_text(encoding="utf-8") for path in given} or contract()
        held = manifest(texts, create_schema()._schema)
        if to == "-":
            typer.echo(held, nl=False)
            return
        path = Path(to) if to else settings_or_refuse().data_dir / FILE
        if path.is_dir():
            refuse(f"{path} is a folder.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(held, encoding="utf-8")
    typer.echo(path)
