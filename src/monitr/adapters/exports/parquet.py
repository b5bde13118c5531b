"""Parquet, by arro3: Arrow's and Parquet's Rust libraries, without what the whole of Arrow would bring along.

Rows become columns of texts, which Arrow itself makes decimals and dates of: nothing passes through a float.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import BinaryIO

from arro3.compute import cast  # pyright: ignore[reportUnknownVariableType]  # it takes buffers of anything
from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema
from arro3.io import write_parquet as write_file

from monitr.application.exports.table import Cell, Column, Kind, Row

BATCH = 5_000
"""Rows that become columns at a time."""
ROW_GROUP = 20_000
"""Rows whose columns lie together in the file; the writer holds them encoded until then."""

_TYPES = {
    Kind.TEXT: DataType.utf8(),
    Kind.NUMBER: DataType.int64(),
    Kind.AMOUNT: DataType.decimal128(24, 2),  # a sum of all lines that there can be
    Kind.DAY: DataType.date32(),
}


async def write_parquet(columns: Sequence[Column], slices: AsyncIterator[Sequence[Row]], file: BinaryIO) -> None:
    """A ``WriteTable``. A thread writes, and asks the event loop for the rows."""
    schema = Schema([Field(column.name, _TYPES[column.kind], nullable=True) for column in columns])
    rows = _Asked(slices, asyncio.get_running_loop())

    def write() -> None:
        batches = (_batch(columns, schema, some) for some in rows)
        reader = RecordBatchReader.from_batches(schema, batches)
        write_file(reader, file, compression="zstd(1)", max_row_group_size=ROW_GROUP)

    writing = asyncio.ensure_future(asyncio.to_thread(write))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        rows.stop()
        await asyncio.wait([writing])
        writing.exception()  # that it was stopped
        raise
    except Exception:
        if rows.failure is not None:  # Arrow tells it in words of its own
            raise rows.failure from None
        raise


class _Asked:
    """The rows for the thread, in batches."""

    def __init__(self, slices: AsyncIterator[Sequence[Row]], loop: asyncio.AbstractEventLoop) -> None:
        self._slices = slices
        self._loop = loop
        self._stopped = False
        self._asking: asyncio.Task[object] | None = None
        self.failure: Exception | None = None

    def __iter__(self) -> Iterator[Sequence[Row]]:
        while rows := self._next():
            yield rows

    def stop(self) -> None:
        """Called on the event loop: what is asked is cancelled, and nothing more is asked. The thread hears of it when
        the asking has ended."""
        self._stopped = True
        if self._asking is not None:
            self._asking.cancel()

    def _next(self) -> Sequence[Row]:
        return asyncio.run_coroutine_threadsafe(self._gathered(), self._loop).result()

    async def _gathered(self) -> Sequence[Row]:
        self._asking = asyncio.current_task()
        rows: list[Row] = []
        try:
            while len(rows) < BATCH and not self._stopped:
                rows += await anext(self._slices)
        except StopAsyncIteration:
            pass
        except Exception as failure:
            self.failure = failure
            raise
        if self._stopped:
            raise asyncio.CancelledError
        return rows


def _batch(columns: Sequence[Column], schema: Schema, rows: Sequence[Row]) -> RecordBatch:
    return RecordBatch(
        [_array(column.kind, cells) for column, cells in zip(columns, zip(*rows, strict=True), strict=True)],
        schema=schema,
    )


def _array(kind: Kind, cells: Sequence[Cell]) -> Array:
    if kind is Kind.NUMBER:
        return Array(cells, DataType.int64())
    texts = Array([None if cell is None else str(cell) for cell in cells], DataType.utf8())
    return texts if kind is Kind.TEXT else cast(texts, _TYPES[kind])
