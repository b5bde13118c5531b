"""The two addresses of an OAuth round that a browser visits: our start page and Octopus's way back."""

from collections.abc import Sequence
from typing import assert_never
from urllib.parse import urlsplit

from returns.methods import unwrap_or_failure
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitr.application.complete_authorization import Connected
from monitr.application.return_addresses import with_query
from monitr.application.start_authorization import RoundRefused, RoundStarted
from monitr.application.use_cases import UseCases
from monitr.domain.authorization import AUTHORIZATION_LIFETIME
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.http.dependencies import HttpSettings

COOKIE = "monitr_oauth"
COOKIE_PATH = "/oauth/octopus"
LONGEST_PARAMETER = 4096
"""Characters; whatever is longer was not sent by Octopus, nor by us."""


def oauth_routes(use_cases: UseCases, settings: HttpSettings) -> list[Route]:
    home = f"{settings.public_url}/"
    secure = urlsplit(settings.public_url).scheme == "https"

    async def start(request: Request) -> Response:
        ticket, browser = _parameter(request, "ticket"), request.cookies.get(COOKIE)
        match unwrap_or_failure(await use_cases.start_authorization(ticket or "", browser)):
            case RoundStarted(browser=identity, authorize_url=address):
                response = _on_to(address)
                response.set_cookie(
                    COOKIE,
                    identity,
                    max_age=int(AUTHORIZATION_LIFETIME.total_seconds()),
                    path=COOKIE_PATH,
                    secure=secure,
                    httponly=True,
                    samesite="lax",
                )
                return response
            case RoundRefused(error=error, return_to=return_to):
                return _on_to(with_query(return_to or home, error=error.value))
            case other:
                assert_never(other)

    async def callback(request: Request) -> Response:
        """An answer with ``error`` has no code: whatever Octopus's reason, nothing was granted."""
        refusal = _parameter(request, "error")
        code = None if refusal is not None else _parameter(request, "code")
        state, browser = _parameter(request, "state"), request.cookies.get(COOKIE)
        match unwrap_or_failure(await use_cases.complete_authorization(state, code, browser, refusal)):
            case Connected(integration_id=id, return_to=address, lost=lost):
                return _on_to(with_query(address, integrationId=str(id), **_named(lost)))
            case RoundRefused(error=error, return_to=return_to, lost=lost):
                return _on_to(with_query(return_to or home, error=error.value, **_named(lost)))
            case other:
                assert_never(other)

    return [Route(f"{COOKIE_PATH}/start", start), Route(f"{COOKIE_PATH}/callback", callback)]


def _named(lost: Sequence[AdministrationId]) -> dict[str, str]:
    """By their ids: a name has no place in an address."""
    return {"lost": ",".join(map(str, lost))} if lost else {}


def _on_to(address: str) -> RedirectResponse:
    return RedirectResponse(
        address, status_code=303, headers={"cache-control": "no-store", "referrer-policy": "no-referrer"}
    )


def _parameter(request: Request, name: str) -> str | None:
    """None where it is missing, given twice (RFC 6749, section 3.1), or cannot be one."""
    values = request.query_params.getlist(name)
    return values[0] if len(values) == 1 and 0 < len(values[0]) <= LONGEST_PARAMETER else None
