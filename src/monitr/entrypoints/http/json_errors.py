"""Refusals of a whole request, in the shape of GraphQL answers, so that every client can read them."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

from monitr.domain.codes import ProblemCode
from monitr.entrypoints.error_codes import ErrorCode, error_extensions


def refusal(
    status: int,
    code: ErrorCode | ProblemCode,
    message: str,
    headers: Mapping[str, str] | None = None,
    argument: str | None = None,
) -> JSONResponse:
    error = {"message": message, "extensions": error_extensions(code, argument)}
    return JSONResponse({"errors": [error]}, status_code=status, headers=headers)
