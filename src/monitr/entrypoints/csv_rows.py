"""CSV after RFC 4180, in UTF-8. Names from Octopus are in it, and spreadsheets run what they read."""

import csv
import io
from collections.abc import Sequence

_RUN = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A cell that begins so is a formula, the wide forms included."""
_SKIPPED = "\t\r\n \u00a0\ufeff"
"""What some spreadsheets pass over before they look."""


def defused(text: str) -> str:
    """As a text, also where a spreadsheet would run it as a formula: the apostrophe in front says so."""
    runs = text.startswith(("\t", "\r", "\n")) or text.lstrip(_SKIPPED).startswith(_RUN)
    return f"'{text}" if runs else text


def csv_row(cells: Sequence[str | None]) -> bytes:
    """One record with its line break. Cells are texts: None is empty."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([defused(cell or "") for cell in cells])
    return line.getvalue().encode("utf-8", "replace")
