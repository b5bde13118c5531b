"""A file in pg_dump's custom format, as pg_restore reads it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitr.adapters.sql.backup.programs import BackupFailed, Programs
from monitr.adapters.sql.backup.rows import Contents, TableRows

REVISION_TABLE = "alembic_version"
_MAGIC = b"PGDMP"
_COPY = re.compile(rb"COPY (.+?) \((.+)\) FROM stdin;\n")
_SETVAL = re.compile(rb"SELECT pg_catalog\.setval\('(.+)', (\d+), (true|false)\);\n")
_MADE_AT = re.compile(r"^; Archive created at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", re.MULTILINE)
_ENTRY = re.compile(r"^\d+; \d+ \d+ (.*)$")


@dataclass(frozen=True, slots=True)
class Archive:
    """``file``, by programs that can read it."""

    file: Path
    programs: Programs
    listing: str
    """What ``pg_restore --list`` tells."""

    @classmethod
    def opened(cls, file: Path, programs: Sequence[Programs]) -> "Archive":
        """By the first that can read it. Raises BackupFailed where none can."""
        refuse_unless_archive(file)
        refusals: list[str] = []
        for one in programs:
            try:
                return cls(file, one, one.run("pg_restore", "--list", str(file)))
            except BackupFailed as refused:
                refusals.append(str(refused))
        if "unsupported version" in refusals[0]:
            raise BackupFailed(
                f"{file} was written by a pg_dump newer than every pg_restore of this machine ({refusals[0]}):"
                " install the client programs of the PostgreSQL that it comes from, and have them on PATH."
            )
        raise BackupFailed(damaged(file, refusals[0]))

    @property
    def made_at(self) -> datetime | None:
        """By the clock of whoever made it."""
        match = _MADE_AT.search(self.listing)
        return datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) if match else None

    @property
    def entries(self) -> Sequence[str]:
        """Of its table of contents: kind, schema, name and owner, in the order of the restoration."""
        return [match[1] for line in self.listing.splitlines() if (match := _ENTRY.match(line))]

    def contents(self) -> Contents:
        """Read to the end, every row of it. Raises BackupFailed where it is damaged or cut off."""
        try:
            with self.programs.running("pg_restore", "--data-only", "--file=-", str(self.file)) as script:
                contents = Contents()
                table: TableRows | None = None
                revisions: TableRows | None = None
                for line in script:
                    if table is not None:
                        if line == b"\\.\n":
                            table = None
                            continue
                        table.add(line)
                        if table is revisions:
                            contents.revision = line.decode().strip()
                    elif copied := _COPY.fullmatch(line):
                        name = copied[1].decode()
                        table = contents.tables[name] = TableRows(copied[2])
                        revisions = table if name.endswith(f".{REVISION_TABLE}") else revisions
                    elif moved := _SETVAL.fullmatch(line):
                        contents.sequences[moved[1].decode()] = (int(moved[2]), moved[3] == b"true")
                return contents
        except BackupFailed as trouble:
            raise BackupFailed(damaged(self.file, str(trouble))) from trouble

    def definitions(self) -> str:
        """The statements that make everything but the rows."""
        return self.programs.run("pg_restore", "--schema-only", "--no-owner", "--file=-", str(self.file))


def refuse_unless_archive(file: Path) -> None:
    """By its first bytes. Raises BackupFailed."""
    try:
        with file.open("rb") as opened:
            begins = opened.read(len(_MAGIC))
    except FileNotFoundError:
        raise BackupFailed(f"There is no file {file}.") from None
    except OSError as refused:
        raise BackupFailed(f"{file} cannot be read: {refused.strerror}.") from refused
    if begins != _MAGIC:
        raise BackupFailed(f"{file} is no backup: it is not in pg_dump's custom format, which `monitr backup` writes.")


def damaged(file: Path, why: str) -> str:
    return f"{file} is damaged or cut off ({why}): nothing was restored from it; take another backup."
