"""``monitr schema``: the GraphQL schema, and the documents that are trusted."""

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
    else:
        typer.echo(create_schema().as_str())


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
