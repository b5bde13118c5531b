"""``monitr doctor``: is everything there that Monitr needs, and does it keep what it has to keep?"""

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from monitr.entrypoints.cli.logs import configure_logs
from monitr.settings import Settings, SettingsError, lowered_guards, not_set_up, unknown_settings

if TYPE_CHECKING:
    from monitr.installation import Fault

AT_THE_FIRST_START = "The embedded database is not there yet: the first `monitr serve` makes it, and its key."
NOT_RUNNING = "The embedded database does not run now: `monitr serve` starts it. What is in it was not looked at."


@dataclass(frozen=True, slots=True)
class Finding:
    """``faults`` fail; ``notes`` are worth knowing and no fault. A sentence each."""

    faults: Sequence["Fault"] = ()
    notes: Sequence[str] = ()

    @classmethod
    def of(cls, fault: "Fault | None") -> "Finding":
        return cls(() if fault is None else (fault,))


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Check settings, database, migrations, tenants, broker, Octopus and the issuer's keys.

    One line each, and beside each fault its repair. Nothing is made, started or changed. Exit code 1 if one fails; a
    note is no failure.
    """
    configure_logs("doctor", quiet=True)
    findings = _examined()
    if as_json:
        report = {
            name: {
                "ok": not found.faults,
                "faults": [fault._asdict() for fault in found.faults],
                "notes": list(found.notes),
            }
            for name, found in findings.items()
        }
        typer.echo(json.dumps(report, indent=2))
    else:
        _print(findings)
    if any(found.faults for found in findings.values()):
        raise typer.Exit(1)


def _print(findings: dict[str, Finding]) -> None:
    for name, found in findings.items():
        if not found.faults:
            typer.echo(f"ok      {name}")
        for problem, repair in found.faults:
            typer.echo(f"FAILED  {name:<12} {problem.removesuffix('.')}.")
            typer.echo(f"        {'repair':<12} {repair[:1].upper()}{repair[1:].removesuffix('.')}.")
    for found in findings.values():
        for note in found.notes:
            typer.echo(f"note    {note}")


def _examined() -> dict[str, Finding]:
    from monitr.installation import CannotStart, Fault, existing_encryption_keys

    notes = unknown_settings(os.environ)
    try:
        settings = Settings.load()
        existing_encryption_keys(settings)
    except SettingsError as wrong:
        return {"settings": Finding([Fault(str(wrong), "set it so, or unset it (docs/operating.md, Settings)")], notes)}
    except CannotStart as wrong:
        return {"settings": Finding([wrong.fault], notes)}
    notes += [*not_set_up(settings), *lowered_guards(settings)]
    return {"settings": Finding(notes=notes)} | _of_database(settings) | _of_others(settings)


def _of_database(settings: Settings) -> dict[str, Finding]:
    from monitr.installation import CannotStart, refuse_unless_current, running_database, server_trouble

    findings: dict[str, Finding] = {}
    try:
        address = running_database(settings)
        if address is None:
            is_there = (settings.data_dir / "postgres" / "PG_VERSION").exists()
            return {"database": Finding(notes=[NOT_RUNNING if is_there else AT_THE_FIRST_START])}
        findings["database"] = Finding.of(server_trouble(address))
        if not findings["database"].faults:
            refuse_unless_current(address)
            findings |= {"migrations": Finding()} | _isolation(settings, address)
    except CannotStart as trouble:
        findings["migrations" if "database" in findings else "database"] = Finding([trouble.fault])
    return findings


def _of_others(settings: Settings) -> dict[str, Finding]:
    from monitr.bootstrap.operating import octopus_trouble
    from monitr.bootstrap.tokens import issuer_trouble
    from monitr.bootstrap.worker import broker_fault

    async def ask() -> dict[str, Finding]:
        asked = {"broker": broker_fault, "octopus": octopus_trouble}
        if settings.auth_jwks_url:
            asked["issuer"] = issuer_trouble
        answers = await asyncio.gather(*(question(settings) for question in asked.values()))
        return {name: Finding.of(answer) for name, answer in zip(asked, answers, strict=True)}

    return asyncio.run(ask())


def _isolation(settings: Settings, address: str) -> dict[str, Finding]:
    from monitr.installation import isolation

    found = isolation(settings, address)
    login = Finding.of(found.login)
    if found.login and found.is_forgiven:
        login = Finding(notes=[f"{found.login.problem}."])
    return {"row security": Finding(found.row_security), "roles": Finding(found.roles), "login": login}
