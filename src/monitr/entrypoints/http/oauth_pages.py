"""The two addresses of an OAuth round that a browser visits: our start page and Octopus's way back.

The start page is looked at as often as anybody likes; only the form on it does something (decision 22).
"""

import re
from collections.abc import Sequence
from typing import assert_never
from urllib.parse import urlsplit

from returns.methods import unwrap_or_failure
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitr.application.complete_authorization import Connected
from monitr.application.decline_authorization import RoundDeclined
from monitr.application.return_addresses import origin_of, with_query
from monitr.application.show_authorization import RoundOffered
from monitr.application.start_authorization import RoundRefused, RoundStarted
from monitr.application.use_cases import UseCases
from monitr.domain.authorization import AUTHORIZATION_LIFETIME, CallbackError
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.http.authorise_page import closed_page, not_from_page, offered_page
from monitr.entrypoints.http.dependencies import HttpSettings
from monitr.entrypoints.http.page_forms import PageForms, form_of

COOKIE = "monitr_oauth"
COOKIE_PATH = "/oauth/octopus"
AUTHORISE, REFUSE = "authorise", "refuse"
"""What the buttons of the page decide."""
_IDENTITY = re.compile(r"[\w-]{20,100}", re.ASCII)
LONGEST_PARAMETER = 4096
"""Characters; whatever is longer was not sent by Octopus, nor by us."""


def oauth_routes(use_cases: UseCases, settings: HttpSettings) -> list[Route]:
    home = f"{settings.public_url}/"
    secure = urlsplit(settings.public_url).scheme == "https"

    forms = PageForms(origin_of(settings.public_url) or "", settings.form_key)

    async def start(request: Request) -> Response:
        ticket = _parameter(request, "ticket") or ""
        match unwrap_or_failure(await use_cases.show_authorization(ticket, _browser(request))):
            case RoundOffered() as offered:
                return offered_page(request, offered, ticket, forms.token(ticket))
            case RoundRefused() as refused:
                return closed_page(request, refused)
            case other:
                assert_never(other)

    async def clicked(request: Request) -> Response:
        """Without a decision it is the first button's: that is what a form does that is sent by no button."""
        form = await form_of(request)
        ticket, decision = form.get("ticket", ""), form.get("decision", AUTHORISE)
        if decision not in (AUTHORISE, REFUSE) or not forms.accepts(request.headers, ticket, form.get("token", "")):
            return not_from_page(request)
        decide = authorised if decision == AUTHORISE else refused
        return await decide(request, ticket, _browser(request))

    async def authorised(request: Request, ticket: str, browser: str | None) -> Response:
        match unwrap_or_failure(await use_cases.start_authorization(ticket, browser)):
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
            case RoundRefused() as closed:
                return closed_page(request, closed)
            case other:
                assert_never(other)

    async def refused(request: Request, ticket: str, browser: str | None) -> Response:
        match unwrap_or_failure(await use_cases.decline_authorization(ticket, browser)):
            case RoundDeclined(return_to=return_to):
                return _on_to(with_query(return_to, error=CallbackError.ACCESS_DENIED.value))
            case RoundRefused() as closed:
                return closed_page(request, closed)
            case other:
                assert_never(other)

    async def callback(request: Request) -> Response:
        """An answer with ``error`` has no code: whatever Octopus's reason, nothing was granted."""
        refusal = _parameter(request, "error")
        code = None if refusal is not None else _parameter(request, "code")
        state, browser = _parameter(request, "state"), _browser(request)
        issuer = _parameter(request, "iss") or "" if "iss" in request.query_params else None
        match unwrap_or_failure(await use_cases.complete_authorization(state, code, browser, refusal, issuer)):
            case Connected(integration_id=id, return_to=address, lost=lost):
                return _on_to(with_query(address, integrationId=str(id), **_named(lost)))
            case RoundRefused(error=error, return_to=return_to, lost=lost):
                return _on_to(with_query(return_to or home, error=error.value, **_named(lost)))
            case other:
                assert_never(other)

    return [
        Route(f"{COOKIE_PATH}/start", start, methods=["GET"]),
        Route(f"{COOKIE_PATH}/start", clicked, methods=["POST"]),
        Route(f"{COOKIE_PATH}/callback", callback, methods=["GET"]),
    ]


def _browser(request: Request) -> str | None:
    """The cookie, where it is one of ours: it goes back as it came."""
    cookie = request.cookies.get(COOKIE, "")
    return cookie if _IDENTITY.fullmatch(cookie) else None


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
