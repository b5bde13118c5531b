"""The command ``monitr`` and its subcommands."""

import typer

from monitr.entrypoints.cli.administrations import administrations
from monitr.entrypoints.cli.audit import audit
from monitr.entrypoints.cli.backup import backup, erasures, restore
from monitr.entrypoints.cli.demo import demo
from monitr.entrypoints.cli.doctor import doctor
from monitr.entrypoints.cli.imports import import_administration
from monitr.entrypoints.cli.keys import keys
from monitr.entrypoints.cli.mcp import mcp
from monitr.entrypoints.cli.migrate import migrate
from monitr.entrypoints.cli.parts import api, scheduler, serve, worker
from monitr.entrypoints.cli.sandbox import sandbox
from monitr.entrypoints.cli.schema import schema
from monitr.entrypoints.cli.token import token

app = typer.Typer(
    name="monitr",
    help="Monitr's Octopus integration. Settings are environment variables that begin with MONITR_.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks print local variables, and those hold secrets
    context_settings={"help_option_names": ["-h", "--help"]},
)

_RUN, _OPERATE, _DEVELOP = "Run", "Operate", "Develop"
for part in (demo, serve, api, worker, scheduler, mcp, sandbox):
    app.command(rich_help_panel=_RUN)(part)
app.command(rich_help_panel=_OPERATE)(migrate)
app.command("import", rich_help_panel=_OPERATE)(import_administration)
app.command(rich_help_panel=_OPERATE)(doctor)
app.command(rich_help_panel=_OPERATE)(administrations)
app.command(rich_help_panel=_OPERATE)(backup)
app.command(rich_help_panel=_OPERATE)(restore)
app.command(rich_help_panel=_OPERATE)(erasures)
app.add_typer(keys, rich_help_panel=_OPERATE)
app.add_typer(audit, rich_help_panel=_OPERATE)
app.command(rich_help_panel=_DEVELOP)(token)
app.command(rich_help_panel=_DEVELOP)(schema)
