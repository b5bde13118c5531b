"""``monitr audit export`` against a real database."""

import csv
import io
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, insert
from typer.testing import Result

from monitr.adapters.sql.database.engine import sqlalchemy_url
from monitr.adapters.sql.database.tables import audit_entry
from monitr.entrypoints.cli import audit
from tests.integration.cli.conftest import Command

MINE, SUBJECT = uuid4(), uuid4()
Export = Callable[..., Result]


@pytest.fixture
def export(fresh_database: str, in_process: Command, monkeypatch: pytest.MonkeyPatch) -> Export:
    monkeypatch.setattr(audit, "_PAGE", 2)
    settings = {"DATABASE_URL": fresh_database, "ENCRYPTION_KEYS": urlsafe_b64encode(bytes(range(32))).decode()}
    return lambda *options: in_process("audit", "export", "--organisation", str(MINE), *options, **settings)


def written(database: str, *, days_ago: int, organisation: UUID = MINE, **values: object) -> None:
    engine = create_engine(sqlalchemy_url(database))
    at = datetime.now(UTC) - timedelta(days=days_ago)
    row = {"organisation_id": organisation, "at": at, "actor": "anna", "action": "EXPORTED", **values}
    with engine.begin() as connection:
        connection.execute(insert(audit_entry).inline().values(row))
    engine.dispose()


def rows(exported: Result) -> list[dict[str, str]]:
    assert exported.exit_code == 0, exported.output
    return list(csv.DictReader(io.StringIO(exported.stdout_bytes.decode("utf-8"), newline="")))


def test_the_whole_trail_is_written_newest_first_page_by_page(fresh_database: str, export: Export) -> None:
    for days in range(5, 0, -1):
        written(fresh_database, days_ago=days, actor=f"{days}")
    written(fresh_database, days_ago=0, organisation=uuid4(), actor="another's")

    found = rows(export())

    assert [row["actor"] for row in found] == ["1", "2", "3", "4", "5"]
    assert tuple(found[0]) == audit.HEADINGS
    assert found[0]["at"].endswith("Z")


def test_a_subject_and_a_day_narrow_it(fresh_database: str, export: Export) -> None:
    for days, subject in ((9, SUBJECT), (3, uuid4()), (1, SUBJECT)):
        written(fresh_database, days_ago=days, subject_id=subject, actor=f"{days}")
    since = f"{datetime.now(UTC) - timedelta(days=5):%Y-%m-%d}"

    assert [row["actor"] for row in rows(export("--subject", str(SUBJECT), "--since", since))] == ["1"]
    assert [row["actor"] for row in rows(export("--since", since))] == ["1", "3"]


def test_names_of_octopus_are_shown_and_not_run(fresh_database: str, export: Export) -> None:
    name = '=HYPERLINK("http://evil.example","Demo"),\r\n"BV" é'
    written(fresh_database, days_ago=1, subject_name=name)
    exported = export()
    assert [row["subjectName"] for row in rows(exported)] == [f"'{name}"]
    assert exported.stdout_bytes.count(b"\r\n") == 3


def test_where_nothing_is_there_somebody_is_told(export: Export) -> None:
    exported = export()
    assert rows(exported) == []
    assert str(MINE) in exported.stderr
