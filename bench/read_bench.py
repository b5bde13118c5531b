"""Reads against PostGraphile 5: the same database, rows, order and row security, one process each.

``python -m bench.read_bench --database postgresql://… [--lines 200000] [--seconds 5] [--rounds 3]``, which is
``make bench-read``. Both verify the same token and enter the same role. The load comes from autocannon; a round asks
ours and then the other, so that what else the machine does falls on both. Ends with 1 where a bar is not met.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench.query_latency import ENDED, Place, free_port, last_import, program, selected, wait_for

PEER = Path(__file__).parent / "peer"
MODULES = PEER / "node_modules"
CONNECTIONS = (1, 10, 50)
PAGE_BAR, SMALL_BAR, TAIL_BAR = 1.5, 1.0, 4.0
"""Ours per second against the other's; of the small queries; p99 against the median."""

_OUR_PAGE = """
query Page($id: ID!) { administration(id: $id) { transactions(first: 100) {
  pageInfo { hasNextPage endCursor }
  edges { cursor node {
    id bookyear period journalKey documentNumber lineNumber date effectiveDate dueDate amount debit credit currency
    description reference vatSection currencyAmount bookingCode
    account { number name } relation { number name vatNumber } } } } } }
"""
_THEIR_PAGE = """
query Page($id: UUID!) { administrationByRowId(rowId: $id) { rowId } allLedgerLines(
  condition: {administrationId: $id}, first: 100,
  orderBy: [
    EFFECTIVE_DATE_DESC, BOOKYEAR_DESC, JOURNAL_TYPE_DESC, JOURNAL_NUMBER_DESC, DOCUMENT_NUMBER_DESC, ORDINAL_ASC
  ]) {
  pageInfo { hasNextPage endCursor }
  edges { cursor node {
    id bookyear period journalType journalNumber documentNumber ordinal lineSequence documentDate effectiveDate dueDate
    amount currency description reference vatSection currencyAmount costCentre
    accountOfLine { number nameNl } relationOfLine { number name vatNumber } } } } }
"""
_OUR_ADMINISTRATION = "query ($id: ID!) { administration(id: $id) { id name vatNumber dossierNumber status } }"
_THEIR_ADMINISTRATION = (
    "query ($id: UUID!) { administrationByRowId(rowId: $id) { rowId name vatNumber dossierNumber status } }"
)
_VIEWER = "{ viewer { subject organisationId roles expiresAt } }"


@dataclass(frozen=True)
class Measure:
    """``bar``: at least so many times the other's requests a second."""

    name: str
    ours: str
    theirs: str
    bar: float
    takes_id: bool = True


MEASURES = (
    Measure("page of 100 transactions", _OUR_PAGE, _THEIR_PAGE, PAGE_BAR),
    Measure("one administration", _OUR_ADMINISTRATION, _THEIR_ADMINISTRATION, SMALL_BAR),
    Measure("viewer", _VIEWER, _VIEWER, SMALL_BAR, takes_id=False),
)


@dataclass
class Runs:
    """Of one measure and number of connections, a figure for each round. Milliseconds."""

    per_second: list[float] = field(default_factory=list[float])
    median: list[float] = field(default_factory=list[float])
    p99: list[float] = field(default_factory=list[float])

    def add(self, result: Any) -> None:
        if result["errors"] or result["non2xx"]:
            raise SystemExit(f"{result['errors']} errors, {result['non2xx']} refusals: {result['url']}")
        self.per_second.append(result["requests"]["total"] / result["duration"])
        self.median.append(result["latency"]["p50"])
        self.p99.append(result["latency"]["p99"])


def node() -> Path:
    """Node 22, which PostGraphile 5 needs: of this folder's lock file, else the machine's."""
    found = sorted(MODULES.glob("node-linux-*/bin/node"))
    return found[0] if found else Path("node")


@contextmanager
def postgraphile(place: Place, port: int) -> Iterator[None]:
    settings = {
        "DATABASE_URL": place.settings["MONITR_DATABASE_URL"],
        "SECRET": place.settings["MONITR_AUTH_SECRET"],
        "PORT": str(port),
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
    }
    process = subprocess.Popen(
        [node(), "postgraphile.mjs"], cwd=PEER, env={**os.environ, **settings}, stdout=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/graphql")
        yield
    finally:
        process.terminate()
        process.wait(30)


def load(address: str, token: str, body: object, connections: int, seconds: int) -> Any:
    """As autocannon says it."""
    command = [str(node()), str(MODULES / "autocannon" / "autocannon.js"), "--json", "-m", "POST"]
    command += ["-c", str(connections), "-d", str(seconds), "-H", f"Authorization: Bearer {token}"]
    command += ["-H", "content-type: application/json", "-b", json.dumps(body), address]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def imported(place: Place, client: httpx.Client) -> str:
    """The id of the administration."""
    administration = selected(client, place.connected(client))
    while (status := last_import(client, administration)["status"]) not in ENDED:
        time.sleep(1)
    if status != "SUCCEEDED":
        raise SystemExit(f"the import ended as {status}")
    return administration


def checked(address: str, token: str, body: object) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    told = httpx.post(address, json=body, headers=headers, timeout=60).json()
    if told.get("errors"):
        raise SystemExit(json.dumps(told["errors"]))


def measured(place: Place, administration: str, seconds: int, rounds: int) -> bool:
    """Prints the table; whether all bars are met."""
    port, token = free_port(), place.token()
    ours, theirs = f"{place.api}/graphql", f"http://127.0.0.1:{port}/graphql"
    is_met = True
    with program(place.settings, "api", "--quiet"), postgraphile(place, port):
        wait_for(f"{place.api}/readyz")
        print("| measure | connections | ours | PostGraphile | ratio | bar | p50, p99 ours | p99/p50 | theirs | |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
        for measure in MEASURES:
            variables = {"variables": {"id": administration}} if measure.takes_id else {}
            sides = [(ours, {"query": measure.ours, **variables}), (theirs, {"query": measure.theirs, **variables})]
            for address, body in sides:
                checked(address, token, body)
                load(address, token, body, 10, 2)  # warm
            for connections in CONNECTIONS:
                runs = [Runs(), Runs()]
                for _ in range(rounds):
                    for (address, body), run in zip(sides, runs, strict=True):
                        run.add(load(address, token, body, connections, seconds))
                is_met = _printed(measure, connections, *runs) and is_met
    return is_met


def _printed(measure: Measure, connections: int, ours: Runs, theirs: Runs) -> bool:
    """Ratios are the medians of those of each round."""
    ratio = statistics.median(a / b for a, b in zip(ours.per_second, theirs.per_second, strict=True))
    tail = statistics.median(p99 / max(p50, 1) for p50, p99 in zip(ours.median, ours.p99, strict=True))
    is_met = ratio >= measure.bar and (tail < TAIL_BAR or measure.bar != PAGE_BAR)
    cells = [measure.name, connections, f"{_middle(ours.per_second):.0f}/s", f"{_middle(theirs.per_second):.0f}/s"]
    cells += [f"{ratio:.2f}", measure.bar, f"{_middle(ours.median):.0f}, {_middle(ours.p99):.0f} ms", f"{tail:.1f}"]
    cells += [f"{_middle(theirs.median):.0f}, {_middle(theirs.p99):.0f} ms", "met" if is_met else "not met"]
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    return is_met


def _middle(figures: Sequence[float]) -> float:
    return statistics.median(figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with Place.found(options.database) as place:
        with place.serving("--lines", str(options.lines)), place.client() as client:
            administration = imported(place, client)
        before = os.getloadavg()[0]
        is_met = measured(place, administration, options.seconds, options.rounds)
    loads = f"load {before:.1f} before and {os.getloadavg()[0]:.1f} after, the measurement's own included"
    print(f"{options.lines:,} lines; {os.cpu_count()} processors, {loads}; Python {platform.python_version()};")
    print(f"the p99 of a page has to stay below {TAIL_BAR:g} times its p50")
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
