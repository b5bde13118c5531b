"""``make bench-import``: the import against its peers and its bars, measured in one run; 1 where a bar is not met.

python -m bench.import_bench [--write]    BENCH_LINES (500000), BENCH_ROUNDS (3): environment
"""

import argparse
import os
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench import performance_page, table
from bench.databases import a_server, server_version
from bench.measurements import Bench, Measurements
from bench.peers import DLT_PYTHON

console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.import_bench")
    parser.add_argument("--write", action="store_true", help="put the results into docs/performance.md as well")
    write = parser.parse_args().write
    if not DLT_PYTHON.exists():
        parser.error("dlt is not installed: make bench-import installs it")
    lines, rounds = int(os.environ.get("BENCH_LINES", "500000")), int(os.environ.get("BENCH_ROUNDS", "3"))
    with a_server() as server:
        measured = Bench(server, lines, rounds, _tell).measure()
        database = server_version(server)
    rows = table.rows(measured)
    _show(measured, rows)
    if write:
        performance_page.write(measured, lines, rounds, database)
    sys.exit(any(row.met is False for row in rows))


def _tell(step: str) -> None:
    load, _, _ = os.getloadavg()
    console.print(f"… {step} (load {load:.1f})", style="dim", markup=False)


def _show(measured: Measurements, rows: Sequence[table.Row]) -> None:
    console.print(_printed("The import and its peers", table.HEAD, [row.cells for row in rows]))
    console.print(_printed("Where the time goes", table.PHASES_HEAD, table.phases(measured)))
    if measured.first.lines < table.BARS_AT * 0.9:
        console.print(f"The bars are stated for {table.BARS_AT:,} lines; this run had {measured.first.lines:,}.")
    for check, finding in measured.first.not_passed.items():
        console.print(f"The verification of the first import did not pass: {check} {finding}", markup=False)


def _printed(title: str, head: tuple[str, ...], body: list[tuple[str, ...]]) -> Table:
    printed = Table(*head, title=title, title_justify="left")
    for cells in body:
        printed.add_row(*cells)
    return printed


if __name__ == "__main__":
    main()
