"""What an operator is told when something is not as it should be: one sentence, with name, value and repair."""

import json
import socket
from base64 import urlsafe_b64encode
from pathlib import Path

import psycopg
import pytest

from monitr.adapters.sql.database.engine import libpq_url, sqlalchemy_url
from tests.integration.cli.conftest import Command

A_KEY = urlsafe_b64encode(bytes(range(32))).decode()
NOWHERE = {"OCTOPUS_API_URL": "http://127.0.0.1:9/octopus", "OCTOPUS_TOKEN_URL": "http://127.0.0.1:9/token"}
_CATALOGUE = """
    SELECT (SELECT array_agg((oid, relname, relacl)::text ORDER BY oid) FROM pg_class WHERE relnamespace >= 16384
                OR relnamespace = 'public'::regnamespace),
        (SELECT array_agg((tablename, policyname)::text ORDER BY 1) FROM pg_policies WHERE schemaname = 'public'),
        (SELECT array_agg(version_num) FROM alembic_version)
"""


@pytest.mark.parametrize("folder", ["data", "data/deeper"])
def test_the_doctor_makes_nothing_where_nothing_is(tmp_path: Path, in_process: Command, folder: str) -> None:
    examined = in_process("doctor", DATA_DIR=str(tmp_path / folder), **NOWHERE)

    assert list(tmp_path.iterdir()) == []
    assert "note    The embedded database is not there yet" in examined.stdout
    assert "        repair       Let this machine through to it" in examined.stdout
    assert examined.exit_code == 1  # of Octopus alone


def test_the_doctor_changes_nothing_in_a_database_and_has_repairs_and_notes_as_json(
    fresh_database: str, in_process: Command, tmp_path: Path
) -> None:
    def catalogue() -> tuple[object, ...] | None:
        with psycopg.connect(libpq_url(fresh_database)) as connection:
            return connection.execute(_CATALOGUE).fetchone()

    with psycopg.connect(libpq_url(fresh_database)) as connection:
        connection.execute("ALTER TABLE relation DISABLE ROW LEVEL SECURITY")
    before = catalogue()
    settings = {"DATABASE_URL": fresh_database, "ENCRYPTION_KEYS": A_KEY, "DATA_DIR": str(tmp_path / "data")}
    examined = json.loads(in_process("doctor", "--json", **settings, **NOWHERE).stdout)

    assert catalogue() == before
    assert list(tmp_path.iterdir()) == []
    assert examined["row security"]["faults"] == [
        {
            "problem": "Row security of the table relation is off",
            "repair": "ALTER TABLE relation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
            " as the owner of the tables",
        }
    ]
    assert [note.split(":")[0] for note in examined["settings"]["notes"]] == [
        "Nobody can sign in",
        "Nobody can connect Octopus",
    ]


def test_a_database_of_a_newer_program_is_not_migrated(fresh_database: str, in_process: Command) -> None:
    with psycopg.connect(libpq_url(fresh_database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    refused = in_process("migrate", DATABASE_URL=fresh_database)

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "The database was migrated by a newer Monitr than this one: update the program.\n"


@pytest.mark.parametrize(
    ("address", "reason", "repair"),
    [
        ("monitr:hidden@127.0.0.1:9/books", "nobody listens there", "start PostgreSQL there, or correct host and port"),
        ("monitr:hidden@nowhere.invalid/books", "the name of its host is not known here", "correct the host"),
        ("monitr@/books?host=/nowhere", "there is no socket in that folder", "start PostgreSQL there, or correct"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_with_the_reason(
    in_process: Command, address: str, reason: str, repair: str
) -> None:
    refused = in_process("migrate", DATABASE_URL=f"postgresql://{address}")

    assert refused.exit_code == 1
    assert refused.stderr.startswith("The database of MONITR_DATABASE_URL (postgresql://monitr")
    assert f"does not answer, since {reason}: {repair}" in refused.stderr
    assert "hidden" not in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_database_that_is_not_there_is_told_apart_from_a_server_that_is_not(
    server_url: str, in_process: Command
) -> None:
    absent = sqlalchemy_url(server_url).set(database="monitr_test_none").render_as_string(hide_password=False)
    refused = in_process("migrate", DATABASE_URL=absent)

    assert "since it has no such database: create it (createdb), or correct its name." in refused.stderr


@pytest.mark.parametrize("command", ["migrate", "serve"])
def test_a_data_folder_that_cannot_be_made_is_told(in_process: Command, command: str) -> None:
    refused = in_process(command, DATA_DIR="/dev/null/monitr")

    assert refused.exit_code == 1
    assert refused.stderr == (
        "MONITR_DATA_DIR, /dev/null/monitr, cannot be made or written (not a directory): let this user write there, or"
        " set it to a folder that can be.\n"
    )


@pytest.mark.parametrize("held", [b"", b"short", b"\xff" * 43, b"*" * 43])
def test_a_key_file_that_holds_no_key_is_told(in_process: Command, tmp_path: Path, held: bytes) -> None:
    (tmp_path / "encryption-key").write_bytes(held)
    examined = in_process("doctor", DATA_DIR=str(tmp_path))

    assert examined.exit_code == 1
    assert f"FAILED  settings     {tmp_path}/encryption-key holds no encryption key (32 bytes, base64url)." in (
        examined.stdout.splitlines()
    )
    assert [path.name for path in tmp_path.iterdir()] == ["encryption-key"]


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_does_not_answer_is_told_without_its_password(in_process: Command, scheme: str) -> None:
    settings = {"BROKER_URL": f"{scheme}://me:hidden@127.0.0.1:9/0", "DATA_DIR": "/dev/null/x"}
    examined = json.loads(in_process("doctor", "--json", **settings, **NOWHERE).stdout)

    (fault,) = examined["broker"]["faults"]
    assert fault["problem"] == (
        f"The broker of MONITR_BROKER_URL ({scheme}://127.0.0.1:9/0) does not answer, since nobody listens there"
    )
    assert "password" in fault["repair"]


def test_what_is_not_installed_is_named_with_what_installs_it(
    in_process: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nothing(_: str) -> None:
        return None

    monkeypatch.setattr("monitr.adapters.sql.database.embedded.find_spec", nothing)
    monkeypatch.setattr("monitr.entrypoints.cli.sandbox.find_spec", nothing)
    without_sandbox = "The Octopus sandbox is not installed: pip install the wheel octopus_sandbox that lies beside"

    for command in ("demo", "sandbox"):
        refused = in_process(command, DATA_DIR=str(tmp_path / "data"))
        assert (refused.exit_code, refused.stderr.startswith(without_sandbox)) == (1, True)
    assert in_process("migrate", DATA_DIR=str(tmp_path / "data")).stderr == (
        "MONITR_DATABASE_URL is not set, and the embedded database is not installed: set it, or pip install"
        " 'monitr[embedded]'.\n"
    )


def test_a_port_of_the_sandbox_that_is_taken_is_told(in_process: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = in_process("sandbox", "--port", str(port))

    assert refused.exit_code == 1
    assert refused.stderr.startswith(
        f"The sandbox cannot listen on 127.0.0.1, port {port} (--host, --port), since another"
    )
