"""The OAuth side of the other Octopus: log in, consent, codes that work once, tokens that run out (octopus.md 1.2)."""

import base64
import hashlib
import html
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID = "5b0c6e1e-house-of-software"
PAGE = "<!doctype html><title>Octopus</title><h1>{title}</h1><form method='post' action='{action}'>{fields}</form>"


@dataclass
class Login:
    user: str
    password: str
    dossiers: list[int]
    access_seconds: float = 600
    tells_expiry: bool = True
    rotates: bool = False
    consented: bool = False
    revoked: bool = False


@dataclass
class Code:
    login: Login
    until: float
    challenge: str | None


@dataclass
class SignIn:
    logins: dict[str, Login] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    sessions: dict[str, Login] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, tuple[Login, float]] = field(default_factory=dict)
    refresh: dict[str, Login] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    refreshes: int = 0
    code_seconds: float = 300
    is_down: bool = False

    def routes(self) -> list[Route]:
        return [
            Route("/aanmelden/toestaan", self.authorise, methods=["GET"]),
            Route("/aanmelden/wie", self.log_in, methods=["POST"]),
            Route("/aanmelden/akkoord", self.consent, methods=["POST"]),
            Route("/aanmelden/sleutel", self.token, methods=["POST"]),
        ]

    def add(self, login: Login) -> Login:
        self.logins[login.user] = login
        return login

    def who(self, access_token: str | None) -> Login | None:
        login, until = self.access.get(access_token or "", (None, 0.0))
        return login if login and time.monotonic() < until and not login.revoked else None

    # --- pages ---------------------------------------------------------------------------------------------------

    async def authorise(self, request: Request) -> Response:
        query = dict(request.query_params)
        wanted = {"scope": "webservice", "response_type": "code", "client_id": CLIENT_ID}
        if any(query.get(name) != value for name, value in wanted.items()) or not query.get("redirect_uri"):
            self.complaints.append(f"authorise: {query}")
            return PlainTextResponse("Unknown software house or redirect address", 400)
        asked = secrets.token_hex(8)
        self.asked[asked] = query
        fields = "<input name='gebruiker'><input name='wachtwoord' type='password'><button>Aanmelden</button>"
        return self._page("Aanmelden", "/aanmelden/wie", asked, fields)

    async def log_in(self, request: Request) -> Response:
        form = await _form(request)
        login = self.logins.get(form.get("gebruiker", ""))
        if login is None or login.password != form.get("wachtwoord"):
            return HTMLResponse("Onbekende gebruiker", 401)
        session = secrets.token_hex(8)
        self.sessions[session] = login
        if login.consented:
            return self._back_with_code(form["asked"], login)
        fields = "<button name='keuze' value='ja'>Toestaan</button><button name='keuze' value='nee'>Weigeren</button>"
        page = self._page("Toestemming", "/aanmelden/akkoord", form["asked"], fields)
        page.set_cookie("aanmelding", session, path="/aanmelden", httponly=True)
        return page

    async def consent(self, request: Request) -> Response:
        form = await _form(request)
        login = self.sessions.get(request.cookies.get("aanmelding", ""))
        if login is None:
            return HTMLResponse("Niet aangemeld", 401)
        if form.get("keuze") != "ja":
            return self._back(form["asked"], error="access_denied")
        login.consented = True
        login.revoked = False
        return self._back_with_code(form["asked"], login)

    def _page(self, title: str, action: str, asked: str, fields: str) -> HTMLResponse:
        hidden = f"<input type='hidden' name='asked' value='{html.escape(asked)}'>"
        return HTMLResponse(PAGE.format(title=title, action=action, fields=hidden + fields))

    def _back_with_code(self, asked: str, login: Login) -> Response:
        code = secrets.token_urlsafe(12)
        challenge = self.asked[asked].get("code_challenge")
        self.codes[code] = Code(login, time.monotonic() + self.code_seconds, challenge)
        return self._back(asked, code=code)

    def _back(self, asked: str, **answer: str) -> Response:
        query = self.asked.pop(asked)
        if "state" in query:
            answer["state"] = query["state"]
        joint = "&" if "?" in query["redirect_uri"] else "?"
        return RedirectResponse(query["redirect_uri"] + joint + urlencode(answer), 302)

    # --- tokens --------------------------------------------------------------------------------------------------

    async def token(self, request: Request) -> Response:
        if self.is_down:
            return HTMLResponse("<h1>Onderhoud</h1>", 503)
        form = await _form(request)
        if form.get("client_id") != CLIENT_ID:
            return JSONResponse({"error": "invalid_client"}, 400)
        match form.get("grant_type"):
            case "authorization_code":
                code = self.codes.pop(form.get("code", ""), None)
                if code is None or time.monotonic() > code.until or not _verified(code, form.get("code_verifier")):
                    return JSONResponse({"error": "invalid_grant", "error_description": "code"}, 400)
                return self._grant(code.login, None)
            case "refresh_token":
                self.refreshes += 1
                login = self.refresh.get(form.get("refresh_token", ""))
                if login is None or login.revoked:
                    return JSONResponse({"error": "invalid_grant"}, 400)
                return self._grant(login, form["refresh_token"])
            case other:
                self.complaints.append(f"grant_type {other}")
                return JSONResponse({"error": "unsupported_grant_type"}, 400)

    def _grant(self, login: Login, presented: str | None) -> Response:
        access = f"at.{secrets.token_urlsafe(30)}"
        self.access[access] = (login, time.monotonic() + login.access_seconds)
        answer: dict[str, object] = {"access_token": access, "token_type": "bearer", "scope": "webservice", "extra": {}}
        if login.tells_expiry:
            answer["expires_in"] = int(login.access_seconds)
        if presented is None or login.rotates:
            fresh = f"rt.{secrets.token_urlsafe(30)}"
            self.refresh[fresh] = login
            answer["refresh_token"] = fresh
            if presented:
                del self.refresh[presented]
        return JSONResponse(answer)


def _verified(code: Code, verifier: str | None) -> bool:
    if code.challenge is None:
        return True
    digest = hashlib.sha256((verifier or "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == code.challenge


async def _form(request: Request) -> dict[str, str]:
    body = (await request.body()).decode()
    return {name: values[-1] for name, values in parse_qs(body, keep_blank_values=True).items()}
