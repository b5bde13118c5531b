"""SQL in a file of its own, beside the module that runs it: ``-- name --``, a sentence, the statement, and so on.

The form is that of procrastinate's ``queries.sql``. Values are always parameters (``:name``); of these ``:own`` stands
for the administration, as long as it is the organisation's (``tenancy.ITS_OWN``).
"""

import re
from pathlib import Path

from sqlalchemy import TextClause, text

from monitr.adapters.sql.database.tenancy import ITS_OWN

_NAME = re.compile(r"^-- ([a-z_]+) --\n", re.MULTILINE)
_OWN = re.compile(r":own\b")


def statements(file: str | Path) -> dict[str, TextClause]:
    """Of ``fixed_assets.sql`` for the module ``fixed_assets.py``. A name that it does not hold is a KeyError."""
    return {name: scoped(statement) for name, statement in named(Path(file).with_suffix(".sql")).items()}


def scoped(statement: str) -> TextClause:
    """With the parameters ``administration`` and ``organisation`` for ``:own``."""
    return text(_OWN.sub(ITS_OWN, statement))


def named(file: Path) -> dict[str, str]:
    _, *parts = _NAME.split(file.read_text(encoding="utf-8"))
    return {name: statement.strip().removesuffix(";") for name, statement in zip(parts[::2], parts[1::2], strict=True)}
