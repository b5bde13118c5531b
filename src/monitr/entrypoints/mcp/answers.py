"""What a tool answers: data, and before it in words what keeps its figures from being quoted as they are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from graphql import GraphQLError
from mcp_types import CallToolResult, TextContent

from monitr.domain.accounting.verification import VerificationStatus
from monitr.entrypoints.error_codes import ErrorCode, error_extensions
from monitr.entrypoints.graphql.execution.turns import Turns
from monitr.entrypoints.http.json_rendering import json_of
from monitr.entrypoints.mcp.operations import ReadOperation

LARGEST_ANSWER = 250_000
"""Bytes of data: some eighty thousand tokens, which is as much as an agent can read at once."""
MOST_NOTICES = 20

_NOT_PROVEN = {
    VerificationStatus.WARNING: "the last import was verified with warnings: figures may differ from the books.",
    VerificationStatus.FAILED: "the last import does not agree with the books everywhere: figures may be wrong.",
    VerificationStatus.NOT_AVAILABLE: "the last import could not be compared with the books: no figure is proven.",
}

Json = Mapping[str, Any]


class AnswerTooLong(GraphQLError):
    def __init__(self) -> None:
        super().__init__(
            f"The answer would have more than {LARGEST_ANSWER} bytes: ask for smaller pages, shorter spans or fewer "
            "accounts.",
            extensions=error_extensions(ErrorCode.ANSWER_TOO_LARGE, limit=LARGEST_ANSWER),
        )


async def answered(operation: ReadOperation, data: Json, turns: Turns) -> CallToolResult:
    """``notices`` say how far ``data`` is proven, ``more`` what is still to be asked for. Raises AnswerTooLong."""
    if len(await json_of(data, turns)) > LARGEST_ANSWER:
        raise AnswerTooLong
    notices = list(dict.fromkeys((*_missing(data), *_unproven(data))))
    if len(notices) > MOST_NOTICES:
        notices = [*notices[:MOST_NOTICES], f"There are {len(notices) - MOST_NOTICES} notices more."]
    content = {"notices": notices, "more": list(_more(operation, data)), "data": data}
    text = (await json_of(content, turns)).decode()  # too, for clients that read nothing else
    return CallToolResult(content=[TextContent(text=text)], structured_content=content)


def refused(errors: Sequence[GraphQLError]) -> CallToolResult:
    """An error of the tool, for the agent to read."""
    words = "\n".join(f"{(error.extensions or {}).get('code')}: {error.message}" for error in errors)
    content = {"errors": [error.formatted for error in errors]}
    return CallToolResult(content=[TextContent(text=words)], structured_content=content, is_error=True)


def _missing(data: Json) -> Iterator[str]:
    return (f"{name}: there is none of that id that this token may see." for name, it in data.items() if it is None)


def _unproven(data: Json) -> Iterator[str]:
    """A sentence for each administration that is not PASSED, or is being imported."""
    for _, it in _objects("", data):
        freshness = it.get("freshness")
        if not freshness or "id" not in it:
            continue
        status = VerificationStatus(freshness["verification"])
        whose = f"{it['name']} ({it['id']})" if it.get("name") else it["id"]
        if freshness["importedAt"] is None:
            yield f"Administration {whose}: no import has succeeded yet, so that there are no figures to quote."
        elif words := _NOT_PROVEN.get(status):
            yield f"Administration {whose}: verification is {status}: {words}"
        if freshness["importRunning"]:
            yield f"Administration {whose}: an import is running, so that figures may change until it ends."


def _more(operation: ReadOperation, data: Json) -> Iterator[str]:
    for name, it in _objects("", data):
        page = it.get("pageInfo")
        if name not in operation.cursors or not page or not page["hasNextPage"]:
            continue
        of = f" of {it['totalCount']}" if "totalCount" in it else ""
        held = f"{name}: this answer holds {len(it.get('edges', ()))}{of}."
        cursor = operation.cursors[name]
        yield f"{held} Ask again with {cursor} = {page['endCursor']} for the next ones." if cursor else held


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
