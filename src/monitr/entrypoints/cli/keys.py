"""``monitr keys``: the keys that secrets are encrypted with."""

import asyncio
import json
from typing import Annotated

import typer

from monitr.entrypoints.cli.logs import configure_logs
from monitr.entrypoints.cli.outcome import on_database, refuse, settings_or_refuse

keys = typer.Typer(
    name="keys", help="The keys that secrets are encrypted with.", no_args_is_help=True, rich_markup_mode=None
)

NAMED_AT_MOST = 5
"""Rows in a sentence; --json names all."""


@keys.command()
def rotate(as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False) -> None:
    """Encrypt everything anew with the first of MONITR_ENCRYPTION_KEYS, and bound to its organisation.

    Before: put the new key in front, keep the old one behind it, and restart every process. The program may run
    meanwhile; this may be interrupted, and run again at any time. It says which keys are not needed any more.
    Exit code 1 where a secret cannot be decrypted: the others are encrypted anew all the same.
    """
    settings = settings_or_refuse()
    configure_logs("keys", settings.log_format, quiet=True)
    from monitr.bootstrap.operating import encrypted_anew
    from monitr.installation import bind_secrets_to_organisations

    with on_database(settings, current=True) as address:
        bind_secrets_to_organisations(settings, address)
        done = asyncio.run(encrypted_anew(settings, address))
    if as_json:
        columns = {
            column.name: {
                "encryptedAnew": column.anew,
                "already": column.already,
                "left": column.left,
                "unreadable": sorted(map(str, column.unreadable)),
            }
            for column in done.columns
        }
        typer.echo(json.dumps({"secrets": columns, "keysNotNeeded": list(done.unneeded)}, indent=2))
    else:
        for column in done.columns:
            typer.echo(f"{column.name:<32} {column.anew} encrypted anew, {column.already} were so already")
        for place in done.unneeded:
            typer.echo(
                f"Key {place} of MONITR_ENCRYPTION_KEYS is not needed any more by this database;"
                " backups from before still need it."
            )
    if unreadable := [f"{column.name} of {row}" for column in done.columns for row in sorted(column.unreadable)]:
        named = ", ".join(unreadable[:NAMED_AT_MOST])
        more = f" and {len(unreadable) - NAMED_AT_MOST} more" if len(unreadable) > NAMED_AT_MOST else ""
        refuse(f"No key of MONITR_ENCRYPTION_KEYS opens what is stored as {named}{more}: it is left as it was.")
    if left := sum(column.left for column in done.columns):
        refuse(
            f"{left} secrets were written with another key meanwhile: restart every process with the new key in front"
            " of MONITR_ENCRYPTION_KEYS, and run this again."
        )
