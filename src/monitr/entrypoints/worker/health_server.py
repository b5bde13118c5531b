"""``/livez``, ``/readyz`` and ``/metrics`` of a worker or a scheduler, on a port of its own where one is set."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from monitr.installation import CannotStart
from monitr.settings import Settings

if TYPE_CHECKING:
    from monitr.entrypoints.http.health import MetricsPage, ReadinessCheck

_GRACE_SECONDS = 1


@asynccontextmanager
async def health_server(
    settings: Settings,
    port: int | None,
    setting: str,
    checks: "Mapping[str, ReadinessCheck]",
    metrics: "MetricsPage",
) -> AsyncIterator[None]:
    """It answers while the context is open. Raises CannotStart, naming ``setting``, where the port is taken."""
    if port is None:
        yield
        return
    import uvicorn  # here: without a port none of it is needed
    from starlette.applications import Starlette

    from monitr.entrypoints.http.health import health_routes

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Signals are the worker's business."""
            yield

    listener = _listener(settings.http_host, port, setting)
    app = Starlette(routes=health_routes(checks, metrics))
    server = Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="health")
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)


def _listener(host: str, port: int, setting: str) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise CannotStart(f"Nothing can listen on {host}, port {port} ({setting}): {error.strerror}.") from error
