"""``monitr doctor``: is everything there that Monitr needs, and does it keep what it has to keep?"""

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from monitr.entrypoints.cli.logs import configure_logs
from monitr.settings import Settings, SettingsError, lowered_guards, unknown_settings


@dataclass(frozen=True, slots=True)
class Finding:
    """``problems`` fail; ``notes`` are worth knowing and no fault. A sentence each."""

    problems: Sequence[str] = ()
    notes: Sequence[str] = ()

    @classmethod
    def of(cls, problem: str | None) -> "Finding":
        return cls(() if problem is None else (problem,))


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Check settings, database, migrations, tenants, broker, Octopus and the issuer's keys.

    One line each. Exit code 1 if one fails; a note is no failure.
    """
    configure_logs("doctor", quiet=True)
    findings = {"settings": _settings()}
    if not findings["settings"].problems:
        findings |= _findings(Settings.load())
    if as_json:
        report = {
            name: {"ok": not found.problems, "problem": " ".join(found.problems) or None, "notes": list(found.notes)}
            for name, found in findings.items()
        }
        typer.echo(json.dumps(report, indent=2))
    else:
        _print(findings)
    if any(found.problems for found in findings.values()):
        raise typer.Exit(1)


def _print(findings: dict[str, Finding]) -> None:
    for name, found in findings.items():
        if not found.problems:
            typer.echo(f"ok      {name}")
        for problem in found.problems:
            typer.echo(f"FAILED  {name:<12} {problem}")
    for found in findings.values():
        for note in found.notes:
            typer.echo(f"note    {note}")


def _settings() -> Finding:
    from monitr.installation import encryption_keys

    notes = unknown_settings(os.environ)
    try:
        settings = Settings.load()
        encryption_keys(settings)
    except (SettingsError, OSError) as trouble:
        return Finding([str(trouble)], notes)
    return Finding(notes=[*notes, *_not_set_up(settings), *lowered_guards(settings)])


def _not_set_up(settings: Settings) -> list[str]:
    notes: list[str] = []
    if not settings.auth_secret and not settings.auth_jwks_url:
        notes.append("Nobody can sign in: set MONITR_AUTH_JWKS_URL, or MONITR_AUTH_SECRET for development.")
    if not settings.octopus_client_id:
        notes.append("Nobody can connect Octopus: MONITR_OCTOPUS_CLIENT_ID is not set.")
    return notes


def _findings(settings: Settings) -> dict[str, Finding]:
    from monitr.bootstrap.operating import octopus_trouble
    from monitr.bootstrap.tokens import issuer_trouble
    from monitr.bootstrap.worker import broker_trouble
    from monitr.installation import CannotStart, database, refuse_unless_current, server_trouble

    findings: dict[str, Finding] = {}
    try:
        with database(settings) as address:
            findings["database"] = Finding.of(server_trouble(address))
            refuse_unless_current(address)
            findings["migrations"] = Finding()
            findings |= _isolation(settings, address)
    except CannotStart as trouble:
        findings["migrations" if "database" in findings else "database"] = Finding.of(str(trouble))
    findings["broker"] = Finding.of(asyncio.run(broker_trouble(settings)))
    findings["octopus"] = Finding.of(asyncio.run(octopus_trouble(settings)))
    if settings.auth_jwks_url:
        findings["issuer"] = Finding.of(asyncio.run(issuer_trouble(settings)))
    return findings


def _isolation(settings: Settings, address: str) -> dict[str, Finding]:
    from monitr.installation import isolation

    found = isolation(settings, address)
    login = Finding(notes=[found.login]) if found.login and found.is_forgiven else Finding.of(found.login)
    return {"row security": Finding(found.row_security), "roles": Finding(found.roles), "login": login}
