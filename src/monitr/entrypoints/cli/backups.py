"""``monitr backup``, ``monitr restore`` and ``monitr erasures``."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Never
from uuid import UUID

import typer

from monitr.entrypoints.cli.logs import configure_logs
from monitr.entrypoints.cli.outcome import on_database, refuse, refusing, settings_or_refuse

if TYPE_CHECKING:
    from monitr.bootstrap.backups import BackedUp, Restoration

AsJson = Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")]


def backup(
    file: Annotated[
        Path, typer.Argument(help="The file to write; there must be none of that name.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Write everything in the database to FILE, in pg_dump's custom format, and check it.

    The program may run meanwhile. What row security hides is included, so the login has to pass it:
    MONITR_DATABASE_BACKUP_URL, or else the one that owns the tables or the program's own where they may. The encryption
    keys are not included: keep them apart. A backup that is not whole leaves no file.
    """
    settings = settings_or_refuse()
    configure_logs("backup", settings.log_format, quiet=True)
    from monitr.bootstrap.backups import BackupFailed, write_backup

    with _ended_in_order(), refusing(BackupFailed), on_database(settings) as address:
        done = write_backup(settings, address, file)
    typer.echo(json.dumps(_as_json(done), indent=2) if as_json else _in_words(done))


def restore(
    file: Annotated[Path, typer.Argument(help="What `monitr backup` has written.", show_default=False)],
    erasures: Annotated[
        Path | None,
        typer.Option(
            help="The newest list of `monitr erasures`: what has been erased since the backup is erased again."
        ),
    ] = None,
    forget: Annotated[
        list[UUID] | None,
        typer.Option(help="Erase this administration, which may not come back; may be given several times."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring back what is in FILE, into the empty database that is configured, or the embedded one.

    All of it or nothing: until every row has been compared with FILE no program can begin, and where anything goes
    wrong the database is empty again. The schema is that of the backup. Exit code 1, too, where the doctor finds a
    fault in the restored database.
    """
    settings = settings_or_refuse()
    configure_logs("restore", settings.log_format, quiet=True)
    from monitr.bootstrap.backups import BackupFailed, restore_backup
    from monitr.installation import CannotStart

    with _ended_in_order(), refusing(BackupFailed, CannotStart), on_database(settings) as address:
        done = restore_backup(settings, address, file, erasures, forget or [])
    typer.echo(json.dumps(_restored_as_json(done), indent=2) if as_json else _restored_in_words(done, file))
    if done.troubles:
        refuse("Everything was restored, but the doctor finds a fault: " + " ".join(done.troubles))


def erasures() -> None:
    """Print what has been removed and erased, for `monitr restore --erasures`: ids, no names.

    Keep it apart from the backups, and newer than they are: a backup that is restored knows nothing of what was erased
    after it was made. Needs the login that `monitr backup` needs.
    """
    settings = settings_or_refuse()
    configure_logs("erasures", settings.log_format, quiet=True)
    from monitr.bootstrap.backups import BackupFailed, list_of_erasures

    with refusing(BackupFailed), on_database(settings, current=True) as address:
        typer.echo(list_of_erasures(settings, address), nl=False)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """SIGTERM ends what is under way like Ctrl-C does: nothing is left half done."""

    def end(*_: object) -> Never:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _instant(moment: datetime | None) -> str:
    return "an unknown moment" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _in_words(done: "BackedUp") -> str:
    contents = done.contents
    return "\n".join(
        [
            f"Wrote {done.file}: {done.bytes:,} bytes, {contents.rows:,} rows of {len(contents.tables)} tables as"
            f" they were at {_instant(done.at)}, schema {contents.revision}.",
            "Checked: pg_restore reads it to its end, and the rows of every table are those of the database.",
            f"SHA-256: {done.sha256}",
            f"Not in it: {_keys_in_words(done.keys)}.",
        ]
    )


def _keys_in_words(keys: dict[str, int]) -> str:
    if not keys:
        return "the encryption keys; it holds no secret that needs one"
    named = ", ".join(f"{id} ({count} secrets)" for id, count in keys.items())
    return f"the encryption keys, without which its secrets cannot be read: keep {named} apart from it"


def _restored_in_words(done: "Restoration", file: Path) -> str:
    restored, contents = done.restored, done.restored.contents
    return "\n".join(
        [
            f"Restored {file} of {_instant(restored.made_at)}: {contents.rows:,} rows of {len(contents.tables)} tables,"
            f" {restored.administrations} administrations, schema {restored.revision}.",
            "Verified: every row, sequence, table, index, policy and right is as it is in the file.",
            *_erased_in_words(done),
            *_to_do(done),
        ]
    )


def _erased_in_words(done: "Restoration") -> Iterator[str]:
    forgotten, made_at = done.restored.forgotten, _instant(done.restored.made_at)
    if forgotten.erased or forgotten.removed:
        yield f"Erased again: {len(forgotten.erased)} administrations. Removed again: {len(forgotten.removed)}."
    if done.listed_at is None:
        yield (
            f"What was removed or erased after {made_at} is back, since no --erasures were given: remove it again, with"
            " purge, before anybody works with it."
        )
    else:
        yield f"Erasures are known up to {_instant(done.listed_at)}: what came after it is back, and has to go again."


def _to_do(done: "Restoration") -> Iterator[str]:
    restored = done.restored
    if done.schema is not None:
        yield done.schema
    if restored.unfinished:
        yield f"{restored.unfinished} imports that were under way go on, behind their last checkpoints."
    if restored.integrations:
        yield (
            f"{restored.integrations} integrations come back with the tokens of then: where Octopus has renewed them"
            " since, the integration turns RECONNECT_REQUIRED with its next import, and is reconnected by its users."
        )
    for id, count in done.unopened.items():
        yield (
            f"The key {id} is not here, which {count} secrets need: add it to MONITR_ENCRYPTION_KEYS (or put the file"
            " encryption-key of the old machine into MONITR_DATA_DIR) before anything starts, or reconnect the"
            " integrations and rotate the webhooks' secrets."
        )


def _as_json(done: "BackedUp") -> dict[str, object]:
    return {
        "file": str(done.file),
        "bytes": done.bytes,
        "sha256": done.sha256,
        "at": done.at.isoformat(),
        "schema": done.contents.revision,
        "rows": {name: table.count for name, table in sorted(done.contents.tables.items())},
        "keysNeeded": done.keys,
    }


def _restored_as_json(done: "Restoration") -> dict[str, object]:
    restored = done.restored
    return {
        "madeAt": restored.made_at and restored.made_at.isoformat(),
        "schema": restored.revision,
        "rows": {name: table.count for name, table in sorted(restored.contents.tables.items())},
        "administrations": restored.administrations,
        "integrations": restored.integrations,
        "unfinishedImports": restored.unfinished,
        "erasuresKnownUpTo": done.listed_at and done.listed_at.isoformat(),
        "erasedAgain": [str(id) for id in restored.forgotten.erased],
        "removedAgain": [str(id) for id in restored.forgotten.removed],
        "keysNeeded": restored.keys,
        "keysMissing": list(done.unopened),
        "problems": list(done.troubles),
    }
