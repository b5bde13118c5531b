"""Over streamable HTTP: each request is a call of its own with its own token, without sessions and without streams."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from monitr.entrypoints.graphql.execution.context import Connection, Services
from monitr.entrypoints.graphql.execution.progress_hub import ProgressHub
from monitr.entrypoints.graphql.schema import create_schema
from monitr.entrypoints.http.admission import Admission
from monitr.entrypoints.http.app import IN_WORDS, services_of
from monitr.entrypoints.http.body_limit import BodyLimit, BodyTime
from monitr.entrypoints.http.dependencies import HttpDependencies
from monitr.entrypoints.http.json_errors import not_allowed
from monitr.entrypoints.http.metrics import http_metrics
from monitr.entrypoints.http.rate_limit import RateLimit
from monitr.entrypoints.http.reader import language_of
from monitr.entrypoints.http.request_log import RequestLog, request_id_of
from monitr.entrypoints.http.security_headers import SecurityHeaders
from monitr.entrypoints.mcp.server import Context, ReadTools, create_server

PATH = "/mcp"
CONNECTION = "monitr.connection"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def create_mcp_app(dependencies: HttpDependencies) -> Starlette:
    """Serve it with ``door.server_config``. What stands before the API stands before this too."""
    settings = dependencies.settings
    progress = ProgressHub(dependencies.progress, changes=dependencies.run_changes)
    admission = Admission(dependencies.verify_token, RateLimit(settings.rate_limit))
    manager = StreamableHTTPSessionManager(
        create_server(ReadTools(create_schema()), _connection),
        json_response=True,
        stateless=True,
        security_settings=_security(settings.public_url),
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with manager.run():
            yield
        await progress.close()

    return Starlette(
        routes=[Route(PATH, _Endpoint(services_of(dependencies, progress), admission, manager.handle_request))],
        lifespan=lifespan,
        exception_handlers=IN_WORDS,
        middleware=[
            Middleware(SecurityHeaders, https=settings.public_url.startswith("https:")),
            Middleware(
                RequestLog,
                metrics=http_metrics(dependencies.registry),
                routes=frozenset({PATH}),
                open_span=dependencies.open_span,
            ),
            Middleware(BodyTime),
        ],
    )


class _Endpoint:
    """Nothing of a request is read before its token is verified and the user's rate is counted."""

    def __init__(self, services: Services, admission: Admission, protocol: ASGIApp) -> None:
        self._services = services
        self._admission = admission
        self._limited = BodyLimit(protocol)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = await self._admit(Request(scope, receive))
        await (refused or self._limited)(scope, receive, send)

    async def _admit(self, request: Request) -> Response | None:
        bearer = await self._admission.admit(request)
        if isinstance(bearer, Response):
            return bearer
        if request.method != "POST":
            return not_allowed(request, "POST")
        id, language = request_id_of(request.scope), language_of(request.scope)
        request.scope[CONNECTION] = Connection(self._services, bearer, id, language=language)
        return None


async def _connection(context: Context) -> Connection:
    request: Request = context.request  # type: ignore[assignment]  # over HTTP there is one
    connection: Connection = request.scope[CONNECTION]
    return connection


def _security(public_url: str) -> TransportSecuritySettings:
    """A name that a stranger's page has rebound to our address is none of ours, and neither is its origin. Ports do
    not matter, since the name is what is rebound."""
    public = urlsplit(public_url)
    host = f"[{public.hostname}]" if ":" in (public.hostname or "") else f"{public.hostname}"
    origins = (f"{public.scheme}://{host}", *(f"http://{name}" for name in LOOPBACK))
    return TransportSecuritySettings(
        allowed_hosts=[form for name in (host, *LOOPBACK) for form in (name, f"{name}:*")],
        allowed_origins=[form for origin in origins for form in (origin, f"{origin}:*")],
    )
