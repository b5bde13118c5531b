"""Liveness, readiness, and what Prometheus reads."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

log = structlog.get_logger()

ReadinessCheck = Callable[[], Awaitable[str | None]]
"""None where the part is ready, else one sentence that says why not, without secrets. May take its time: it is bounded
by ``READINESS_TIMEOUT``; an exception means not ready and is logged."""

MetricsPage = Callable[[], Awaitable[bytes]]
"""What Prometheus reads, in its text format."""

READINESS_TIMEOUT = 5.0
"""Seconds that one part has to answer."""


def health_routes(checks: Mapping[str, ReadinessCheck], metrics_page: MetricsPage) -> list[Route]:
    async def livez(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readyz(_: Request) -> Response:
        problems = dict(zip(checks, await asyncio.gather(*map(_problem, checks.values())), strict=True))
        ready = not any(problems.values())
        parts = {name: {"ready": problem is None, "problem": problem} for name, problem in problems.items()}
        return JSONResponse(
            {"ready": ready, "parts": parts}, 200 if ready else 503, headers={"cache-control": "no-store"}
        )

    async def metrics(_: Request) -> Response:
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
