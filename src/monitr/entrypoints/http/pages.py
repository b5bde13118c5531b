"""The pages for people: the console, GraphiQL, and the files that they are made of. Nothing comes from elsewhere."""

import json
import re
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from textwrap import wrap

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from monitr.entrypoints.graphql.examples import Example, examples
from monitr.entrypoints.http.dependencies import HttpSettings
from monitr.entrypoints.http.security_headers import CONSOLE, GRAPHIQL, for_page
from monitr.entrypoints.http.static_files import ADDRESS, StaticFiles

WIDTH = 60
"""Of a comment in GraphiQL's editor."""
STATIC = Path(str(files("monitr.entrypoints.http") / "static"))


def page_routes(settings: HttpSettings) -> list[BaseRoute]:
    """The demo token is in the pages only where there is one; GraphiQL is there only where it is switched on."""

    files_of_pages = StaticFiles(STATIC)

    async def console(_: Request) -> Response:
        return _page("console/index.html", CONSOLE)

    async def graphiql(_: Request) -> Response:
        if not settings.graphiql:
            return PlainTextResponse("GraphiQL is switched off: MONITR_GRAPHIQL=on switches it on.\n", 404)
        return _page("graphiql/index.html", GRAPHIQL, examples=_examples())

    def _page(name: str, policy: str, **more: str) -> Response:
        template = Template((STATIC / name).read_text(encoding="utf-8"))
        html = template.substitute(
            token=escape(settings.demo_token or "", quote=True),
            graphiql="yes" if settings.graphiql else "no",
            **more,
        )
        html = files_of_pages.versioned(html)
        return HTMLResponse(html, headers={**for_page(policy, settings.public_url), "cache-control": "no-store"})

    return [
        Route("/", console),
        Route("/graphiql", graphiql),
        Route(ADDRESS, files_of_pages.serve),
    ]


@cache
def _examples() -> str:
    """As JSON, safe within a script element: GraphiQL's tabs."""
    tabs = [{"query": _commented(each), "variables": each.variables} for each in examples()]
    return json.dumps(tabs, ensure_ascii=False).replace("<", r"\u003c")


def _commented(example: Example) -> str:
    paragraphs = re.split(r"\n(?=- )", example.about)
    comment = "".join(f"# {line}\n" for paragraph in paragraphs for line in wrap(paragraph, WIDTH))
    return f"{comment}{example.text}\n"
