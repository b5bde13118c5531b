"""``monitr import``: queue an import and follow it."""

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from monitr.domain.import_run import ImportMode, ImportRun, ImportStatus
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.cli.logs import configure_logs
from monitr.entrypoints.cli.outcome import on_database, refusing, settings_or_refuse

if TYPE_CHECKING:
    from monitr.entrypoints.cli.following import Begun

INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""
_READS = {ImportMode.INCREMENTAL: "reads what has changed", ImportMode.FULL: "reads everything"}


def import_administration(
    administration_id: Annotated[UUID, typer.Argument(help="The id of the administration.", show_default=False)],
    full: Annotated[bool, typer.Option("--full", help="Read everything again, not only what has changed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as JSON at the end, and no progress.")] = False,
) -> None:
    """Queue an import of one administration and follow it to its end.

    Works the run itself where no worker is alive. Exit code 0: it has succeeded, or it waits and goes on by itself.
    Ctrl-C ends the following (exit code 130), and says how the import goes on.
    """
    settings = settings_or_refuse()
    configure_logs("import", settings.log_format, quiet=True)
    from monitr.entrypoints.cli.following import Begun, Refused, import_and_follow

    followed: list[Begun] = []

    def begun(it: Begun) -> None:
        followed.append(it)
        typer.echo(f"{it.dossier}: {_READS[it.run.mode]}, as run {it.run.id}. Ctrl-C stops following.", err=True)

    mode = ImportMode.FULL if full else ImportMode.INCREMENTAL
    id = AdministrationId(administration_id)
    with refusing(Refused), on_database(settings, current=True) as address:
        try:
            run = asyncio.run(import_and_follow(settings, address, id, mode, begun, show=not as_json))
        except KeyboardInterrupt:
            typer.echo(_goes_on(id, followed), err=True)
            raise typer.Exit(INTERRUPTED) from None
    typer.echo(json.dumps(_as_json(run), indent=2) if as_json else f"{followed[0].dossier}: {_in_words(run)}")
    if run.status in (ImportStatus.FAILED, ImportStatus.CANCELLED):
        raise typer.Exit(1)


def _goes_on(id: AdministrationId, followed: "list[Begun]") -> str:
    """After Ctrl-C."""
    if not followed:
        return "Nothing was queued."
    if followed[0].by_us:
        return (
            "No other worker is alive: the import stays queued, with all that is read so far, and goes on when one is"
            f" (`monitr serve`, `monitr worker`), or by `monitr import {id}`."
        )
    return f"The import goes on in the background. To follow it again: `monitr import {id}`, or the console."


def _in_words(run: ImportRun) -> str:
    from monitr.entrypoints.cli.following import lines_of

    why = f" {run.error.message} {run.error.action or ''}".rstrip() if run.error else ""
    match run.status:
        case ImportStatus.SUCCEEDED:
            rows = sum(progress.counts.written for progress in run.datasets.values())
            checked = f", verification: {run.verification.status}" if run.verification else ""
            return f"succeeded: {lines_of(run):,} ledger lines read, {rows:,} rows written{checked}."
        case ImportStatus.WAITING:
            return f"goes on by itself at {run.resume_at:%Y-%m-%d %H:%M} UTC.{why}"
        case ImportStatus.CANCELLED:
            return "was cancelled."
        case _:
            return f"failed.{why}"


def _as_json(run: ImportRun) -> dict[str, object]:
    return {
        "id": str(run.id),
        "administrationId": str(run.administration_id),
        "status": run.status,
        "mode": run.mode,
        "progress": run.progress,
        "startedAt": run.started_at and run.started_at.isoformat(),
        "finishedAt": run.finished_at and run.finished_at.isoformat(),
        "resumeAt": run.resume_at and run.resume_at.isoformat(),
        "verification": run.verification and run.verification.status,
        "error": run.error and asdict(run.error),
        "datasets": {
            name: {"status": progress.status, **asdict(progress.counts)} for name, progress in run.datasets.items()
        },
    }
