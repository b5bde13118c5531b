"""Rows in the text format of COPY: a third of the time that binary rows take, which are packed value by value.

https://www.postgresql.org/docs/current/sql-copy.html, "Text Format". What would need a backslash is looked for in a
whole batch at once, since hardly any text holds it.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from psycopg import AsyncConnection as Driver
from psycopg import AsyncCopy
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.domain.accounting.ledger import LedgerLine

LINES = "FORMAT TEXT, NULL ''"
"""The options for ``lines_text``: a line holds no empty texts, so that none stands for NULL."""

_TABS = len(LedgerLine._fields) - 1
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


async def driver_of(connection: AsyncConnection) -> Driver:
    """In the transaction of the connection."""
    driver: Driver | None = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, Driver)
    return driver


class Arriving:
    """A COPY into a table, open while rows arrive, on the connection's transaction."""

    def __init__(self) -> None:
        self._context: Any = None
        self._copy: AsyncCopy | None = None

    async def open(self, connection: AsyncConnection, statement: str) -> None:
        self._context = (await driver_of(connection)).cursor().copy(statement.encode())
        self._copy = await self._context.__aenter__()

    async def write(self, text: bytes) -> None:
        assert self._copy is not None
        await self._copy.write(text)

    async def close(self, error: BaseException | None = None) -> None:
        """With an error nothing of it stays. Closing it again does nothing."""
        context, self._context, self._copy = self._context, None, None
        if context is not None:
            await context.__aexit__(type(error) if error else None, error, None)


def rows_text(rows: Sequence[tuple[object, ...]]) -> bytes:
    """For COPY without options."""
    text = _rows_joined(rows)
    nulls, tabs = (sum(counted) for counted in ((row.count(None) for row in rows), (len(row) - 1 for row in rows)))
    if _has_marks(text, len(rows), tabs) or text.count("\\") != nulls:
        text = _rows_joined([tuple(_escaped(row)) for row in rows])
    return text.encode()


def _rows_joined(rows: Sequence[tuple[object, ...]]) -> str:
    return "".join(
        [
            "\t".join(["\\N" if value is None else value if isinstance(value, str) else str(value) for value in row])
            + "\n"
            for row in rows
        ]
    )


def lines_text(lines: Sequence[LedgerLine]) -> bytes:
    """The lines in their order, their fields in the order of ``LedgerLine``."""
    text = _lines_joined(lines)
    if _has_marks(text, len(lines), len(lines) * _TABS) or "\\" in text:
        text = _lines_joined([LedgerLine._make(_escaped(line)) for line in lines])
    return text.encode()


def _lines_joined(lines: Sequence[LedgerLine]) -> str:
    """Flat, because every line of a ledger passes here: a call a field would double its time."""
    day = _Days()
    rows: list[str] = []
    for (
        bookyear, type, journal, document, sequence, period, dated, effective, due, account, amount, currency,
        currency_amount, rate, relation, cost_centre, description, reference, vat_section, vat_recuperation,
    ) in lines:  # fmt: skip
        money = str(amount)
        foreign = money if currency_amount is amount else "" if currency_amount is None else currency_amount
        rows.append(
            f"{bookyear}\t{type}\t{journal}\t{document}\t{sequence}\t{'' if period is None else period}"
            f"\t{day[dated]}\t{day[effective]}\t{day[due]}\t{account}\t{money}\t{currency}\t{foreign}"
            f"\t{'' if rate is None else rate}\t{'' if relation is None else relation}"
            f"\t{'' if cost_centre is None else cost_centre}\t{description or ''}\t{reference or ''}"
            f"\t{vat_section or ''}\t{'' if vat_recuperation is None else vat_recuperation}\n"
        )
    return "".join(rows)


def _has_marks(text: str, lines: int, tabs: int) -> bool:
    """More than those that COPY needs."""
    return "\r" in text or text.count("\n") != lines or text.count("\t") != tabs


def _escaped(row: Iterable[object]) -> Iterable[object]:
    return (value.translate(_ESCAPES) if isinstance(value, str) else value for value in row)


class _Days(dict[date | None, str]):
    """A batch holds the same days over and over."""

    def __missing__(self, day: date | None) -> str:
        text = self[day] = "" if day is None else day.isoformat()
        return text
