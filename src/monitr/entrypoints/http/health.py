"""Liveness, readiness, and what Prometheus reads."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from hmac import compare_digest

import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.http.admission import unauthenticated
from monitr.entrypoints.http.json_errors import refusal
from monitr.entrypoints.http.reader import language_of

log = structlog.get_logger()

ReadinessCheck = Callable[[], Awaitable[str | None]]
"""None where the part is ready, else one sentence that says why not, without hosts and names: anybody may read it. May
take its time: it is bounded by ``READINESS_TIMEOUT``; an exception means not ready and is logged."""

MetricsPage = Callable[[], Awaitable[bytes]]
"""What Prometheus reads, in its text format."""

READINESS_TIMEOUT = 5.0
"""Seconds that one part has to answer."""


def health_routes(
    checks: Mapping[str, ReadinessCheck], metrics_page: MetricsPage, metrics_token: str | None = None
) -> list[Route]:
    """Anybody may ask the first two, which say nothing of use to a stranger; the third, where there is no token."""

    async def livez(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readyz(_: Request) -> Response:
        problems = dict(zip(checks, await asyncio.gather(*map(_problem, checks.values())), strict=True))
        ready = not any(problems.values())
        parts = {name: {"ready": problem is None, "problem": problem} for name, problem in problems.items()}
        return JSONResponse(
            {"ready": ready, "parts": parts}, 200 if ready else 503, headers={"cache-control": "no-store"}
        )

    async def metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode()
        if metrics_token is not None and not compare_digest(given, f"Bearer {metrics_token}".encode()):
            sentence, challenge = unauthenticated(Sentence.of("token.OF_METRICS")), {"www-authenticate": "Bearer"}
            return refusal(401, ErrorCode.UNAUTHENTICATED, sentence, language_of(request.scope), challenge)
        return Response(await metrics_page(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]


async def _problem(check: ReadinessCheck) -> str | None:
    try:
        return await asyncio.wait_for(check(), READINESS_TIMEOUT)
    except TimeoutError:
        return f"It did not answer within {READINESS_TIMEOUT:g} seconds."
    except Exception:
        log.warning("readiness.failed", exc_info=True)
        return "It cannot be reached."
