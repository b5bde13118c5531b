"""The pages for people: the console, GraphiQL, and the files that they are made of. Nothing comes from elsewhere."""

import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from textwrap import wrap

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from monitr.application.signing_in import FindSignIn, IssuerUnavailable, SignIn
from monitr.entrypoints.graphql.examples import Example, examples
from monitr.entrypoints.http.dependencies import HttpSettings
from monitr.entrypoints.http.security_headers import CONSOLE, GRAPHIQL, for_page
from monitr.entrypoints.http.static_files import ADDRESS, StaticFiles

WIDTH = 60
"""Of a comment in GraphiQL's editor."""
STATIC = Path(str(files("monitr.entrypoints.http") / "static"))
SIGNED_IN = "/signed-in"
"""Where the issuer sends the browser back to, and nobody else: Octopus's rounds end elsewhere."""
CONSOLE_PATHS = ("/", "/integrations", "/audit", "/a/{rest:path}", SIGNED_IN)
"""Which page an address is of, the console says itself (``console/routes.js``): each opens by a link, too."""


def page_routes(settings: HttpSettings, find_sign_in: FindSignIn) -> list[BaseRoute]:
    """The demo token is in the pages only where there is one; GraphiQL is there only where it is switched on."""
    embedding = sorted(settings.embedding_origins)

    files_of_pages = StaticFiles(STATIC)

    async def console(_: Request) -> Response:
        try:
            sign_in = await find_sign_in()
            told = _told(sign_in, settings.public_url) if sign_in else {}
        except IssuerUnavailable:
            sign_in, told = None, {"unavailable": True}
        policy = for_page(CONSOLE, settings.public_url, sign_in.fetched if sign_in else (), embedding)
        return _page("console/index.html", policy, sign_in=_attribute(told), embedding=_attribute(embedding))

    async def graphiql(_: Request) -> Response:
        if not settings.graphiql:
            return PlainTextResponse("GraphiQL is switched off: MONITR_GRAPHIQL=on switches it on.\n", 404)
        return _page("graphiql/index.html", for_page(GRAPHIQL, settings.public_url), examples=_examples())

    def _page(name: str, headers: Mapping[str, str], **more: str) -> Response:
        template = Template((STATIC / name).read_text(encoding="utf-8"))
        html = template.substitute(
            token=escape(settings.demo_token or "", quote=True),
            graphiql="yes" if settings.graphiql else "no",
            **more,
        )
        html = files_of_pages.versioned(html)
        return HTMLResponse(html, headers={**headers, "cache-control": "no-store"})

    return [
        *(Route(path, console) for path in CONSOLE_PATHS),
        Route("/graphiql", graphiql),
        Route(ADDRESS, files_of_pages.serve),
    ]


def _told(sign_in: SignIn, public_url: str) -> dict[str, object]:
    """What ``console/api/oidc.js`` has to know."""
    return {
        "issuer": sign_in.issuer,
        "client_id": sign_in.client_id,
        "scopes": sign_in.scopes,
        "resource": sign_in.resource,
        "authorization_endpoint": sign_in.authorization_endpoint,
        "token_endpoint": sign_in.token_endpoint,
        "revocation_endpoint": sign_in.revocation_endpoint,
        "end_session_endpoint": sign_in.end_session_endpoint,
        "redirect_uri": f"{public_url}{SIGNED_IN}",
        "signed_out_uri": f"{public_url}/",
    }


def _attribute(value: object) -> str:
    return escape(json.dumps(value), quote=True)


@cache
def _examples() -> str:
    """As JSON, safe within a script element: GraphiQL's tabs."""
    tabs = [{"query": _commented(each), "variables": each.variables} for each in examples()]
    return json.dumps(tabs, ensure_ascii=False).replace("<", r"\u003c")


def _commented(example: Example) -> str:
    paragraphs = re.split(r"\n(?=- )", example.about)
    comment = "".join(f"# {line}\n" for paragraph in paragraphs for line in wrap(paragraph, WIDTH))
    return f"{comment}{example.text}\n"
