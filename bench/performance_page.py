"""The results of a run in docs/performance.md, between two marks; the prose around them is a person's."""

import os
import platform
from datetime import UTC, datetime

import psutil

from bench import table
from bench.measurements import Measurements
from bench.peers import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench-import: written by make bench-import -->", "<!-- bench-import: end -->"


def write(measured: Measurements, lines: int, rounds: int, database: str) -> None:
    """Between the marks; without them at the end of the page, which is made where there is none."""
    page = PAGE.read_text() if PAGE.exists() else "# Performance\n"
    if BEGIN not in page:
        page = f"{page.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, rest = page.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{_results(measured, lines, rounds, database)}\n\n{END}{after}")


def _results(measured: Measurements, lines: int, rounds: int, database: str) -> str:
    memory = round(psutil.virtual_memory().total / 2**30)
    machine = f"{os.cpu_count()} cores, {memory} GB, {platform.system()} {platform.machine()}"
    load = "/".join(f"{average:.0f}" for average in os.getloadavg())
    return "\n\n".join(
        [
            f"`BENCH_LINES={lines} BENCH_ROUNDS={rounds} make bench-import ARGS=--write`, {datetime.now(UTC):%d %B %Y};"
            f" {machine}, load at the end {load} (1, 5 and 15 minutes); Python {platform.python_version()}, {database},"
            f" dlt {measured.dlt_pyarrow.version}, pgpq {measured.by_hand.version}. Our first"
            f" import, `\\copy`, dlt at its best and what is written by hand: the median of {rounds} rounds.",
            table.markdown(table.HEAD, [row.cells for row in table.rows(measured)]),
            "Shares of our time, by phase (phases may overlap; the others by SQL statement):",
            table.markdown(table.PHASES_HEAD, table.phases(measured)),
        ]
    )
