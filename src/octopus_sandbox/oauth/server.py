"""The OAuth server: login and consent in the browser, then codes and tokens (octopus.md 1.2)."""

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from octopus_sandbox.answers.answer import Answer
from octopus_sandbox.answers.spool import Content
from octopus_sandbox.answers.transmission import Transmission
from octopus_sandbox.answers.wire import Element, encoded
from octopus_sandbox.oauth.login_pages import consent_page, error_page, login_page
from octopus_sandbox.oauth.tokens import ACCESS_LIFE, Grant
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.switches import Consent, Pkce
from octopus_sandbox.trouble.faults import INSTEAD, FaultKind
from octopus_sandbox.trouble.spoiling import spoiled

PREFIX = "/octopus-oauth"
_NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@dataclass(slots=True)
class _Round:
    """One visit of a browser, from the authorise address to the redirect."""

    redirect_uri: str
    state: str | None
    challenge: str | None
    issuer: str | None
    login: str | None = None


class OAuth:
    """Rounds are carried in a hidden field of the forms: no cookie is set anywhere."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._rounds: dict[str, _Round] = {}

    def routes(self) -> list[Route]:
        return [
            Route(f"{PREFIX}/authorize", self._authorize, methods=["GET"]),
            Route(f"{PREFIX}/login", self._log_in, methods=["POST"]),
            Route(f"{PREFIX}/consent", self._consent, methods=["POST"]),
            Route(f"{PREFIX}/token", self._token, methods=["POST"]),
        ]

    async def _authorize(self, request: Request) -> Response | Transmission:
        fault = self._sandbox.faults.take("authorize")
        if fault is not None:
            clock = self._sandbox.clock
            return Transmission(spoiled(fault, Answer(200, Content(b"{}")), "authorize", clock), clock, fault)
        query = request.query_params
        problem = self._problem(dict(query))
        if problem:
            return _html(error_page(problem), 400)
        id = self._sandbox.tokens.drawn(16)
        issuer = str(request.base_url).rstrip("/") if self._sandbox.switches.issuer else None
        self._rounds[id] = _Round(query["redirect_uri"], query.get("state"), query.get("code_challenge"), issuer)
        return _html(login_page(id))

    def _problem(self, query: dict[str, str]) -> str | None:
        """Why an authorise request cannot be served; None where it can."""
        pkce = self._sandbox.switches.pkce
        target = urlsplit(query.get("redirect_uri", ""))
        if query.get("client_id") != self._sandbox.settings.client_id:
            return "This software house id (client_id) is not known."
        if target.scheme not in ("http", "https") or not target.netloc:
            return "The redirect_uri is missing or not an absolute address."
        if query.get("response_type") != "code" or query.get("scope") != "webservice":
            return "response_type has to be code, scope has to be webservice."
        if pkce is Pkce.REQUIRED and not query.get("code_challenge"):
            return "A PKCE code_challenge is required."
        if pkce is not Pkce.IGNORED and query.get("code_challenge_method", "S256") != "S256":
            return "The code_challenge_method has to be S256."
        return None

    async def _log_in(self, request: Request) -> Response:
        form = await _form(request)
        id = form.get("round", "")
        held = self._rounds.get(id)
        if held is None:
            return _html(error_page("This login has ended. Start again from your software."), 400)
        login = self._sandbox.logins.get(form.get("user", ""))
        if login is None or login.password != form.get("password"):
            return _html(login_page(id, "User or password is wrong."), 401)
        held.login = login.name
        if login.consented and self._sandbox.switches.consent is Consent.FIRST_TIME:
            return self._redirect(id, held)
        cards = [
            card for card in self._sandbox.cards(login.name) if not card.disabled and card.id not in login.disabled
        ]
        return _html(consent_page(id, self._sandbox.settings.client_id, login.name, [card.name for card in cards]))

    async def _consent(self, request: Request) -> Response:
        form = await _form(request)
        id = form.get("round", "")
        held = self._rounds.get(id)
        if held is None or held.login is None:
            return _html(error_page("This login has ended. Start again from your software."), 400)
        if form.get("decision") != "authorise":
            del self._rounds[id]
            return _redirect(held, {"error": "access_denied"})
        self._sandbox.logins[held.login].consented = True
        return self._redirect(id, held)

    def _redirect(self, id: str, held: _Round) -> Response:
        del self._rounds[id]
        challenge = None if self._sandbox.switches.pkce is Pkce.IGNORED else held.challenge
        code = self._sandbox.tokens.code(held.login or "", held.redirect_uri, challenge)
        return _redirect(held, {"code": code})

    async def _token(self, request: Request) -> Transmission:
        fault = self._sandbox.faults.take("token")
        form = await _form(request)
        reached = fault is None or fault.reached or fault.kind not in INSTEAD
        answer = self._granted(form, _basic_secret(request)) if reached else Answer(502, Content(b""), None)
        if fault is not None and fault.kind is not FaultKind.TOKEN_EXPIRED:
            answer = spoiled(fault, answer, "token", self._sandbox.clock)
        return Transmission(answer, self._sandbox.clock, fault)

    def _granted(self, form: dict[str, str], basic: tuple[str, str] | None) -> Answer:
        client, secret = basic or (form.get("client_id"), form.get("client_secret"))
        settings, switches = self._sandbox.settings, self._sandbox.switches
        if client != settings.client_id:
            return _error("invalid_client", 401)
        if switches.secret_required and (not secret or settings.client_secret not in (None, secret)):
            return _error("invalid_client", 401)
        match form.get("grant_type"):
            case "authorization_code":
                grant = self._sandbox.tokens.redeem(form.get("code", ""))
                if grant is None or not self._verified(grant, form.get("code_verifier")):
                    return _error("invalid_grant")
                return self._tokens(grant.login, self._sandbox.tokens.refresh(grant.login))
            case "refresh_token":
                token = form.get("refresh_token", "")
                grant = self._sandbox.tokens.of_refresh(token)
                if grant is None:
                    return _error("invalid_grant")
                return self._tokens(grant.login, self._sandbox.tokens.rotated(token, switches.rotation))
            case _:
                return _error("unsupported_grant_type")

    def _verified(self, grant: Grant, verifier: str | None) -> bool:
        """Whether the verifier belongs to the challenge of the authorise request (RFC 7636, S256)."""
        if grant.challenge is None:
            return self._sandbox.switches.pkce is not Pkce.REQUIRED
        digest = hashlib.sha256((verifier or "").encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=") == grant.challenge

    def _tokens(self, login: str, refresh: str | None) -> Answer:
        body: Element = {"access_token": self._sandbox.tokens.access(login), "token_type": "Bearer"}
        if self._sandbox.switches.expires_in:
            body["expires_in"] = int(ACCESS_LIFE.total_seconds())
        if refresh is not None:
            body["refresh_token"] = refresh
        return Answer(200, Content(encoded(body)))


def _redirect(held: _Round, parameters: dict[str, str]) -> Response:
    if held.state is not None:
        parameters["state"] = held.state
    if held.issuer is not None:
        parameters["iss"] = held.issuer
    target = urlsplit(held.redirect_uri)
    query = "&".join(part for part in (target.query, urlencode(parameters)) if part)
    return RedirectResponse(urlunsplit(target._replace(query=query)), 303, headers=_NO_STORE)


def _error(code: str, status: int = 400) -> Answer:
    """An OAuth error (RFC 6749 5.2); Octopus's own are not known."""
    return Answer(status, Content(encoded({"error": code, "error_description": code.replace("_", " ")})))


def _basic_secret(request: Request) -> tuple[str, str] | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    client, _, secret = base64.b64decode(value).decode().partition(":")
    return client, secret


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def _html(page: str, status: int = 200) -> Response:
    return HTMLResponse(page, status, headers=_NO_STORE)
