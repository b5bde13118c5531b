"""What the writers of files write, read back by libraries that have not written it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import Any
from zipfile import ZipFile

import duckdb
import pytest
from openpyxl import load_workbook

from monitr.adapters.exports import parquet
from monitr.adapters.exports.parquet import write_parquet
from monitr.adapters.exports.xlsx import write_xlsx
from monitr.application.exports.table import Column, Kind, Row, WriteTable

COLUMNS = (
    Column("account.number"),
    Column("relation.number", Kind.NUMBER),
    Column("amount", Kind.AMOUNT),
    Column("date", Kind.DAY),
)
ODD = '=1+1 "quoted" <tag> & \x01 \ufffe _x0041_ é 💶\r\nnext'
ROWS: list[Row] = [
    ("012000", 7, Decimal("1234567890123456.78"), date(2026, 1, 15)),
    (None, None, None, None),
    (ODD, -2147483647, Decimal("-0.01"), date(1899, 12, 31)),
]


def duckdb_reads(path: Path, columns: str = "*") -> Any:
    return duckdb.sql(f"SELECT {columns} FROM '{path}'")


async def slices(rows: Sequence[Row] = ROWS, size: int = 2) -> AsyncIterator[Sequence[Row]]:
    for start in range(0, len(rows), size):
        await asyncio.sleep(0)
        yield rows[start : start + size]


async def written(write: WriteTable, path: Path, rows: Sequence[Row] = ROWS) -> Path:
    with path.open("wb+") as file:
        await write(COLUMNS, slices(rows), file)
    return path


async def test_parquet_has_exact_decimals_dates_and_nulls(tmp_path: Path) -> None:
    path = await written(write_parquet, tmp_path / "a.parquet")
    table = duckdb_reads(path)
    assert table.columns == [column.name for column in COLUMNS]
    assert [str(type) for type in table.types] == ["VARCHAR", "BIGINT", "DECIMAL(24,2)", "DATE"]
    assert table.fetchall() == ROWS


async def test_parquet_without_a_row_has_its_columns(tmp_path: Path) -> None:
    path = await written(write_parquet, tmp_path / "a.parquet", [])
    table = duckdb_reads(path)
    assert (table.columns, table.fetchall()) == ([column.name for column in COLUMNS], [])


async def test_parquet_of_many_batches_has_every_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BATCH", 3)
    rows: list[Row] = [(f"{number:06d}", number, Decimal(number), None) for number in range(10)]
    path = await written(write_parquet, tmp_path / "a.parquet", rows)
    assert duckdb_reads(path, '"relation.number"').fetchall() == [(number,) for number in range(10)]


async def test_xlsx_has_numbers_as_numbers_dates_as_dates_and_texts_as_they_are(tmp_path: Path) -> None:
    path = await written(write_xlsx, tmp_path / "a.xlsx")
    (sheet,) = load_workbook(path).worksheets
    header, first, second, third = sheet.iter_rows()
    assert [cell.value for cell in header] == [column.name for column in COLUMNS]
    assert [cell.data_type for cell in first] == ["s", "n", "n", "d"]
    assert [str(cell.value)[:10] for cell in first] == ["012000", "7", "1234567890", "2026-01-15"]
    assert [cell.value for cell in second] == [None] * 4
    assert third[1].value == -2147483647
    assert third[2].value == -0.01
    assert third[3].value == "1899-12-31"


async def test_no_text_of_an_xlsx_is_a_formula_not_even_when_it_is_edited(tmp_path: Path) -> None:
    path = await written(write_xlsx, tmp_path / "a.xlsx")
    (sheet,) = load_workbook(path).worksheets
    cell = sheet.cell(4, 1)
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert str(cell.value).startswith('=1+1 "quoted" <tag> &')
    with ZipFile(path) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


async def test_xlsx_goes_on_in_further_sheets(tmp_path: Path) -> None:
    rows: list[Row] = [(None, number, None, None) for number in range(7)]
    with (tmp_path / "a.xlsx").open("wb+") as file:
        await write_xlsx(COLUMNS, slices(rows), file, rows_of_a_sheet=4)
    sheets = load_workbook(tmp_path / "a.xlsx").worksheets
    assert [[row[1] for row in sheet.iter_rows(values_only=True)] for sheet in sheets] == [
        ["relation.number", 0, 1, 2],
        ["relation.number", 3, 4, 5],
        ["relation.number", 6],
    ]


class Refused(Exception):
    pass


async def failing() -> AsyncIterator[Sequence[Row]]:
    yield ROWS
    raise Refused


@pytest.mark.parametrize("write", [write_xlsx, write_parquet])
async def test_what_the_rows_raise_is_what_the_writer_raises(write: WriteTable) -> None:
    with TemporaryFile() as file, pytest.raises(Refused):
        await write(COLUMNS, failing(), file)


def left_behind() -> set[Path]:
    return set(Path(gettempdir()).glob("monitr-export-*"))


@pytest.mark.parametrize("write", [write_xlsx, write_parquet])
async def test_a_writer_that_is_cancelled_has_ended_its_work_and_left_nothing(write: WriteTable) -> None:
    before = left_behind()
    cancelled, waiting = asyncio.Event(), asyncio.Event()

    async def endless() -> AsyncIterator[Sequence[Row]]:
        yield ROWS
        waiting.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with TemporaryFile() as file:
        writing = asyncio.create_task(write(COLUMNS, endless(), file))
        await waiting.wait()
        writing.cancel()
        done, _ = await asyncio.wait([writing], timeout=5)
        assert done
        assert writing.cancelled()
        assert cancelled.is_set()
    assert left_behind() <= before


async def test_closing_a_workbook_ends_with_whoever_waits_for_it() -> None:
    """Two million lines are compressed for a minute: nobody waits for that after a hang-up."""

    class SlowFile:
        def __init__(self, file: object) -> None:
            self.writes = 0
            self._file = file

        def write(self, data: bytes) -> int:
            self.writes += 1
            loop.call_soon_threadsafe(began.set)
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0.02), loop).result()
            return int(self._file.write(data))  # type: ignore[attr-defined]

        def __getattr__(self, name: str) -> object:
            return getattr(self._file, name)

    loop, began = asyncio.get_running_loop(), asyncio.Event()
    with TemporaryFile() as real:
        file = SlowFile(real)
        writing = asyncio.create_task(write_xlsx(COLUMNS, slices(), file))  # type: ignore[arg-type]
        await began.wait()
        writing.cancel()
        await asyncio.wait([writing])
        assert writing.cancelled()
        assert file.writes < 5  # of some fifty
