"""The committed schema is the program's, and only grows."""

import os
import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema

from monitr.entrypoints.graphql.schema import create_schema
from tests.components.graphql.coordinates import parts
from tests.schema_changes import ROOT, SCHEMA, NoHistory, committed, explained, present, unexplained

OLD = "type Query { name: String! old: String }"
NEW = "type Query { name: String }"
WHAT = ["Field Query.old was removed.", "Field Query.name changed type from String! to String."]


def test_the_committed_schema_is_the_programs() -> None:
    assert (ROOT / SCHEMA).read_text(encoding="utf-8") == present(), "`make schema` writes it anew"


def test_nothing_that_was_committed_before_is_broken_without_a_reason() -> None:
    try:
        versions = list(committed())
    except NoHistory as reason:
        if os.environ.get("MONITR_REQUIRE_HISTORY") == "1":
            raise
        pytest.skip(str(reason))
    assert unexplained(iter(versions), present(), explained()) == []


def test_a_change_that_breaks_clients_is_refused_until_it_is_explained() -> None:
    assert set(unexplained(iter([OLD]), NEW, {})) == set(WHAT)
    assert unexplained(iter([OLD]), NEW, dict.fromkeys(WHAT)) == []


def test_what_is_added_is_not_refused() -> None:
    assert unexplained(iter([NEW]), "type Query { name: String more(than: String): String }", {}) == []


def test_a_change_is_compared_with_the_versions_before_the_last_too(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=anna", "-c", "user.email=anna@example.test")
        subprocess.run(["git", "-C", str(tmp_path), *who, *arguments], check=True, capture_output=True)

    git("init", "--quiet")
    (tmp_path / "docs").mkdir()
    for version in (OLD, NEW):
        (tmp_path / SCHEMA).write_text(version, encoding="utf-8")
        git("add", ".")
        git("commit", "--quiet", "--message", "change")
    assert list(committed(tmp_path)) == [NEW, OLD]


def test_every_change_that_breaks_clients_has_a_date_and_a_reason() -> None:
    assert all(type(day) is date and why.strip() for day, why in explained().values())


SINCE = re.compile(r"Since \d{4}-\d{2}-\d{2}: use .+", re.DOTALL)


def unclear_deprecations(schema: GraphQLSchema) -> list[str]:
    """The coordinates of what is deprecated without saying since when, and what to use instead."""
    reasons = ((coordinate, getattr(part, "deprecation_reason", None)) for coordinate, part in parts(schema))
    return [coordinate for coordinate, reason in reasons if reason is not None and not SINCE.fullmatch(reason)]


def test_what_is_deprecated_says_since_when_and_what_to_use_instead() -> None:
    assert unclear_deprecations(create_schema()._schema) == []


def test_a_deprecation_that_says_less_is_found() -> None:
    schema = build_schema("""
        type Query {
          clear(a: Int): Int @deprecated(reason: "Since 2026-11-27: use `more`.")
          more(a: Int @deprecated(reason: "Not good.")): Int
          bare: Int @deprecated
        }
        input Input { a: Int, b: Int @deprecated(reason: "since 2026-11-27") }
        enum Enum { A, B @deprecated(reason: "Use A.") }
    """)
    assert set(unclear_deprecations(schema)) == {"Query.more(a:)", "Query.bare", "Input.b", "Enum.B"}
