"""CSV after RFC 4180, in UTF-8. Names from Octopus are in it, and spreadsheets run what they read."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

_RUN = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A cell that begins so is a formula, the wide forms included."""
_SKIPPED = "\t\r\n \u00a0\ufeff"
"""What some spreadsheets pass over before they look."""


@dataclass(frozen=True, slots=True)
class Dialect:
    delimiter: str
    decimal_mark: str


STANDARD = Dialect(",", ".")
BELGIAN = Dialect(";", ",")
"""As Excel reads and writes it where the system is set to Belgium."""


def defused(text: str) -> str:
    """As a text, also where a spreadsheet would run it as a formula: the apostrophe in front says so."""
    runs = text.startswith(("\t", "\r", "\n")) or text.lstrip(_SKIPPED).startswith(_RUN)
    return f"'{text}" if runs else text


def csv_row(cells: Sequence[str | None]) -> bytes:
    """One record with its line break. Cells are texts, members of enums too: None is empty."""
    return csv_rows([[None if cell is None else str(cell) for cell in cells]])


def csv_rows(rows: Iterable[Sequence[str | int | Decimal | date | None]], dialect: Dialect = STANDARD) -> bytes:
    """Records, each with its line break. Texts are defused; numbers are written in the dialect, days as YYYY-MM-DD."""
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=dialect.delimiter, lineterminator="\r\n")
    point = dialect.decimal_mark
    writer.writerows([_WRITTEN[cell.__class__](cell, point) for cell in row] for row in rows)
    return lines.getvalue().encode("utf-8", "replace")


# by the class, since a file may have fifty million cells
_WRITTEN: dict[type, Callable[[Any, str], object]] = {
    str: lambda text, _: defused(text),
    int: lambda number, _: number,
    date: lambda day, _: day,
    Decimal: lambda amount, point: f"{amount:f}".replace(".", point),
    type(None): lambda nothing, _: "",
}
