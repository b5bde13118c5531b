"""The pages for people: the console, GraphiQL, and the files that they are made of. Nothing comes from elsewhere."""

from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from monitr.entrypoints.http.dependencies import HttpSettings
from monitr.entrypoints.http.security_headers import CONSOLE, GRAPHIQL, for_page

STATIC = Path(str(files("monitr.entrypoints.http") / "static"))


def page_routes(settings: HttpSettings) -> list[BaseRoute]:
    """The demo token is in the pages only where there is one; GraphiQL is there only where it is switched on."""

    async def console(_: Request) -> Response:
        return _page("console/index.html", CONSOLE)

    async def graphiql(_: Request) -> Response:
        if not settings.graphiql:
            return PlainTextResponse("GraphiQL is switched off: MONITR_GRAPHIQL=on switches it on.\n", 404)
        return _page("graphiql/index.html", GRAPHIQL)

    def _page(name: str, policy: str) -> Response:
        template = Template((STATIC / name).read_text(encoding="utf-8"))
        html = template.substitute(
            token=escape(settings.demo_token or "", quote=True), graphiql="yes" if settings.graphiql else "no"
        )
        return HTMLResponse(html, headers={**for_page(policy, settings.public_url), "cache-control": "no-store"})

    return [
        Route("/", console),
        Route("/graphiql", graphiql),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
    ]
