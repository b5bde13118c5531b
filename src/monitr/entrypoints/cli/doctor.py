"""``monitr doctor``: is everything there that Monitr needs?"""

import asyncio
import json
import os
from contextlib import suppress
from typing import Annotated

import typer

from monitr.entrypoints.cli.logs import configure_logs
from monitr.settings import Settings, SettingsError, unknown_settings


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Check settings, database, migrations, broker and Octopus, one line each. Exit code 1 if one fails."""
    configure_logs("doctor", quiet=True)
    findings = {"settings": _settings_trouble()}
    if findings["settings"] is None:
        findings |= _findings(Settings.load())
    if as_json:
        report = {name: {"ok": trouble is None, "problem": trouble} for name, trouble in findings.items()}
        typer.echo(json.dumps(report, indent=2))
    else:
        for name, trouble in findings.items():
            typer.echo(f"{'ok    ' if trouble is None else 'FAILED'}  {name:<11} {trouble or ''}".rstrip())
        for note in _notes():
            typer.echo(f"note    {note}")
    if any(findings.values()):
        raise typer.Exit(1)


def _settings_trouble() -> str | None:
    from monitr.installation import encryption_keys

    try:
        encryption_keys(Settings.load())
    except (SettingsError, OSError) as trouble:
        return str(trouble)
    return None


def _findings(settings: Settings) -> dict[str, str | None]:
    from monitr.bootstrap.operating import octopus_trouble
    from monitr.bootstrap.worker import broker_trouble
    from monitr.installation import CannotStart, database, refuse_unless_current, server_trouble

    findings: dict[str, str | None] = {}
    try:
        with database(settings) as address:
            findings["database"] = server_trouble(address)
            refuse_unless_current(address)
            findings["migrations"] = None
    except CannotStart as trouble:
        findings["migrations" if "database" in findings else "database"] = str(trouble)
    findings["broker"] = asyncio.run(broker_trouble(settings))
    findings["octopus"] = asyncio.run(octopus_trouble(settings))
    return findings


def _notes() -> list[str]:
    """What is worth knowing and no fault: a variable that is no setting, or a part that is not set up."""
    notes = unknown_settings(os.environ)
    with suppress(SettingsError):
        settings = Settings.load()
        if not settings.auth_secret and not settings.auth_jwks_url:
            notes.append("Nobody can sign in: set MONITR_AUTH_JWKS_URL, or MONITR_AUTH_SECRET for development.")
        if not settings.octopus_client_id:
            notes.append("Nobody can connect Octopus: MONITR_OCTOPUS_CLIENT_ID is not set.")
    return notes
