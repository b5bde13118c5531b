"""In which media type a GraphQL answer goes out, and with which status: GraphQL over HTTP."""

from collections.abc import Mapping

from strawberry.types.execution import ExecutionResult

from monitr.entrypoints.error_codes import ErrorCode

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"

_LONGEST = 1000
"""Characters of the header that are looked at."""
_FAULTS: Mapping[str, int] = {ErrorCode.INTERNAL: 500, ErrorCode.DEADLINE_EXCEEDED: 504}


def negotiated(accept: str | None) -> str | None:
    """The type that the header likes best; of equals GRAPHQL, where it is named. None where neither will do."""
    weights = _weights(accept or "*/*")
    graphql, json = (_weight(media_type, weights) for media_type in (GRAPHQL, JSON))
    if graphql and (graphql >= json if GRAPHQL in weights else not json):
        return GRAPHQL
    return JSON if json else None


def is_json(content_type: str | None) -> bool:
    return (content_type or "").partition(";")[0].strip().lower() == JSON


def is_refused(result: ExecutionResult) -> bool:
    """Nothing was executed, or not to an end: such an answer has no ``data``, not even null."""
    return result.data is None and not any(error.path for error in result.errors or ())


def status_of(result: ExecutionResult, media_type: str) -> int:
    """JSON says 200 of whatever was understood as a request, since its clients look no further than a status."""
    if not is_refused(result):
        return 200
    code = next((str((error.extensions or {}).get("code")) for error in result.errors or ()), "")
    return _FAULTS.get(code, 400) if media_type == GRAPHQL or code == ErrorCode.BAD_REQUEST else 200


def outcome_of(result: ExecutionResult) -> str:
    """What is counted of it: a status does not tell a fault of ours, which is often a 200."""
    codes = {str((error.extensions or {}).get("code")) for error in result.errors or ()}
    return "faults" if codes & set(_FAULTS) else "errors" if codes else "data"


def _weights(accept: str) -> Mapping[str, float]:
    """By range, such as ``application/*``."""
    weights: dict[str, float] = {}
    for part in accept[:_LONGEST].split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights[media_range] = next((_number(text[2:]) for text in parameters if text.startswith("q=")), 1.0)
    return weights


def _weight(media_type: str, weights: Mapping[str, float]) -> float:
    """That of the narrowest range."""
    return next((weights[each] for each in (media_type, "application/*", "*/*") if each in weights), 0.0)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
