"""The OAuth rounds at Octopus (octopus.md 1.2; RFC 6749, RFC 7636).

Authlib writes the address, the challenge and the bodies. Its own client is not used (adr/0006): it hides statuses
that mean something here, and brings a clock and an HTTP library of its own.
"""

# Authlib's stubs leave the results of two of its functions untyped:
# pyright: reportUnknownVariableType=false

import asyncio
import math
import time
from dataclasses import dataclass
from datetime import timedelta

import httpx
import msgspec
import structlog
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from monitr.adapters.octopus.answers.pieces import BrokenPackage, TooLong, WronglyPacked, whole
from monitr.adapters.octopus.answers.wire import TokenAnswer
from monitr.adapters.octopus.client import OnRequest
from monitr.adapters.octopus.refusals import UNKNOWN_SOFTWARE_HOUSE
from monitr.adapters.octopus.retries import Interrupted, Retries
from monitr.adapters.octopus.retry_after import retry_after
from monitr.adapters.octopus.settings import OctopusSettings
from monitr.application.octopus import (
    AuthorizationRejected,
    GrantRejected,
    InvalidAnswer,
    NotConfiguredError,
    OctopusUnavailable,
)
from monitr.application.ports import Clock
from monitr.application.return_addresses import origin_of
from monitr.domain.authorization import ACCESS_TOKEN_LIFETIME, Tokens
from monitr.domain.words.sentence import Sentence

SCOPE = "webservice"
_LONGEST_LIFETIME = timedelta(days=1)
_UNKNOWN_CLIENT = ("invalid_client", "unauthorized_client")
"""RFC 6749, 5.2."""
_LONGEST_ANSWER = 64 * 1024
_LONGEST_REQUEST = timedelta(seconds=10)
"""A refresh holds a lock meanwhile, and its holder gives up a moment later (``credentials.py``)."""
_UNTOUCHED = (429, 503)
"""Statuses of a request that was turned away before anything was done about it."""
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OctopusOAuth:
    """The port ``OctopusLogin``, and the refresh that ``Credentials`` needs.

    A code works once (RFC 6749, 4.1.2), so it is sent again only where the first request was not taken: the connection
    was never made, or it was turned away. A refresh is sent once a call; whoever needs the token asks again, with the
    only refresh token that there is.
    """

    http: httpx.AsyncClient
    settings: OctopusSettings
    clock: Clock
    on_request: OnRequest
    retries: Retries

    @property
    def is_configured(self) -> bool:
        return bool(self.settings.client_id)

    def new_verifier(self) -> str | None:
        return str(generate_token(64)) if self.settings.pkce else None

    def authorize_url(self, state: str, verifier: str | None) -> str:
        """Raises NotConfiguredError."""
        challenge = (
            {} if verifier is None else {"code_challenge": _challenge(verifier), "code_challenge_method": "S256"}
        )
        url: str = prepare_grant_uri(
            self.settings.authorize_url,
            self._client_id(),
            "code",
            redirect_uri=self.settings.redirect_uri,
            scope=SCOPE,
            state=state,
            **challenge,
        )
        return url

    @property
    def origin(self) -> str:
        return origin_of(self.settings.authorize_url) or ""

    def is_issuer(self, issuer: str) -> bool:
        """To the letter where Octopus's issuer is known (RFC 9207, section 2.4). No document names it (octopus.md 1.2),
        so without the setting any issuer of the host that the browser was sent to is believed."""
        if self.settings.issuer is not None:
            return issuer == self.settings.issuer
        return origin_of(issuer) == self.origin

    async def exchange(self, code: str, verifier: str | None) -> Tokens:
        """Raises GrantRejected, OctopusUnavailable, InvalidAnswer, NotConfiguredError.

        ``redirect_uri`` goes beyond the list of the manual (octopus.md 1.2) because RFC 6749, 4.1.3 requires it where
        the authorisation request had one.
        """
        self._client_id()
        if not code:
            raise GrantRejected("There is no authorisation code.")
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=self.settings.redirect_uri,
            code=code,
            code_verifier=verifier,
            client_id=self.settings.client_id,
            client_secret=self.settings.client_secret,
        )
        status, answer = await self.retries.of_a_person()(lambda: self._code_request(body))
        if answer.error in ("invalid_grant", "invalid_request") or (answer.error is None and status in (400, 401, 403)):
            raise GrantRejected("Octopus does not accept the authorisation code: it has expired or was used before.")
        return self._tokens(status, answer)

    async def refresh(self, refresh_token: str) -> Tokens:
        """``refresh_token`` of the result is None where Octopus did not send another (octopus.md 1.2: rotation
        unknown).

        Raises AuthorizationRejected on ``invalid_grant`` and on nothing else; OctopusUnavailable, InvalidAnswer,
        NotConfiguredError.
        """
        self._client_id()
        body = prepare_token_request(
            "refresh_token",
            refresh_token=refresh_token,
            client_id=self.settings.client_id,
            client_secret=self.settings.client_secret,
        )
        status, answer = await self._token_request("token refresh", body)
        if answer.error == "invalid_grant":
            raise AuthorizationRejected("Octopus no longer accepts the authorisation: it has expired or was revoked.")
        return self._tokens(status, answer)

    def _client_id(self) -> str:
        if not self.settings.client_id:
            raise NotConfiguredError(Sentence.of("login.NO_CLIENT_ID"))
        return self.settings.client_id

    async def _code_request(self, body: str) -> tuple[int, TokenAnswer]:
        """Raises Interrupted only where the code is good for another request."""
        try:
            return await self._token_request("token", body)
        except Interrupted as interrupted:
            if interrupted.status in _UNTOUCHED or isinstance(interrupted.__cause__, _NEVER_SENT):
                raise
            raise OctopusUnavailable(interrupted.said) from interrupted

    async def _token_request(self, operation: str, body: str) -> tuple[int, TokenAnswer]:
        """Status and answer, errors included. Raises Interrupted, InvalidAnswer, NotConfiguredError."""
        status, content = await self._sent(operation, body)
        try:
            answer = msgspec.json.decode(content, type=TokenAnswer)
        except (msgspec.DecodeError, UnicodeDecodeError):
            if status in (400, 401, 403):
                return status, TokenAnswer()
            raise InvalidAnswer(Sentence.of("login.ANSWERED_UNREADABLY", status=status)) from None
        if answer.error in _UNKNOWN_CLIENT or answer.error_code == UNKNOWN_SOFTWARE_HOUSE:
            log.error("octopus.software_house_unknown", operation=operation, status=status)
            raise NotConfiguredError(Sentence.of("login.UNKNOWN_CLIENT_ID", status=status))
        return status, answer

    async def _sent(self, operation: str, body: str) -> tuple[int, bytes]:
        """Raises Interrupted, with the cause of it where there was no status, and InvalidAnswer."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        request = self.http.build_request("POST", self.settings.token_url, content=body, headers=headers)
        started, status = time.perf_counter(), None
        try:
            async with asyncio.timeout(_LONGEST_REQUEST.total_seconds()):
                response = await self.http.send(request, stream=True)
                try:
                    status = response.status_code
                    if status >= 500 or status in (408, 429):
                        asked, sent_at = (response.headers.get(name) for name in ("retry-after", "date"))
                        wait = retry_after(asked, sent_at, self.clock())
                        raise Interrupted(Sentence.of("login.UNREACHABLE", answer=status), status, wait=wait)
                    return status, await _content(response)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, TimeoutError) as error:
            log.warning("octopus.tokens_did_not_arrive", operation=operation, error=type(error).__name__)
            unreachable = Sentence.of("login.UNREACHABLE", answer=type(error).__name__)
            raise Interrupted(unreachable, status) from error
        finally:
            seconds = time.perf_counter() - started
            log.debug("octopus.request", operation=operation, status=status, seconds=round(seconds, 3))
            self.on_request(operation, status, seconds)

    def _tokens(self, status: int, answer: TokenAnswer) -> Tokens:
        if status != 200 or answer.error or not _is_token(answer.access_token):
            code = answer.error if answer.error and answer.error.isidentifier() else "no token"
            raise InvalidAnswer(Sentence.of("login.ANSWERED", status=status, answer=code[:40]))
        assert answer.access_token is not None
        return Tokens(answer.access_token, self.clock() + _lifetime(answer), answer.refresh_token or None)


async def _content(response: httpx.Response) -> bytes:
    try:
        return await whole(response, _LONGEST_ANSWER)
    except TooLong:
        raise InvalidAnswer(Sentence.of("login.ANSWERED_TOO_MUCH")) from None
    except (WronglyPacked, BrokenPackage):
        raise InvalidAnswer(Sentence.of("login.WRONGLY_PACKED")) from None


def _challenge(verifier: str) -> str:
    return str(create_s256_code_challenge(verifier))  # type: ignore[no-untyped-call] # the stubs leave it untyped


def _is_token(text: str | None) -> bool:
    """It has to fit into a header."""
    return bool(text) and text is not None and text.isascii() and text.isprintable()


def _lifetime(answer: TokenAnswer) -> timedelta:
    """``expires_in`` may be missing, a text or nonsense; ten minutes is what the manual says (octopus.md 1.2)."""
    try:
        seconds = float(answer.expires_in) if answer.expires_in is not None else math.nan
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds) or seconds <= 0:
        return ACCESS_TOKEN_LIFETIME
    return min(timedelta(seconds=min(seconds, _LONGEST_LIFETIME.total_seconds())), _LONGEST_LIFETIME)
