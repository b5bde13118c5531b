"""Running the sandbox with uvicorn."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

from octopus_sandbox.answers.connection import ResettableProtocol
from octopus_sandbox.app import create_app
from octopus_sandbox.settings import SandboxSettings

_MADE_AHEAD = 100_000
"""Lines: smaller books are made when they are first opened, in a second or two."""


def configuration(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    """No access log: it would hold authorisation codes. No Date of uvicorn's: the sandbox has a clock of its own."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=ResettableProtocol,
        interface="asgi3",
        access_log=False,
        log_config=None,  # uvicorn's own would take its loggers away from whoever else is in the process
        log_level="error",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=3,
    )


def serve(settings: SandboxSettings) -> None:
    """Serve until SIGTERM or SIGINT. The books of large dossiers are made before the first request."""
    with suppress(KeyboardInterrupt):
        app = create_app(settings)
        if settings.lines > _MADE_AHEAD:
            for dossier in app.state.sandbox.generated_dossiers[: settings.dossiers]:
                app.state.sandbox.warm(dossier)
        _Server(configuration(app, settings.host, settings.port)).run()


class _Server(uvicorn.Server):
    """uvicorn raises the signal that ended it once more; this one just ends."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
