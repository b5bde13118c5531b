import pytest
from graphql import GraphQLError
from strawberry.types.execution import ExecutionResult

from monitr.entrypoints.http.media_types import GRAPHQL, JSON, is_json, negotiated, outcome_of, status_of


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL};charset=utf-8", GRAPHQL),
        (f"{GRAPHQL},{JSON};q=0.9", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL}, application/graphql+json, {JSON}, text/event-stream, multipart/mixed", GRAPHQL),
        (f"{JSON}, {GRAPHQL};q=0.5", JSON),
        (f"{GRAPHQL};q=0.5, */*;q=0.1", GRAPHQL),
        (f"{GRAPHQL}; q=0", None),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"{JSON};q=much", None),
        ("text/html, text/event-stream", None),
    ],
)
def test_the_media_type_is_the_one_that_the_header_likes_best(accept: str | None, media_type: str | None) -> None:
    assert negotiated(accept) == media_type


@pytest.mark.parametrize(
    ("content_type", "understood"),
    [
        (JSON, True),
        ("Application/JSON ; charset=utf-8", True),
        (None, False),
        ("text/plain", False),
        ("application/json-patch+json", False),
        (f"multipart/form-data; boundary={JSON}", False),
    ],
)
def test_operations_are_sent_as_json(content_type: str | None, understood: bool) -> None:
    assert is_json(content_type) == understood


@pytest.mark.parametrize(
    ("data", "code", "path", "of_graphql", "of_json"),
    [
        ({"a": 1}, None, None, 200, 200),
        ({"a": None}, "FORBIDDEN", ["a"], 200, 200),
        (None, "INTERNAL", ["a"], 200, 200),
        (None, "GRAPHQL_PARSE_FAILED", None, 400, 200),
        (None, "BAD_USER_INPUT", None, 400, 200),
        (None, "BAD_REQUEST", None, 400, 400),
        (None, "DEADLINE_EXCEEDED", None, 504, 200),
        (None, "INTERNAL", None, 500, 200),
    ],
)
def test_the_status_tells_whether_anything_was_executed(
    data: dict[str, object] | None, code: str | None, path: list[str | int] | None, of_graphql: int, of_json: int
) -> None:
    errors = [GraphQLError("no", path=path, extensions={"code": code})] if code else None
    result = ExecutionResult(data, errors)
    assert (status_of(result, GRAPHQL), status_of(result, JSON)) == (of_graphql, of_json)


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [([], "data"), (["BAD_USER_INPUT"], "errors"), (["BAD_USER_INPUT", "INTERNAL"], "faults"), ([None], "errors")],
)
def test_a_fault_of_ours_is_counted_as_one_whatever_the_status_says(codes: list[str | None], outcome: str) -> None:
    errors = [GraphQLError("no", extensions={"code": code} if code else None) for code in codes]
    assert outcome_of(ExecutionResult(data={"viewer": None}, errors=errors or None)) == outcome
