"""``/livez``, ``/readyz`` and ``/metrics`` of a worker or a scheduler, on a port of its own where one is set."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from monitr.bootstrap.metrics import metrics_page
from monitr.bootstrap.ports import Ports
from monitr.installation import CannotStart, database_check

if TYPE_CHECKING:
    from monitr.entrypoints.http.health import ReadinessCheck

_GRACE_SECONDS = 1


@asynccontextmanager
async def health_server(of: Ports, port: int | None, setting: str, **checks: "ReadinessCheck") -> AsyncIterator[None]:
    """It answers while the context is open; ``checks`` are those beside the database's. Raises CannotStart, naming
    ``setting``, where the port is taken."""
    if port is None:
        yield
        return
    from starlette.applications import Starlette  # here: without a port none of it is needed

    from monitr.entrypoints.http import door
    from monitr.entrypoints.http.health import health_routes

    class Server(door.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Signals are the worker's business."""
            yield

    listener = listening(of.settings.http_host, port, "Nothing can", setting)
    routes = health_routes(
        {"database": database_check(of.engine), **checks},
        metrics_page(of, with_figures=False),
        of.settings.metrics_bearer,
    )
    server = Server(door.server_config(Starlette(routes=routes), grace_seconds=_GRACE_SECONDS, lifespan=False))
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="health")
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)


def listening(host: str, port: int, who_cannot: str, setting: str) -> socket.socket:
    """Raises CannotStart where the address is not ours or the port is taken: ``who_cannot`` begins its sentence."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server(address[:2], family=family)
        # Inherited by each connection. asyncio does it for sockets that it has made itself only; without it head and
        # body of an answer are 40 ms apart, which is how long the other side delays its acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        reason, repair = _WHY_NOT.get(error.errno or 0, _NO_SUCH_HOST)
        problem = f"{who_cannot} listen on {host}, port {port} ({setting}), since {reason}"
        raise CannotStart(problem, repair) from error


_NO_SUCH_HOST = ("this machine has no such address", "set the host to 127.0.0.1, 0.0.0.0 or an address of this machine")
_WHY_NOT = {
    errno.EADDRINUSE: ("another program does", "stop that one, or set another port"),
    errno.EACCES: ("this user may not", "set a port of 1024 or more"),
}
