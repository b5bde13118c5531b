"""SQL in a file of its own, beside the module that runs it: ``-- name --``, a sentence, the statement, and so on.

The form is that of procrastinate's ``queries.sql``. Values are always parameters (``:name``).
"""

import re
from pathlib import Path

from sqlalchemy import TextClause, text

_NAME = re.compile(r"^-- ([a-z_]+) --\n", re.MULTILINE)


def statements(file: str | Path) -> dict[str, TextClause]:
    """Of ``fixed_assets.sql`` for the module ``fixed_assets.py``. A name that it does not hold is a KeyError."""
    return {name: text(statement) for name, statement in named(Path(file).with_suffix(".sql")).items()}


def named(file: Path) -> dict[str, str]:
    _, *parts = _NAME.split(file.read_text(encoding="utf-8"))
    return {name: statement.strip().removesuffix(";") for name, statement in zip(parts[::2], parts[1::2], strict=True)}
