"""SQL in files of its own: every statement has a name, a sentence, and somebody who runs it."""

import re
from pathlib import Path

import pytest

import monitr
from monitr.adapters.sql.database.statements import named

SOURCES = Path(monitr.__file__).parent
FILES = sorted(SOURCES.rglob("*.sql"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_statement_begins_with_a_sentence(file: Path) -> None:
    statements = named(file)

    assert statements
    assert file.read_text().count(" --\n-- ") == len(statements), "each name is followed by a sentence"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_statement_is_run_by_a_module_beside_it(file: Path) -> None:
    code = "".join(module.read_text() for module in file.parent.glob(f"{file.stem}*.py"))

    assert [name for name in named(file) if not re.search(rf"""["']{name}["']""", code)] == []
