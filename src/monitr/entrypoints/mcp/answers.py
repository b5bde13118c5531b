"""What a tool answers: data, and before it in words what keeps its figures from being quoted as they are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from graphql import GraphQLError
from mcp_types import CallToolResult, TextContent

from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.graphql.execution.context import Connection
from monitr.entrypoints.graphql.execution.errors import Said
from monitr.entrypoints.http.json_rendering import json_of
from monitr.entrypoints.mcp.operations import ReadOperation

LARGEST_ANSWER = 250_000
"""Bytes of data: some eighty thousand tokens, which is as much as an agent can read at once."""
MOST_NOTICES = 20

_NOT_PROVEN = {
    VerificationStatus.WARNING: "notice.WARNING",
    VerificationStatus.FAILED: "notice.FAILED",
    VerificationStatus.NOT_AVAILABLE: "notice.NOT_AVAILABLE",
}

Json = Mapping[str, Any]


class AnswerTooLong(Said):
    def __init__(self) -> None:
        sentence = Sentence.of("error.ANSWER_TOO_LONG", limit=LARGEST_ANSWER)
        super().__init__(ErrorCode.ANSWER_TOO_LARGE, sentence, limit=LARGEST_ANSWER)


async def answered(operation: ReadOperation, data: Json, connection: Connection) -> CallToolResult:
    """``notices`` say how far ``data`` is proven, ``more`` what is still to be asked for. Raises AnswerTooLong."""
    turns = connection.services.turns
    if len(await json_of(data, turns)) > LARGEST_ANSWER:
        raise AnswerTooLong
    notices = list(dict.fromkeys((*_missing(data), *_unproven(data))))
    if len(notices) > MOST_NOTICES:
        uncalled = Sentence.of("notice.MORE_NOTICES", count=len(notices) - MOST_NOTICES)
        notices = [*notices[:MOST_NOTICES], uncalled]
    content = {
        "notices": [connection.say(it) for it in notices],
        "more": [connection.say(it) for it in _more(operation, data)],
        "data": data,
    }
    text = (await json_of(content, turns)).decode()  # too, for clients that read nothing else
    return CallToolResult(content=[TextContent(text=text)], structured_content=content)


def refused(errors: Sequence[GraphQLError]) -> CallToolResult:
    """An error of the tool, for the agent to read."""
    words = "\n".join(f"{(error.extensions or {}).get('code')}: {error.message}" for error in errors)
    content = {"errors": [error.formatted for error in errors]}
    return CallToolResult(content=[TextContent(text=words)], structured_content=content, is_error=True)


def _missing(data: Json) -> Iterator[Sentence]:
    return (Sentence.of("notice.NONE_OF_THAT_ID", name=name) for name, it in data.items() if it is None)


def _unproven(data: Json) -> Iterator[Sentence]:
    """A sentence for each administration that is not PASSED, or is being imported."""
    for _, it in _objects("", data):
        freshness = it.get("freshness")
        if not freshness or "id" not in it:
            continue
        status = VerificationStatus(freshness["verification"])
        whose = f"{it['name']} ({it['id']})" if it.get("name") else it["id"]
        if freshness["importedAt"] is None:
            yield Sentence.of("notice.NO_IMPORT_YET", administration=whose)
        elif key := _NOT_PROVEN.get(status):
            yield Sentence.of(key, administration=whose)
        if freshness["importRunning"]:
            yield Sentence.of("notice.IMPORT_RUNNING", administration=whose)


def _more(operation: ReadOperation, data: Json) -> Iterator[Sentence]:
    for name, it in _objects("", data):
        page = it.get("pageInfo")
        if name not in operation.cursors or not page or not page["hasNextPage"]:
            continue
        of = Sentence.of("page.OF", total=it["totalCount"]) if "totalCount" in it else None
        variable = operation.cursors[name]
        next = Sentence.of("page.NEXT", variable=variable, cursor=page["endCursor"]) if variable else None
        yield Sentence.of("page.HELD", name=name, held=len(it.get("edges", ())), of=of, next=next)


def _objects(name: str, value: object) -> Iterator[tuple[str, Json]]:
    """All objects, each with the name of the field that holds it."""
    match value:
        case dict():
            it = cast("Json", value)
            yield name, it
            for key, member in it.items():
                yield from _objects(key, member)
        case list():
            for entry in cast("list[object]", value):
                yield from _objects(name, entry)
        case _:
            pass
