"""Which pg_dump and pg_restore are taken, of those that a machine has."""

from pathlib import Path

import pytest

from monitr.adapters.sql.backup.programs import BackupFailed, Connection, Programs, dumping, restoring

FOLDER = Path("/opt/postgresql/bin")


def versions(*numbers: int) -> list[Programs]:
    return [Programs(FOLDER, number) for number in numbers]


def test_the_servers_own_version_is_taken_else_the_nearest_newer_one() -> None:
    assert dumping(versions(18, 15, 16), 15).version == 15
    assert dumping(versions(18, 16, 14), 15).version == 16
    assert [one.version for one in restoring(versions(18, 14, 16, 15), 15)] == [15, 16, 18, 14]


@pytest.mark.parametrize(("there", "found"), [((15,), "15 in /opt/postgresql/bin"), ((), "none")])
def test_an_older_version_is_refused_in_one_sentence_that_says_what_to_install(
    there: tuple[int, ...], found: str
) -> None:
    with pytest.raises(BackupFailed) as refused:
        dumping(versions(*there), 17)

    assert str(refused.value) == (
        "The server is PostgreSQL 17, and pg_dump of that version or a newer one is not on this machine (found:"
        f" {found}): install the client programs of PostgreSQL 17 and have them on PATH."
    )


def test_the_password_is_not_among_the_arguments() -> None:
    to_books = Connection("postgresql://reader:hid%20den@db.example:5433/books?options=-c%20jit%3Doff")

    assert to_books.environment == {"PGPASSWORD": "hid den"}
    assert "hid" not in " ".join(to_books.arguments)
    assert "-c jit=off -c TimeZone=UTC" in to_books.arguments[-1]
