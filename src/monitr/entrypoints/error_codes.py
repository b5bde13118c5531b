"""Every code in ``errors[].extensions.code`` but those of problems: a closed set, explained in ``docs/errors.md``; and
the one form that ``extensions`` has."""

from collections.abc import Sequence
from enum import StrEnum

from monitr.domain.codes import ProblemCode
from monitr.domain.words.sentence import Sentence


class ErrorCode(StrEnum):
    UNAUTHENTICATED = "UNAUTHENTICATED"
    UNAVAILABLE = "UNAVAILABLE"
    RATE_LIMITED = "RATE_LIMITED"
    REQUEST_TIMEOUT = "REQUEST_TIMEOUT"
    HEADER_TOO_LARGE = "HEADER_TOO_LARGE"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_FOUND = "NOT_FOUND"
    BAD_REQUEST = "BAD_REQUEST"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    QUERY_TOO_COSTLY = "QUERY_TOO_COSTLY"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    ANSWER_TOO_LARGE = "ANSWER_TOO_LARGE"
    TOO_MANY_OPERATIONS = "TOO_MANY_OPERATIONS"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_HASH_MISMATCH = "PERSISTED_QUERY_HASH_MISMATCH"
    INTERNAL = "INTERNAL"


def parameters_of(sentence: Sentence) -> dict[str, object]:
    """For ``extensions``, where it has some."""
    return {"parameters": dict(sentence.parameters)} if sentence.parameters else {}


def error_extensions(
    code: ErrorCode | ProblemCode,
    argument: str | None = None,
    path: Sequence[str | int] | None = None,
    **more: object,
) -> dict[str, object]:
    """The same three in every error. ``argument``: what it is about, dotted inside of inputs. ``path``: of the field,
    in names of the answer; None for an error that is about none, such as one of the whole request."""
    return {"code": code, "argument": argument, "path": None if path is None else list(path), **more}
