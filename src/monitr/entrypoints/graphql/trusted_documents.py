"""The documents that may run where MONITR_TRUSTED_DOCUMENTS is ``only``: which they are, and the file that says so.

The file is a manifest of persisted queries as Apollo's tools write it, or the plain object of hash and text that those
of Relay, urql and gql.tada write.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec
from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, print_ast, validate
from graphql.utilities import separate_operations

from monitr.entrypoints.graphql.execution.documents import hash_of

FILE = "trusted-documents.json"
"""In MONITR_DATA_DIR."""
FORMAT = "apollo-persisted-query-manifest"

CONSOLE = Path(str(files("monitr.entrypoints.http") / "static" / "console"))
"""Its documents are files beside its pages, which it sends as they are."""

_OPERATIONS = files("monitr.entrypoints.graphql") / "operations"


class UnusableDocuments(Exception):
    """One sentence for the operator."""


def manifest(texts: Mapping[str, str], schema: GraphQLSchema) -> str:
    """What the file holds for documents, by the names of their files: each operation with the fragments that it needs.
    Raises UnusableDocuments for one that the schema does not take."""
    operations = [one for name, text in texts.items() for one in _operations(name, text, schema)]
    held = {
        "format": FORMAT,
        "version": 1,
        "operations": [
            {"id": hash_of(body), "name": name, "type": type, "body": body} for name, type, body in operations
        ],
    }
    return json.dumps(held, indent=2, ensure_ascii=False) + "\n"


def contract() -> Mapping[str, str]:
    """The operations of the contract, which the front end sends: all that the program brings but the console's."""
    return {file.name: file.read_text(encoding="utf-8") for file in _OPERATIONS.iterdir()}


def of_the_console() -> Mapping[str, str]:
    """Its documents by their paths within it."""
    found = sorted(CONSOLE.rglob("*.graphql"))
    return {file.relative_to(CONSOLE).as_posix(): file.read_text(encoding="utf-8") for file in found}


def trusted_documents(folder: Path) -> Mapping[str, str]:
    """The texts by their hashes: those of the file in the folder, else the contract's; and the console's, which the
    program serves itself. Raises UnusableDocuments."""
    path = folder / FILE
    try:
        held = path.read_text(encoding="utf-8") if path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableDocuments(f"{path} cannot be read: {error}.") from None
    own = [one for text in of_the_console().values() for one in _separate(text)]
    ours = own if held is not None else [*own, *(one for text in contract().values() for one in _separate(text))]
    return {**{hash_of(body): body for body in ours}, **(_read(path, held) if held is not None else {})}


class _Operation(msgspec.Struct):
    id: str
    body: str


class _Manifest(msgspec.Struct):
    format: Literal["apollo-persisted-query-manifest"]
    operations: list[_Operation]


def _texts(held: str) -> dict[str, str]:
    """Raises msgspec.DecodeError."""
    with suppress(msgspec.ValidationError):  # it is of the other format
        return {it.id: it.body for it in msgspec.json.decode(held, type=_Manifest).operations}
    return msgspec.json.decode(held, type=dict[str, str])


def _read(path: Path, held: str) -> Mapping[str, str]:
    try:
        found = _texts(held)
    except msgspec.DecodeError:
        message = f"{path} is no manifest of documents: `monitr schema --documents` writes one."
        raise UnusableDocuments(message) from None
    for id, text in found.items():
        if id != hash_of(text):
            raise UnusableDocuments(f"{path} holds {id!r}, which is not the SHA-256 of its text.")
        try:
            parse(text)
        except GraphQLError as error:
            raise UnusableDocuments(f"{path} holds {id!r}, which is no GraphQL: {error.message}") from None
    return found


def _operations(name: str, text: str, schema: GraphQLSchema) -> Iterable[tuple[str | None, str, str]]:
    try:
        parsed = parse(text)
    except GraphQLError as error:
        raise UnusableDocuments(f"{name} is no GraphQL: {error.message}") from None
    for part in separate_operations(parsed).values():
        if errors := validate(schema, part):
            raise UnusableDocuments(f"{name} does not fit the schema: {errors[0].message}")
        operation = _operation(part)
        yield operation.name.value if operation.name else None, operation.operation.value, print_ast(part)


def _separate(text: str) -> list[str]:
    return [print_ast(part) for part in separate_operations(parse(text)).values()]


def _operation(document: DocumentNode) -> OperationDefinitionNode:
    return next(it for it in document.definitions if isinstance(it, OperationDefinitionNode))
