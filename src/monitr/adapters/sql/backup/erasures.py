"""What has been removed and erased, told apart from the backups, so that one that is restored does not undo it
(adr/0017).

A list is text in UTF-8: a line each, ``KIND ID MOMENT``, and a last line ``end NUMBER MOMENT`` that says how many they
are and when it was made, without which it is not believed. It holds no names. KIND is ``administration``,
``integration`` or ``webhook``; MOMENT, in UTC, is when it was deleted, and of an administration from when on nothing of
it may be kept, which lies ahead while it can still be selected again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from monitr.adapters.sql.backup.programs import BackupFailed
from monitr.adapters.sql.repositories.sentences import stored
from monitr.domain.audit import OPERATOR, AuditAction
from monitr.domain.words.sentence import Sentence

_END = "end"
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
# Of the trail, which outlives what it speaks of: what was deleted, and not selected again since.
_ERASURES = """
    WITH deed AS (
        SELECT DISTINCT ON (subject_id) subject_id AS id, action, at
        FROM audit_entry
        WHERE action IN (
            'ADMINISTRATION_REMOVED', 'ADMINISTRATION_PURGED', 'ADMINISTRATION_RESTORED', 'INTEGRATION_DELETED',
            'WEBHOOK_DELETED'
        )
        ORDER BY subject_id, at DESC, recorded DESC
    )
    SELECT split_part(lower(deed.action), '_', 1), deed.id, coalesce(administration.purge_after, deed.at)
    FROM deed LEFT JOIN administration USING (id)
    WHERE deed.action <> 'ADMINISTRATION_RESTORED'
        AND (administration.id IS NULL OR administration.status = 'DELETED')
    ORDER BY deed.at, deed.id
"""


class Kind(StrEnum):
    ADMINISTRATION = "administration"
    INTEGRATION = "integration"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Erasure:
    kind: Kind
    id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class ErasureList:
    """What is known at ``at``."""

    erasures: Sequence[Erasure]
    at: datetime


@dataclass(slots=True)
class Forgotten:
    """What came back with the backup and has gone again: ``erased`` with all its rows; ``removed``: administrations
    that can still be selected again, and what else had been deleted."""

    erased: list[UUID] = field(default_factory=list[UUID])
    removed: list[UUID] = field(default_factory=list[UUID])


def erasures_of(connection: psycopg.Connection) -> ErasureList:
    """All that the trail knows of, oldest first; for a login that row security hides nothing from."""
    with connection.transaction():
        (at,) = connection.execute("SELECT now()").fetchone() or (None,)
        found = [Erasure(Kind(kind), id, then.astimezone(UTC)) for kind, id, then in connection.execute(_ERASURES)]
    assert at is not None
    return ErasureList(found, at.astimezone(UTC))


def as_text(known: ErasureList) -> str:
    lines = [f"{one.kind} {one.id} {one.at:{_MOMENT}}" for one in known.erasures]
    return "\n".join([*lines, f"{_END} {len(lines)} {known.at:{_MOMENT}}", ""])


def read_list(file: Path) -> ErasureList:
    """Raises BackupFailed where it is none, or not whole."""
    try:
        *lines, last = file.read_text("utf-8").splitlines() or [""]
    except (OSError, UnicodeDecodeError) as refused:
        raise BackupFailed(f"The list of erasures {file} cannot be read ({refused}).") from refused
    ended = re.fullmatch(rf"{_END} (\d+) (\S+)", last)
    if ended is None or int(ended[1]) != len(lines):
        raise BackupFailed(
            f"The list of erasures {file} is not whole: its last line has to be `{_END} NUMBER MOMENT`; take another"
            " copy."
        )
    try:
        return ErasureList([_erasure(file, number, line) for number, line in enumerate(lines, 1)], _moment(ended[2]))
    except ValueError:
        raise BackupFailed(f"The last line of the list of erasures {file} is {last!r}: take another copy.") from None


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)


def _erasure(file: Path, number: int, line: str) -> Erasure:
    try:
        kind, id, at = line.split()
        return Erasure(Kind(kind), UUID(id), _moment(at))
    except ValueError:
        raise BackupFailed(
            f"Line {number} of the list of erasures {file} is {line!r}, and not `KIND ID MOMENT`: take another list."
        ) from None


# --- applying them ----------------------------------------------------------------------------------------------------

_WHY = Sentence.of("cause.GONE_BEFORE_THE_RESTORATION")

_PRESENT = {
    Kind.ADMINISTRATION: "SELECT FROM administration WHERE id = %(id)s AND purge_after IS DISTINCT FROM %(at)s",
    Kind.INTEGRATION: "SELECT FROM integration WHERE id = %(id)s AND status <> 'DELETED'",
    Kind.WEBHOOK: "SELECT FROM webhook_target WHERE id = %(id)s",
}
# As the purge does: what has no administration of its own stays. Tables with triggers come first: these keep sums in
# other tables, and would write there what has been erased.
_ITS_TABLES = """
    SELECT relname::text
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE attname = 'administration_id' AND relkind = 'r' AND relnamespace = current_schema()::regnamespace
        AND relname <> 'webhook_event'
    ORDER BY NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND NOT tgisinternal), relname
"""
_TELL = """
    INSERT INTO audit_entry (organisation_id, actor, action, subject_id, subject_name, detail)
    SELECT organisation_id, %(actor)s, %(action)s, id, {name}, %(why)s FROM {table} WHERE id = %(id)s
"""
_HAPPENED = """
    INSERT INTO timeline_event
        (organisation_id, subject_id, at, what, status_before, status_after, agent, why, sentence)
    SELECT organisation_id, id, clock_timestamp(), %(what)s, status, 'DELETED', 'MONITR', %(why)s, %(sentence)s
    FROM {table} WHERE id = %(id)s AND status <> 'DELETED'
"""
_CANCEL_IMPORTS = """
    UPDATE import_run SET status = 'CANCELLED', finished_at = clock_timestamp(), lease_owner = NULL, lease_until = NULL
    WHERE administration_id = %(id)s AND status IN ('QUEUED', 'RUNNING', 'WAITING')
"""
_ERASED = AuditAction.ADMINISTRATION_PURGED
_DELETED = {
    Kind.ADMINISTRATION: AuditAction.ADMINISTRATION_REMOVED,
    Kind.INTEGRATION: AuditAction.INTEGRATION_DELETED,
    Kind.WEBHOOK: AuditAction.WEBHOOK_DELETED,
}


def forget(connection: psycopg.Connection, erasures: Sequence[Erasure]) -> Forgotten:
    """Do again what had been done to what is there, in this transaction; for the owner of the tables, whom row security
    hides nothing from. The audit trail tells of each, by the operator."""
    forgotten = Forgotten()
    now = datetime.now(UTC)
    for one in erasures:
        if connection.execute(_PRESENT[one.kind].encode(), {"id": one.id, "at": one.at}).fetchone() is None:
            continue
        is_over = one.kind is Kind.ADMINISTRATION and one.at <= now
        _tell(connection, one, _ERASED if is_over else _DELETED[one.kind])
        if is_over:
            _erase(connection, one)
            forgotten.erased.append(one.id)
        else:
            _delete(connection, one)
            forgotten.removed.append(one.id)
    return forgotten


def _tell(connection: psycopg.Connection, one: Erasure, action: AuditAction) -> None:
    table, name = {
        Kind.ADMINISTRATION: ("administration", "name"),
        Kind.INTEGRATION: ("integration", "'Octopus'"),
        Kind.WEBHOOK: ("webhook_target", "NULL"),
    }[one.kind]
    told = {"actor": OPERATOR, "action": action.value, "id": one.id, "why": str(_WHY)}
    connection.execute(_TELL.format(table=table, name=name).encode(), told)


def _erase(connection: psycopg.Connection, one: Erasure) -> None:
    for (table,) in connection.execute(_ITS_TABLES).fetchall():
        connection.execute(f"DELETE FROM {table} WHERE administration_id = %s".encode(), [one.id])
    connection.execute("DELETE FROM timeline_event WHERE subject_id = %s", [one.id])
    connection.execute("DELETE FROM administration WHERE id = %s", [one.id])


def _delete(connection: psycopg.Connection, one: Erasure) -> None:
    its = {"id": one.id, "at": one.at, "why": str(_WHY), "sentence": Jsonb(stored(_WHY))}
    match one.kind:
        case Kind.ADMINISTRATION:
            connection.execute(_CANCEL_IMPORTS, its)
            connection.execute(_HAPPENED.format(table="administration").encode(), its | {"what": "REMOVED"})
            connection.execute(
                "UPDATE administration SET status = 'DELETED', purge_after = %(at)s WHERE id = %(id)s", its
            )
        case Kind.INTEGRATION:
            connection.execute("DELETE FROM credential WHERE integration_id = %(id)s", its)
            connection.execute("DELETE FROM oauth_authorization WHERE integration_id = %(id)s", its)
            connection.execute(_HAPPENED.format(table="integration").encode(), its | {"what": "DELETED"})
            connection.execute(
                "UPDATE integration SET status = 'DELETED', authorized_at = NULL, authorization_expires_at = NULL,"
                " last_error = NULL WHERE id = %(id)s",
                its,
            )
        case Kind.WEBHOOK:
            connection.execute("DELETE FROM webhook_target WHERE id = %(id)s", its)
