"""``monitr demo``: the whole product on this machine, with invented books."""

import asyncio
import os
import signal
import sys
from typing import Annotated
from uuid import UUID

import typer

from monitr.entrypoints.cli.ahead import import_ahead
from monitr.entrypoints.cli.browser import has_a_person, open_browser
from monitr.entrypoints.cli.demo_folder import NotTheDemos, claim
from monitr.entrypoints.cli.logs import configure_logs
from monitr.entrypoints.cli.outcome import refusing, settings_or_refuse
from monitr.entrypoints.cli.sandbox import refuse_without_sandbox
from monitr.settings import PREFIX, Settings, SettingsError

DEMO_ORGANISATION = UUID("00000000-0000-4000-8000-00000000de30")
SANDBOX_PORT = 8090
_OF_ANOTHER_WORLD = (
    "DATABASE_URL",
    "DATABASE_MIGRATION_URL",
    "DATABASE_BACKUP_URL",
    "BROKER_URL",
    "PUBLIC_URL",
    "OCTOPUS_API_URL",
    "OCTOPUS_AUTHORIZE_URL",
    "OCTOPUS_TOKEN_URL",
    "OCTOPUS_CLIENT_ID",
    "OCTOPUS_CLIENT_SECRET",
    "AUTH_ISSUER",
    "AUTH_AUDIENCE",
    "AUTH_JWKS_URL",
    "AUTH_CLIENT_ID",
)
"""Settings of a real installation that the demo must not touch."""
_OF_THE_DEMO = {"SYNC_COOLDOWN": "0", "GRAPHIQL": "on", "OCTOPUS_DAILY_LIMITS": "off"}
"""Unless the environment has others. Whoever tries everything again and again is not to hear “tomorrow”."""


def demo(
    reset: Annotated[
        bool, typer.Option("--reset", help="Start over: forget everything that the demo has kept.")
    ] = False,
    lines: Annotated[
        int, typer.Option(min=1, help="About how many ledger lines each dossier of the sandbox has.")
    ] = 20_000,
    check: Annotated[
        bool,
        typer.Option("--check", help="Start in an empty folder, import a dossier, verify it, stop: exit code 0 or 1."),
    ] = False,
    browser: Annotated[
        bool | None,
        typer.Option("--browser/--no-browser", help="Open the console. Default: where a person sits at a screen."),
    ] = None,
) -> None:
    """Run the whole product on this machine, with no account and no other server.

    Starts an embedded PostgreSQL, the Octopus sandbox, the API, a worker and the scheduler, with a demo organisation
    and a token for it. Ctrl-C stops everything; what was imported is kept for the next time, in a folder of its own.
    """
    refuse_without_sandbox()
    if check:
        _in_an_empty_folder()
    is_usual = f"{PREFIX}DATA_DIR" not in os.environ
    settings = _demo_settings()
    configure_logs("demo", settings.log_format, quiet=True)
    if browser is None:
        browser = not check and has_a_person(os.environ, is_terminal=sys.stdin.isatty() and sys.stdout.isatty())

    from monitr.installation import CannotStart, bring_up_to_date, database, encryption_keys, erase, kept_auth_secret

    with refusing(CannotStart, SettingsError, NotTheDemos, OSError):
        claim(settings.data_dir, is_usual=is_usual)
        if reset:
            erase(settings)
        os.environ.setdefault(f"{PREFIX}AUTH_SECRET", kept_auth_secret(settings))
        sandbox_port = _choose_ports(settings)
        settings = settings_or_refuse()
        typer.echo("Starting…", err=True)
        import_ahead()
        with database(settings) as address:
            encryption_keys(settings)
            bring_up_to_date(settings, address)
            works = _run(settings, address, sandbox_port, lines, opens_browser=browser, check=check)
    if check:
        raise typer.Exit(0 if works else 1)
    typer.echo("Stopped. What was imported is kept; `monitr demo --reset` starts over.", err=True)


def _demo_settings() -> Settings:
    """The environment becomes the demo's, for this process and its children."""
    for name in _OF_ANOTHER_WORLD:
        os.environ.pop(PREFIX + name, None)
    for name, value in _OF_THE_DEMO.items():
        os.environ.setdefault(PREFIX + name, value)
    if f"{PREFIX}DATA_DIR" not in os.environ:
        os.environ[f"{PREFIX}DATA_DIR"] = str(settings_or_refuse().data_dir / "demo")
    return settings_or_refuse()


def _choose_ports(settings: Settings) -> int:
    """The usual ones, or free ones where those are taken. Returns the sandbox's."""
    from monitr.entrypoints.cli.serving import free_port, port_is_free

    host = "127.0.0.1"
    if not port_is_free(settings.http_host, settings.http_port):
        os.environ[f"{PREFIX}HTTP_PORT"] = str(free_port(settings.http_host))
    sandbox_port = SANDBOX_PORT if port_is_free(host, SANDBOX_PORT) else free_port(host)
    sandbox = f"http://{host}:{sandbox_port}"
    os.environ |= {
        f"{PREFIX}OCTOPUS_API_URL": f"{sandbox}/octopus-rest-api/v1",
        f"{PREFIX}OCTOPUS_AUTHORIZE_URL": f"{sandbox}/octopus-oauth/authorize",
        f"{PREFIX}OCTOPUS_TOKEN_URL": f"{sandbox}/octopus-oauth/token",
        f"{PREFIX}OCTOPUS_CLIENT_ID": "monitr-sandbox",
    }
    return sandbox_port


def _in_an_empty_folder() -> None:
    """Which is gone when this process ends."""
    import atexit
    from shutil import rmtree
    from tempfile import mkdtemp

    os.environ[f"{PREFIX}DATA_DIR"] = folder = mkdtemp(prefix="monitr-check-")
    atexit.register(rmtree, folder, ignore_errors=True)


def _run(settings: Settings, database: str, sandbox_port: int, lines: int, *, opens_browser: bool, check: bool) -> bool:
    """Until somebody stops it, or until it is checked: whether it works."""
    from dataclasses import replace

    from monitr.application.bearer_tokens import LONGEST_LIFE
    from monitr.bootstrap.demonstration import forget_calls_with
    from monitr.bootstrap.tokens import development_token
    from monitr.domain.organisation import OrganisationId
    from monitr.domain.roles import Principal
    from monitr.entrypoints.cli import demo_check
    from monitr.entrypoints.cli.children import Child
    from monitr.entrypoints.cli.serving import serve_all, until_it_answers

    principal = Principal.administrator(OrganisationId(DEMO_ORGANISATION), "demo")
    principal = replace(principal, name="You", organisation_name="Demo organisation")
    token = development_token(settings, principal, LONGEST_LIFE)
    sandbox_url = f"http://127.0.0.1:{sandbox_port}"
    console = f"{settings.public_url}/"
    options = ["--port", str(sandbox_port), "--lines", str(lines), "--showcase", "--front-end", console]
    sandbox = Child("sandbox", ["sandbox", *options], has_settings=False)

    checked: list[bool] = []

    async def announce() -> None:
        await until_it_answers(sandbox_url, at_most_seconds=30)
        if check:
            checked.append(await asyncio.to_thread(demo_check.check, settings.public_url, token, typer.echo))
            os.kill(os.getpid(), signal.SIGTERM)
            return
        _print_addresses(settings, sandbox_url, token)
        if opens_browser:
            await open_browser(console)
        await forget_calls_with(sandbox_url, database)

    serve_all(settings, database, quiet=True, beside=[sandbox], demo_token=token, on_ready=announce)
    return checked == [True]


def _print_addresses(settings: Settings, sandbox_url: str, token: str) -> None:
    from rich.console import Console
    from rich.panel import Panel
    from rich.table import Table

    rows = Table.grid(padding=(0, 2))
    rows.add_row("[bold]Console[/]", f"{settings.public_url}/")
    if settings.graphiql:
        rows.add_row("[bold]GraphiQL[/]", f"{settings.public_url}/graphiql")
    rows.add_row("[bold]Sandbox[/]", f"{sandbox_url}/sandbox  (Octopus login: demo / demo)")
    rows.add_row("[bold]Organisation[/]", str(DEMO_ORGANISATION))
    rows.add_row("[bold]Data[/]", str(settings.data_dir))
    console = Console()
    console.print(Panel(rows, title="Monitr demo", subtitle="Ctrl-C stops everything", expand=False))
    console.print("Token, valid for a day (preset in the console and in GraphiQL):")
    print(token, flush=True)  # noqa: T201  # on one line, whatever the width of the terminal
