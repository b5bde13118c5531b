"""The command ``monitr`` and its subcommands. A command is imported when it runs: to list all of them takes none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer import _click as click

COMMANDS = {
    "Run": {
        "demo": "Run the whole product on this machine, with no account and no other server.",
        "serve": "Run the API, a worker and the scheduler, and end them together.",
        "api": "Run the API alone: GraphQL, the OAuth callback, health, metrics and the console.",
        "worker": "Run a worker alone: it imports dossiers, two at a time.",
        "scheduler": "Run the scheduler alone: it queues the imports of the schedule, and clears away what is over.",
        "mcp": "Serve the read operations to agents by the Model Context Protocol.",
        "sandbox": "Run the Octopus sandbox alone: invented books behind the API and login pages of Octopus.",
    },
    "Operate": {
        "migrate": "Bring the configured database, or the embedded one, to the newest schema.",
        "import": "Queue an import of one administration and follow it to its end.",
        "administrations": "List the administrations: id, dossier, state, last import, name.",
        "backup": "Write everything in the database to FILE, in pg_dump's custom format, and check it.",
        "restore": "Bring back what is in FILE, into the empty database that is configured, or the embedded one.",
        "erasures": "Print what has been removed and erased, for `monitr restore --erasures`: ids, no names.",
        "doctor": "Check settings, database, migrations, tenants, broker, Octopus and the issuer's keys.",
        "keys": "The keys that secrets are encrypted with.",
        "audit": "The audit trail: who did what.",
    },
    "Develop": {
        "token": "Print a signed token for development.",
        "schema": "Print the GraphQL schema in its definition language.",
    },
}
"""By section, in the order of ``monitr --help``: the first sentence of what each says of itself."""


def _of(name: str) -> Callable[..., object] | typer.Typer:
    """Its function, or its subcommands."""
    match name:
        case "demo":
            from monitr.entrypoints.cli.demo import demo

            return demo
        case "serve" | "api" | "worker" | "scheduler":
            from monitr.entrypoints.cli import parts

            return {"serve": parts.serve, "api": parts.api, "worker": parts.worker, "scheduler": parts.scheduler}[name]
        case "mcp":
            from monitr.entrypoints.cli.mcp import mcp

            return mcp
        case "sandbox":
            from monitr.entrypoints.cli.sandbox import sandbox

            return sandbox
        case "migrate":
            from monitr.entrypoints.cli.migrate import migrate

            return migrate
        case "import":
            from monitr.entrypoints.cli.imports import import_administration

            return import_administration
        case "doctor":
            from monitr.entrypoints.cli.doctor import doctor

            return doctor
        case "administrations":
            from monitr.entrypoints.cli.administrations import administrations

            return administrations
        case "backup" | "restore" | "erasures":
            from monitr.entrypoints.cli import backups

            of_backups: dict[str, Callable[..., object]] = {
                "backup": backups.backup,
                "restore": backups.restore,
                "erasures": backups.erasures,
            }
            return of_backups[name]
        case "keys":
            from monitr.entrypoints.cli.keys import keys

            return keys
        case "audit":
            from monitr.entrypoints.cli.audit import audit

            return audit
        case "token":
            from monitr.entrypoints.cli.token import token

            return token
        case "schema":
            from monitr.entrypoints.cli.schema import schema

            return schema
        case _:
            raise KeyError(name)


def loaded(name: str) -> click.Command:
    """The command itself, imported."""
    found = _of(name)
    if isinstance(found, typer.Typer):
        return typer.main.get_group(found)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command(name)(found)
    return typer.main.get_command(alone)


class _Deferred(TyperCommand):
    """In the place of a command until it is called."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        return loaded(self.name or "").make_context(info_name, args, parent, **extra)


class _InSections(TyperGroup):
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section, commands in COMMANDS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))


app = typer.Typer(
    name="monitr",
    cls=_InSections,
    help="Monitr's Octopus integration. Settings are environment variables that begin with MONITR_.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks print local variables, and those hold secrets
    rich_markup_mode=None,  # to import what draws frames takes longer than all the rest
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if not asked:
        return
    from importlib.metadata import version

    typer.echo(f"monitr {version('monitr')}")
    raise typer.Exit


@app.callback()
def _monitr(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None: ...


def _later() -> None:
    """Never called: ``_Deferred`` makes the context of the command itself."""


for _commands in COMMANDS.values():
    for _name, _says in _commands.items():
        app.command(_name, cls=_Deferred, help=_says, short_help=_says)(_later)
