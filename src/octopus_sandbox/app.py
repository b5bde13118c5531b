"""The sandbox as a web application."""

from starlette.applications import Starlette
from starlette.middleware import Middleware

from octopus_sandbox import api
from octopus_sandbox.answers.dates import Dated
from octopus_sandbox.clock import Clock
from octopus_sandbox.control.control import Control
from octopus_sandbox.oauth.server import OAuth
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.settings import SandboxSettings
from octopus_sandbox.truth import endpoints


def create_app(settings: SandboxSettings, clock: Clock | None = None, *, in_threads: bool = True) -> Starlette:
    """A sandbox of its own; `app.state.sandbox` reaches its dossiers, clock, switches and faults."""
    sandbox = Sandbox(settings, clock, in_threads=in_threads)
    routes = [
        *OAuth(sandbox).routes(),
        *api.Api(sandbox).routes(),
        *Control(sandbox).routes(),
        *endpoints.routes(sandbox),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Dated, sandbox=sandbox)])
    app.state.sandbox = sandbox
    return app
