"""A table of a file: its columns, its rows, and who writes it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from typing import BinaryIO, Protocol

Cell = str | int | Decimal | date | None
Row = tuple[Cell, ...]


class FileFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


class Kind(Enum):
    """Of what is in a column; None may be in any."""

    TEXT = str
    NUMBER = int
    AMOUNT = Decimal  # with two decimals
    DAY = date


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind = Kind.TEXT


class WriteTable(Protocol):
    """A format that is no stream of rows: its file is complete, or none."""

    async def __call__(self, columns: Sequence[Column], slices: AsyncIterator[Sequence[Row]], file: BinaryIO) -> None:
        """All rows, a slice at a time, with columns' names above them where the format has no others. What it takes of
        memory does not depend on how many there are. Raises what the slices raise; when it ends, so has all its work,
        also where it is cancelled."""
        ...
