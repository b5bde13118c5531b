"""``monitr audit export`` against a real database."""

import csv
import io
import logging
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import structlog
from sqlalchemy import create_engine, insert
from typer.testing import CliRunner, Result

from monitr.adapters.sql.database.engine import sqlalchemy_url
from monitr.adapters.sql.database.tables import audit_entry
from monitr.entrypoints.cli import audit
from monitr.entrypoints.cli.main import app

MINE, SUBJECT = uuid4(), uuid4()
Export = Callable[..., Result]


@pytest.fixture
def export(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Export]:
    for name in [name for name in os.environ if name.startswith("MONITR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(audit, "_PAGE", 2)
    monkeypatch.setenv("MONITR_DATABASE_URL", fresh_database)
    monkeypatch.setenv("MONITR_ENCRYPTION_KEYS", urlsafe_b64encode(bytes(range(32))).decode())
    root = logging.getLogger()
    handlers, level, configuration = root.handlers[:], root.level, structlog.get_config()
    yield lambda *options: CliRunner().invoke(app, ["audit", "export", "--organisation", str(MINE), *options])
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configuration)
    structlog.contextvars.clear_contextvars()


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
