"""The HTTP app: every address of ``tests/contract/operations.md``, and what stands before all of them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from prometheus_client import generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ExceptionHandler

from monitr.application.follow_import import FollowImport, FollowImports
from monitr.application.reading.places import Places
from monitr.application.reading.reading import opening
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.graphql.execution.context import Services
from monitr.entrypoints.graphql.execution.observation import observed_operations
from monitr.entrypoints.graphql.execution.progress_hub import ProgressHub
from monitr.entrypoints.graphql.schema import create_schema
from monitr.entrypoints.http.admission import Admission
from monitr.entrypoints.http.body_limit import BodyTime
from monitr.entrypoints.http.compression import Compression
from monitr.entrypoints.http.dependencies import HttpDependencies
from monitr.entrypoints.http.exports.endpoint import PATH as EXPORTS
from monitr.entrypoints.http.exports.endpoint import ExportEndpoint
from monitr.entrypoints.http.graphql_endpoint import GraphQLEndpoint
from monitr.entrypoints.http.health import health_routes
from monitr.entrypoints.http.json_errors import not_allowed, refusal
from monitr.entrypoints.http.metrics import http_metrics
from monitr.entrypoints.http.oauth_pages import oauth_routes
from monitr.entrypoints.http.pages import page_routes
from monitr.entrypoints.http.rate_limit import RateLimit
from monitr.entrypoints.http.reader import language_of
from monitr.entrypoints.http.request_log import RequestLog
from monitr.entrypoints.http.security_headers import STRICT, SecurityHeaders

FRONTEND_HEADERS = frozenset(
    {
        "authorization",
        "content-type",
        "x-request-id",
        "traceparent",
        "tracestate",
        "baggage",
        "sentry-trace",
        "apollographql-client-name",
        "apollographql-client-version",
        "apollo-require-preflight",
        "x-apollo-operation-id",
        "x-apollo-operation-name",
        "graphql-client-name",
        "graphql-client-version",
        "graphql-require-preflight",
    }
)
"""What the clients and tracers of front ends send from other origins. None is trusted for anything but a trace."""


def services_of(dependencies: HttpDependencies, progress: ProgressHub) -> Services:
    """What an operation needs, wherever it comes from."""
    settings = dependencies.settings
    places = Places()
    open_reading = opening(dependencies.readers, places)
    return Services(
        dependencies.use_cases,
        open_reading,
        FollowImport(open_reading, progress),
        FollowImports(progress),
        dependencies.clock,
        settings.public_url,
        dependencies.next_scheduled_import,
        settings.stale_after,
        dependencies.daily_maxima,
        settings.request_deadline,
        places=places,
    )


def create_app(dependencies: HttpDependencies) -> Starlette:
    """Serve it with ``door.server_config``."""
    settings = dependencies.settings
    progress = ProgressHub(dependencies.progress, changes=dependencies.run_changes)
    services = services_of(dependencies, progress)
    metrics = http_metrics(dependencies.registry)
    admission = Admission(dependencies.verify_token, RateLimit(settings.rate_limit))
    endpoint = GraphQLEndpoint(
        create_schema(
            introspection=settings.graphiql,
            observed=observed_operations(metrics.operation_seconds, dependencies.open_span),
            trusted=settings.trusted_documents,
            plans=settings.compiled_plans,
        ),
        services,
        admission,
        settings.frontend_origins | {settings.public_url},
        "/graphiql" if settings.graphiql else None,
        metrics.operations,
    )

    exports = ExportEndpoint(
        dependencies.use_cases.export_report,
        dependencies.export_writers,
        admission,
        dependencies.clock,
        services.turns,
        settings.export_deadline,
    )

    async def registered() -> bytes:
        return generate_latest(dependencies.registry)

    routes = [
        Route("/graphql", endpoint),
        WebSocketRoute("/graphql", endpoint),
        Route(EXPORTS, exports),
        *oauth_routes(dependencies.use_cases, settings),
        *health_routes(dependencies.readiness, dependencies.metrics_page or registered, settings.metrics_token),
        *page_routes(settings, dependencies.sign_in),
    ]
    paths = frozenset(route.path for route in routes if isinstance(route, Route))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await progress.close()

    return Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers=IN_WORDS,
        middleware=[
            Middleware(SecurityHeaders, https=settings.public_url.startswith("https:")),
            Middleware(RequestLog, metrics=metrics, routes=paths, open_span=dependencies.open_span),
            Middleware(
                CORSMiddleware,
                allow_origins=sorted(settings.frontend_origins),
                allow_methods=["GET", "POST"],
                allow_headers=sorted(FRONTEND_HEADERS | settings.frontend_headers),
                expose_headers=["content-disposition", "x-request-id", "retry-after"],
                max_age=3600,
            ),
            Middleware(Compression),
            Middleware(BodyTime),
        ],
    )


async def _fault(request: Request, _: Exception) -> Response:
    """Of what stands before ``RequestLog``, which answers for everything else. Starlette calls it outside of all."""
    return refusal(500, ErrorCode.INTERNAL, Sentence.of("error.FAULT"), language_of(request.scope), STRICT)


async def _not_found(request: Request, _: Exception) -> Response:
    return refusal(404, ErrorCode.NOT_FOUND, Sentence.of("error.NOT_FOUND"), language_of(request.scope))


async def _not_allowed(request: Request, error: Exception) -> Response:
    headers: Mapping[str, str] = getattr(error, "headers", None) or {}
    return not_allowed(request, *sorted(headers.get("Allow", "GET, HEAD").split(", ")))


IN_WORDS: dict[int, ExceptionHandler] = {404: _not_found, 405: _not_allowed, 500: _fault}
"""What Starlette itself would answer."""
