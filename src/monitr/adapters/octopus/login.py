"""The OAuth rounds at Octopus (octopus.md 1.2; RFC 6749, RFC 7636).

Authlib writes the address, the challenge and the bodies. Its own client is not used (adr/0006): it hides statuses
that mean something here, and brings a clock and an HTTP library of its own.
"""

# Authlib's stubs leave the results of two of its functions untyped:
# pyright: reportUnknownVariableType=false

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

from monitr.adapters.octopus.answers.wire import TokenAnswer
from monitr.adapters.octopus.client import OnRequest
from monitr.adapters.octopus.refusals import UNKNOWN_SOFTWARE_HOUSE
from monitr.adapters.octopus.settings import OctopusSettings
from monitr.application.octopus import (
    AuthorizationRejected,
    GrantRejected,
    InvalidAnswer,
    NotConfiguredError,
    OctopusUnavailable,
)
from monitr.application.ports import Clock
from monitr.domain.authorization import ACCESS_TOKEN_LIFETIME, Tokens

SCOPE = "webservice"
_LONGEST_LIFETIME = timedelta(days=1)
_UNKNOWN_CLIENT = ("invalid_client", "unauthorized_client")
"""RFC 6749, 5.2."""
_UNAVAILABLE = "Octopus's login service cannot be reached at the moment."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OctopusOAuth:
    """The port ``OctopusLogin``, and the refresh that ``Credentials`` needs.

    A token request is sent once: whether Octopus rotates tokens is unknown, and a second request with a code or a token
    that has been used would end the authorisation. Only a connection that was never made is tried again, by the caller.
    """

    http: httpx.AsyncClient
    settings: OctopusSettings
    clock: Clock
    on_request: OnRequest

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
        status, answer = await self._token_request("token", body)
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
            raise NotConfiguredError("No Octopus client id is configured (MONITR_OCTOPUS_CLIENT_ID).")
        return self.settings.client_id

    async def _token_request(self, operation: str, body: str) -> tuple[int, TokenAnswer]:
        """Status and answer, errors included. Raises OctopusUnavailable, InvalidAnswer, NotConfiguredError."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        started, status = time.perf_counter(), None
        try:
            response = await self.http.post(self.settings.token_url, content=body, headers=headers)
            status = response.status_code
        except httpx.HTTPError as error:
            raise OctopusUnavailable(f"{_UNAVAILABLE} ({type(error).__name__})") from None
        finally:
            seconds = time.perf_counter() - started
            log.debug("octopus.request", operation=operation, status=status, seconds=round(seconds, 3))
            self.on_request(operation, status, seconds)
        status = response.status_code  # a number again, to a type checker
        if status >= 500 or status in (408, 429):
            raise OctopusUnavailable(f"{_UNAVAILABLE} ({status})")
        try:
            answer = msgspec.json.decode(response.content, type=TokenAnswer)
        except (msgspec.DecodeError, UnicodeDecodeError):
            if status in (400, 401, 403):
                return status, TokenAnswer()
            raise InvalidAnswer(f"Octopus's login service answered {status} with something unreadable.") from None
        if answer.error in _UNKNOWN_CLIENT or answer.error_code == UNKNOWN_SOFTWARE_HOUSE:
            log.error("octopus.software_house_unknown", operation=operation, status=status)
            raise NotConfiguredError(
                "Octopus does not know this server's software house id, or does not allow it to ask"
                f" (MONITR_OCTOPUS_CLIENT_ID; it answered {status})."
            )
        return status, answer

    def _tokens(self, status: int, answer: TokenAnswer) -> Tokens:
        if status != 200 or answer.error or not _is_token(answer.access_token):
            code = answer.error if answer.error and answer.error.isidentifier() else "no token"
            raise InvalidAnswer(f"Octopus's login service answered {status} with {code[:40]}.")
        assert answer.access_token is not None
        return Tokens(answer.access_token, self.clock() + _lifetime(answer), answer.refresh_token or None)


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
