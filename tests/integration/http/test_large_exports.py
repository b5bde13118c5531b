"""Exports of many lines: memory stays flat, and every line is there (MONITR_SOAK=1: two million lines)."""

import asyncio
import csv
import os
import resource
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import psutil
import pytest
import pytest_asyncio
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.reading.reader import SqlReaders
from tests.integration.http.a_server import a_server, a_token
from tests.integration.importing.soak import SOAK
from tests.integration.reading.stored_books import NOON, Place

LINES = int(os.environ.get("MONITR_EXPORTED_LINES", "2000000" if SOAK else "5000"))
MOST_GROWN = 60
"""Megabytes, of the process that serves and fetches. A hundred thousand lines as rows take some two hundred."""

_LINES = text("""
    INSERT INTO ledger_line (
        administration_id, bookyear, journal_type, journal_number, document_number, ordinal, line_sequence, period,
        document_date, effective_date, due_date, account, amount, currency, currency_amount, relation, cost_centre,
        description, reference
    )
    SELECT :id, 1, 1 + n % 4, 1, 1 + n / 8, 1 + n / 4 % 2, n, 202601, DATE '2026-01-01' + n % 365,
           DATE '2026-01-01' + n / 8 * 8 % 365, DATE '2026-02-01' + n % 365, 400000 + n % 300, n / 100.0, 'EUR', NULL,
           n % 5000, CASE WHEN n % 3 = 0 THEN n % 20 + 1 END, 'Invoice ' || n || ' of somebody', 'REF' || n
    FROM generate_series(0, CAST(:lines AS int) - 1) AS n
""")


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def place(engine: AsyncEngine) -> Place:
    return await Place(engine).founded()


@pytest.mark.parametrize("format", ["csv", "parquet", "xlsx"])
async def test_memory_is_flat_and_every_line_is_there(
    engine: AsyncEngine, place: Place, format: str, tmp_path: Path
) -> None:
    id = await place.an_administration(dossier=len(format) * 7 + ord(format[0]))
    async with engine.begin() as connection:
        await connection.execute(_LINES, {"id": id, "lines": LINES})
        await connection.execute(text("ANALYZE ledger_line"))
    file, process = tmp_path / f"a.{format}", psutil.Process()
    readers = SqlReaders(engine, lambda: NOON)
    headers = {"authorization": f"Bearer {a_token(organisation=place.organisation)}", "accept-encoding": "identity"}

    async with a_server(read_from=readers, export_deadline=timedelta(hours=1)) as server:
        await server.client.get(f"/exports/{id}/transactions.{format}?to=2026-01-02", headers=headers)  # warm
        before, started, first, busy = process.memory_info().rss, time.perf_counter(), 0.0, time.process_time()
        most, waits = 0, []

        async def watch() -> None:
            nonlocal most
            while True:
                at = time.perf_counter()
                await asyncio.sleep(0.01)
                waits.append(time.perf_counter() - at - 0.01)
                most = max(most, process.memory_info().rss - before)

        watching = asyncio.create_task(watch())
        with file.open("wb") as out:
            async with server.client.stream(
                "GET", f"/exports/{id}/transactions.{format}", headers=headers, timeout=httpx.Timeout(3600)
            ) as answer:
                assert answer.status_code == 200
                async for part in answer.aiter_raw():
                    first = first or time.perf_counter() - started
                    out.write(part)
        watching.cancel()
        busy = time.process_time() - busy
    waits.sort()
    print(  # figures for the documentation
        f"\n{format}: {LINES} lines in {time.perf_counter() - started:.1f} s ({busy:.1f} s busy), "
        f"first byte after {first:.2f} s, "
        f"{file.stat().st_size / 1e6:.1f} MB, grown by {most / 1e6:.1f} MB; the loop kept others waiting "
        f"{waits[len(waits) // 2] * 1000:.1f} ms (median), {waits[int(len(waits) * 0.99)] * 1000:.1f} ms (99 %), "
        f"{waits[-1] * 1000:.0f} ms at most; peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB"
    )

    cents = LINES * (LINES - 1) // 2
    assert _read_back(file) == (LINES, cents)
    assert most < MOST_GROWN * 1e6


def _read_back(file: Path) -> tuple[int, int]:
    """How many lines, and the sum of their amounts in cents."""
    if file.suffix == ".parquet":
        statement = f"SELECT count(DISTINCT id), CAST(sum(amount) * 100 AS bigint) FROM '{file}'"
        relation: Any = duckdb.sql(statement)
        ((lines, sum_of_cents),) = relation.fetchall()
        return int(lines), int(sum_of_cents)
    ids: set[str] = set()
    cents = 0
    if file.suffix == ".csv":
        with file.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                ids.add(row["id"])
                cents += int(row["amount"].replace(".", ""))
        return len(ids), cents
    for sheet in load_workbook(file, read_only=True).worksheets:
        rows = sheet.iter_rows(values_only=True)
        header = next(rows)
        at, amount = header.index("id"), header.index("amount")
        for cells in rows:
            ids.add(str(cells[at]))
            cents += round(float(str(cells[amount])) * 100)
    return len(ids), cents
