"""Refusals of a whole request, in the shape of GraphQL answers, so that every client can read them."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse

from monitr.domain.codes import ProblemCode
from monitr.domain.language import Language
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.error_codes import ErrorCode, error_extensions, parameters_of
from monitr.entrypoints.http.reader import language_of
from monitr.entrypoints.voices import in_words, voice_of


def refusal(
    status: int,
    code: ErrorCode | ProblemCode,
    sentence: Sentence,
    language: Language | None,
    headers: Mapping[str, str] | None = None,
    argument: str | None = None,
) -> JSONResponse:
    """``language`` is the reader's; None: not known."""
    extensions = error_extensions(code, argument, None, **parameters_of(sentence))
    error = {"message": in_words(sentence, voice_of(language)), "extensions": extensions}
    return JSONResponse({"errors": [error]}, status, {"vary": "accept-language", **(headers or {})})


def not_allowed(request: Request, *methods: str) -> JSONResponse:
    """``methods`` are those that the address is for."""
    named = ", ".join(methods)
    sentence = Sentence.of("error.METHOD_NOT_ALLOWED", methods=named)
    return refusal(405, ErrorCode.METHOD_NOT_ALLOWED, sentence, language_of(request.scope), {"allow": named})
