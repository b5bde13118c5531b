"""Running the sandbox with uvicorn."""

import uvicorn
from starlette.applications import Starlette

from octopus_sandbox.app import create_app
from octopus_sandbox.settings import SandboxSettings
from octopus_sandbox.transmission import ResettableProtocol


def configuration(app: Starlette, host: str, port: int) -> uvicorn.Config:
    """No access log: it would hold authorisation codes."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=ResettableProtocol,
        access_log=False,
        log_level="error",
        server_header=False,
        timeout_graceful_shutdown=3,
    )


def serve(settings: SandboxSettings) -> None:
    """Serve until SIGTERM or SIGINT. The books of large dossiers are made before the first request."""
    app = create_app(settings)
    if settings.lines > 100_000:
        for dossier in app.state.sandbox.generated_dossiers[: settings.dossiers]:
            app.state.sandbox.warm(dossier)
    uvicorn.Server(configuration(app, settings.host, settings.port)).run()
