"""Who may ask at all: the bearer token is verified and the user's rate counted before anything of a request is read."""

import structlog
from starlette.requests import Request
from starlette.responses import Response

from monitr.application.bearer_tokens import (
    Bearer,
    ExpiredToken,
    InvalidToken,
    KeysUnavailable,
    MissingToken,
    VerifyToken,
)
from monitr.domain.roles import Principal
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.http.json_errors import refusal
from monitr.entrypoints.http.rate_limit import RateLimit
from monitr.entrypoints.http.reader import language_of

log = structlog.get_logger()

KEYS_UNAVAILABLE = Sentence.of("error.KEYS_UNAVAILABLE")


class Admission:
    """One for all addresses, so that a user has one rate."""

    def __init__(self, verify_token: VerifyToken, rate_limit: RateLimit) -> None:
        self._verify_token = verify_token
        self._rate_limit = rate_limit

    async def admit(self, request: Request) -> Bearer | Response:
        """Who asks, counted; or the answer to whoever may not."""
        language = language_of(request.scope)
        try:
            bearer = await self.verify(request.headers.get("authorization"))
        except InvalidToken as invalid:
            log.info("token.refused", reason=str(invalid))
            challenge = {"www-authenticate": _challenge(invalid)}
            return refusal(401, ErrorCode.UNAUTHENTICATED, complaint(invalid), language, challenge)
        except KeysUnavailable:
            return refusal(503, ErrorCode.UNAVAILABLE, KEYS_UNAVAILABLE, language, {"retry-after": "5"})
        if (seconds := self.wait(bearer.principal)) is not None:
            return refusal(429, ErrorCode.RATE_LIMITED, too_often(seconds), language, {"retry-after": str(seconds)})
        structlog.contextvars.bind_contextvars(organisation=str(bearer.principal.organisation))
        return bearer

    async def verify(self, header: str | None) -> Bearer:
        """Of ``Bearer <JWT>``. Raises InvalidToken and KeysUnavailable."""
        return await self._verify_token(_bearer_text(header))

    def wait(self, principal: Principal) -> int | None:
        """As ``RateLimit.wait``."""
        return self._rate_limit.wait(principal)


def complaint(invalid: InvalidToken) -> Sentence:
    """Missing, expired or wrong, and of a wrong one no more: what about it is wrong is in the log alone."""
    return unauthenticated(Sentence.of(_why(invalid)))


def unauthenticated(why: Sentence) -> Sentence:
    return Sentence.of("error.UNAUTHENTICATED", why=why)


def _why(invalid: InvalidToken) -> str:
    match invalid:
        case MissingToken():
            return "token.MISSING"
        case ExpiredToken():
            return "token.EXPIRED"
        case _:
            return "token.WRONG"


def _challenge(invalid: InvalidToken) -> str:
    """Of a token that was sent, that it is refused (RFC 6750, section 3)."""
    return "Bearer" if isinstance(invalid, MissingToken) else 'Bearer error="invalid_token"'


def too_often(seconds: int) -> Sentence:
    return Sentence.of("error.RATE_LIMITED", seconds=seconds)


def _bearer_text(header: str | None) -> str:
    scheme, _, token = (header or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise MissingToken("there is none")
    return token.strip()
