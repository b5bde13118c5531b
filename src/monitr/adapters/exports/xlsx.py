"""Excel's format, by XlsxWriter, which keeps one row in memory and the rest on disk."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, cast

from xlsxwriter.workbook import Workbook  # pyright: ignore[reportMissingTypeStubs]  # it has types, and no py.typed

from monitr.application.exports.table import Cell, Column, Kind, Row

ROWS_OF_A_SHEET = 1_048_576
LONGEST_TEXT = 32_767
"""Characters of a cell; a longer text is cut off, as Excel would."""
FIRST_DAY = date(1900, 3, 1)
"""Before it Excel counts a day that was not there: such dates are texts."""

_Write = Callable[[int, int, Any], object]


async def write_xlsx(
    columns: Sequence[Column],
    slices: AsyncIterator[Sequence[Row]],
    file: BinaryIO,
    *,
    rows_of_a_sheet: int = ROWS_OF_A_SHEET,
) -> None:
    """A ``WriteTable``. Further sheets where one is full, each with the columns' names."""
    with TemporaryDirectory(prefix="monitr-export-") as folder:
        stoppable = _Stoppable(file)
        book: Any = Workbook(cast("Any", stoppable), {"constant_memory": True, "tmpdir": folder})
        book.use_zip64()  # the parts of two million lines are larger than four gigabytes
        formats = _Formats(book)
        sheet, line = _Sheet(book, formats, columns), 1
        async for rows in slices:
            for row in rows:
                if line == rows_of_a_sheet:
                    sheet, line = _Sheet(book, formats, columns), 1
                sheet.write(line, row)
                line += 1
        await _closed(book, stoppable)


async def _closed(book: Any, file: "_Stoppable") -> None:
    """Compressing takes its time, and leaves the interpreter to others meanwhile."""
    closing = asyncio.ensure_future(asyncio.to_thread(book.close))
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        file.stopped = True
        await asyncio.wait([closing])
        closing.exception()  # that it was stopped
        raise


class _Formats:
    """Of one book: styles do not grow with its sheets."""

    def __init__(self, book: Any) -> None:
        # with the quote in front Excel does not run a text as a formula when somebody edits it either
        self.text = book.add_format({"quote_prefix": True})
        self.amount = book.add_format({"num_format": "0.00"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})


class _Sheet:
    def __init__(self, book: Any, formats: _Formats, columns: Sequence[Column]) -> None:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for position, column in enumerate(columns):
            sheet.write_string(0, position, column.name)
        self._writers = [_writer(sheet, formats, column.kind) for column in columns]

    def write(self, line: int, row: Row) -> None:
        for position, (write, cell) in enumerate(zip(self._writers, row, strict=True)):
            if cell is not None:
                write(line, position, cell)


def _writer(sheet: Any, formats: _Formats, kind: Kind) -> _Write:
    def text(line: int, position: int, cell: Cell) -> object:
        return sheet.write_string(line, position, str(cell)[:LONGEST_TEXT], formats.text) if cell else None

    def number(line: int, position: int, cell: int) -> object:
        return sheet.write_number(line, position, cell)

    def amount(line: int, position: int, cell: Decimal) -> object:
        # the nearest double: to the cent below 90,071,992,547,409.92
        return sheet.write_number(line, position, float(cell), formats.amount)

    def day(line: int, position: int, cell: date) -> object:
        counted = cell >= FIRST_DAY
        return sheet.write_datetime(line, position, cell, formats.day) if counted else text(line, position, cell)

    writers: dict[Kind, _Write] = {Kind.TEXT: text, Kind.NUMBER: number, Kind.AMOUNT: amount, Kind.DAY: day}
    return writers[kind]


class _Stoppable:
    """The file, until nobody wants it any more: then the next write fails, and the rest goes nowhere, so that the
    archive can be closed."""

    def __init__(self, file: BinaryIO) -> None:
        self.stopped = False
        self._has_failed = False
        self._file = file

    def write(self, data: bytes) -> int:
        if not self.stopped:
            return self._file.write(data)
        if self._has_failed:
            return len(data)
        self._has_failed = True
        raise OSError("nobody waits for this file any more")

    def tell(self) -> int:
        return 0 if self.stopped else self._file.tell()

    def seek(self, position: int, whence: int = 0) -> int:
        return 0 if self.stopped else self._file.seek(position, whence)

    def flush(self) -> None:
        if not self.stopped:
            self._file.flush()
