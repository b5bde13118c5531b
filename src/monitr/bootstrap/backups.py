"""Backup and restoration of what this installation stands on. Synchronous: no program of it runs meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.backup.archive import refuse_unless_archive
from monitr.adapters.sql.backup.dumping import BackedUp as BackedUp
from monitr.adapters.sql.backup.dumping import back_up, connected, login_that_reads_all
from monitr.adapters.sql.backup.erasures import Erasure, Kind, as_text, erasures_of, read_list
from monitr.adapters.sql.backup.programs import BackupFailed as BackupFailed
from monitr.adapters.sql.backup.programs import found_programs
from monitr.adapters.sql.backup.restoring import (
    Restored,
    read,
    refuse_unless_empty,
    refuse_unless_it_can_forget,
    restore,
)
from monitr.installation import (
    ensure_database_roles,
    isolation,
    present_encryption_keys,
    schema_trouble,
    server_trouble,
)
from monitr.settings import Settings, SettingsError


@dataclass(frozen=True, slots=True)
class Restoration:
    """``unopened``: of the keys that the secrets need, those that are not configured here, with how many each would
    open. ``listed_at``: up to when erasures are known; None where no list was given. ``schema``: what is to be done
    where it is older than this program's. ``troubles``: the doctor's, of the database."""

    restored: Restored
    unopened: dict[str, int]
    listed_at: datetime | None
    schema: str | None
    troubles: Sequence[str]


def write_backup(settings: Settings, database: str, file: Path) -> BackedUp:
    """Raises BackupFailed: then there is no ``file``."""
    return back_up(_reading_all(settings, database), found_programs(), file.absolute())


def list_of_erasures(settings: Settings, database: str) -> str:
    """What ``read_list`` reads. Raises BackupFailed."""
    with connected(_reading_all(settings, database)) as connection:
        return as_text(erasures_of(connection))


def _reading_all(settings: Settings, database: str) -> str:
    backup, owner = settings.database_backup_url, settings.database_migration_url
    if backup is not None:
        return login_that_reads_all([backup.get_secret_value()])
    return login_that_reads_all([*([] if owner is None else [owner.get_secret_value()]), database])


def restore_backup(
    settings: Settings, database: str, file: Path, erasures: Path | None, forgotten: Sequence[UUID]
) -> Restoration:
    """Into the empty database, with the schema that it had. Raises BackupFailed, and CannotStart where roles are
    missing."""
    owner = settings.database_migration_url
    url = database if owner is None else owner.get_secret_value()
    refuse_unless_archive(file)
    refuse_unless_empty(url)
    archive, contents = read(file.absolute(), url, found_programs())
    known = None if erasures is None else read_list(erasures)
    if known is not None and archive.made_at is not None and known.at < archive.made_at:
        raise BackupFailed(
            f"The list of erasures {erasures} is of {known.at:%Y-%m-%d %H:%M:%S} UTC, before the backup was made"
            f" ({archive.made_at:%Y-%m-%d %H:%M:%S} UTC), and so knows nothing that the backup does not: name the"
            " newest one."
        )
    by_hand = [Erasure(Kind.ADMINISTRATION, id, datetime.now(UTC)) for id in forgotten]
    wanted = [*(known.erasures if known else ()), *by_hand]
    if wanted:
        refuse_unless_it_can_forget(contents, archive.file)
    ensure_database_roles(settings, database)
    restored = restore(archive, contents, url, wanted)
    return Restoration(
        restored,
        _unopened(settings, restored),
        None if known is None else known.at,
        None if (schema := schema_trouble(database)) is None else str(schema),
        _troubles(settings, database),
    )


def _unopened(settings: Settings, restored: Restored) -> dict[str, int]:
    try:
        keys = present_encryption_keys(settings)
    except (SettingsError, OSError):
        keys = []
    here = {id.hex() for id in AesGcmCipher(keys).key_ids} if keys else set[str]()
    return {id: count for id, count in restored.keys.items() if id not in here}


def _troubles(settings: Settings, database: str) -> Sequence[str]:
    found = isolation(settings, database)
    login = None if found.is_forgiven else found.login
    return [str(fault) for fault in (server_trouble(database), *found.row_security, *found.roles, login) if fault]
