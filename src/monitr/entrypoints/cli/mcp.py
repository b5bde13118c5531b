"""``monitr mcp``: the read operations as tools for agents."""

import asyncio
import os
from typing import Annotated

import structlog
import typer

from monitr.entrypoints.cli.logs import configure_logs
from monitr.entrypoints.cli.outcome import on_database, refuse, refusing, settings_or_refuse
from monitr.settings import TOKEN, Settings

logger = structlog.get_logger(__name__)

PORT = 8001


def mcp(
    http: Annotated[bool, typer.Option("--http", help="Serve streamable HTTP in place of standard input.")] = False,
    host: Annotated[str, typer.Option(help="With --http: where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="With --http: the port.")] = PORT,
) -> None:
    """Serve the read operations to agents by the Model Context Protocol.

    Over standard input and output, for the user of the token in MONITR_TOKEN; with --http at /mcp, for the user of the
    bearer token that each request brings. Logs go to standard error.
    """
    settings = settings_or_refuse()
    configure_logs("mcp", settings.log_format, quiet=not http)
    try:
        from monitr.entrypoints.mcp.server import NotAdmitted
    except ModuleNotFoundError as missing:
        if missing.name not in ("mcp", "mcp_types"):
            raise
        refuse("The SDK of the Model Context Protocol is not installed: pip install 'monitr[mcp]'.")
    with on_database(settings, current=True) as address, refusing(NotAdmitted):
        if http:
            asyncio.run(_serve_http(settings, address, host, port))
        else:
            asyncio.run(_serve_stdio(settings, address))


async def _serve_stdio(settings: Settings, database: str) -> None:
    from monitr.entrypoints.cli.serving import http_dependencies
    from monitr.entrypoints.graphql.execution.progress_hub import ProgressHub
    from monitr.entrypoints.http.admission import Admission
    from monitr.entrypoints.http.app import services_of
    from monitr.entrypoints.http.rate_limit import RateLimit
    from monitr.entrypoints.mcp.stdio import TokenOfProcess, serve_stdio

    async with http_dependencies(settings, database, "mcp") as dependencies:
        admission = Admission(dependencies.verify_token, RateLimit(settings.rate_limit))
        services = services_of(dependencies, ProgressHub(dependencies.progress))
        await serve_stdio(TokenOfProcess(services, admission, os.environ.get(TOKEN)))


async def _serve_http(settings: Settings, database: str, host: str, port: int) -> None:
    """Until SIGTERM or Ctrl-C. Raises CannotStart where the port is taken."""
    from monitr.entrypoints.cli.serving import GRACE_SECONDS, http_dependencies, leave_out_what_stays, watched
    from monitr.entrypoints.http.door import Server, server_config
    from monitr.entrypoints.mcp.http import PATH, create_mcp_app
    from monitr.entrypoints.worker.health_server import listening
    from monitr.entrypoints.worker.stop_signals import stop_on_signal

    listener = listening(host, port, "The MCP server cannot", "--host, --port")
    with stop_on_signal() as stop:
        async with http_dependencies(settings, database, "mcp") as dependencies:
            app = create_mcp_app(dependencies)
            leave_out_what_stays()
            server = Server(server_config(app, grace_seconds=GRACE_SECONDS))
            async with watched(server, stop, None):
                logger.info("mcp_ready", listens=host, port=listener.getsockname()[1], path=PATH)
                await server.serve(sockets=[listener])
