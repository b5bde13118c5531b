"""What one more process brings, and what a unit of work costs: the figures of docs/scaling.md.

``python -m bench.scaling --database postgresql://… [--dossiers 8] [--lines 40000] [--broker redis://…]``: in databases
of its own there, imports the dossiers with one worker and with two, imports them again without a change, and asks for
pages with one API process and with two. The sandbox, PostgreSQL, the processes and the load share the machine: on two
cores times say little of two machines, and processor seconds and bytes say what a unit costs wherever it runs.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from bench.query_latency import ENDED, SELECT, Place, ask, free_port, last_import, program, wait_for

PAGE_SECONDS = 10.0
CONNECTIONS = 8
START = "mutation ($ids: [ID!]!) { startImports(input: {administrationIds: $ids}) { __typename } }"
PAGE = (
    "query ($id: ID!) { administration(id: $id) { transactions(first: 100) { edges { node {"
    " id bookingCode bookyear date amount description account { number name } relation { number name } } } } } }"
)


@dataclass(frozen=True)
class Spent:
    """Of a stretch: seconds, processor seconds, bytes of write-ahead log."""

    seconds: float
    ours: float
    database: float
    log: int

    def per(self, units: float) -> str:
        return (
            f"{self.ours / units * 1000:.3f} ms of ours, {self.database / units * 1000:.3f} ms of PostgreSQL, "
            f"{self.log / units:,.0f} bytes of log"
        )


@dataclass
class Meter:
    """Reads what the processes named so far, and the PostgreSQL of this machine, have used."""

    address: str
    processes: list[psutil.Process] = field(default_factory=list)

    def spent(self, work: Callable[[], object]) -> Spent:
        before, begun = self._read(), time.monotonic()
        work()
        after = self._read()
        ours, database, log = (later - sooner for later, sooner in zip(after, before, strict=True))
        return Spent(time.monotonic() - begun, ours, database, int(log))

    def _read(self) -> tuple[float, float, float]:
        with psycopg.connect(self.address) as connection:
            row = connection.execute(
                "SELECT pg_current_wal_lsn() - '0/0', current_setting('data_directory')"
            ).fetchone()
        assert row is not None
        server = psutil.Process(int((Path(row[1]) / "postmaster.pid").read_text(encoding="utf-8").split()[0]))
        return sum(map(_used, self.processes)), _used(server), float(row[0])


def _used(process: psutil.Process) -> float:
    """Processor seconds, of its children too, of those that have ended as well."""
    times = process.cpu_times()
    own = times.user + times.system + times.children_user + times.children_system
    return own + sum(map(_used, process.children()))


@contextmanager
def parts(place: Place, name: str, count: int, meter: Meter) -> Iterator[Sequence[str]]:
    """So many processes of a part, with their addresses."""
    with ExitStack() as stack:
        before = {child.pid for child in psutil.Process().children()}
        ports = [free_port() for _ in range(count)]
        variable = "MONITR_HTTP_PORT" if name == "api" else f"MONITR_{name.upper()}_PORT"
        for port in ports:
            stack.enter_context(program({**place.settings, variable: str(port)}, name, "--quiet"))
        meter.processes += [child for child in psutil.Process().children() if child.pid not in before]
        addresses = [f"http://127.0.0.1:{port}" for port in ports]
        for address in addresses:
            wait_for(f"{address}/readyz")
        yield addresses


def imported(client: httpx.Client, administrations: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """Their last imports, once all have ended."""
    while True:
        runs = [last_import(client, each) for each in administrations]
        if all(run["status"] in ENDED for run in runs):
            assert {run["status"] for run in runs} == {"SUCCEEDED"}, runs
            return runs
        time.sleep(0.5)


def requests_to_octopus(workers: Sequence[str]) -> float:
    pages = [httpx.get(f"{address}/metrics", timeout=30).text for address in workers]
    lines = [line for page in pages for line in page.splitlines() if line.startswith("monitr_octopus_requests_total{")]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


def size_of(address: str) -> int:
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return int(row[0])


async def pages(addresses: Sequence[str], token: str, administration: str) -> tuple[int, float]:
    """How many in ``PAGE_SECONDS`` over all connections, and the median time of one."""
    times: list[float] = []
    until = time.monotonic() + PAGE_SECONDS

    async def one(address: str) -> None:
        async with httpx.AsyncClient(
            base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60
        ) as client:
            while time.monotonic() < until:
                begun = time.perf_counter()
                answer = await client.post("/graphql", json={"query": PAGE, "variables": {"id": administration}})
                assert "errors" not in answer.json(), answer.text[:300]
                times.append(time.perf_counter() - begun)

    await asyncio.gather(*(one(addresses[number % len(addresses)]) for number in range(CONNECTIONS)))
    return len(times), sorted(times)[len(times) // 2]


def import_all(place: Place, workers: int, numbers: Sequence[int]) -> Sequence[str]:
    """Prints what the first imports and those without a change took; the administrations."""
    meter = Meter(place.settings["MONITR_DATABASE_URL"])
    with ExitStack() as stack:
        (api,) = stack.enter_context(parts(place, "api", 1, Meter(meter.address)))
        at = stack.enter_context(parts(place, "worker", workers, meter))
        headers = {"Authorization": f"Bearer {place.token()}"}
        client = stack.enter_context(httpx.Client(base_url=api, headers=headers, timeout=120))
        integration = place.connected(client)
        empty, administrations, runs = size_of(meter.address), list[str](), list[Mapping[str, Any]]()

        def first() -> None:
            answer: dict[str, Any] = {}
            while "administrations" not in answer:  # a busy machine may not answer within a person's patience
                told: Any = ask(client, SELECT, id=integration, numbers=list(numbers))
                answer = told["selectAdministrations"]
            administrations.extend(each["id"] for each in answer["administrations"])
            runs.extend(imported(client, administrations))

        spent = meter.spent(first)
        lines = sum(each["fetched"] for run in runs for each in run["datasets"] if each["dataset"] == "GENERAL_LEDGER")
        print(f"{workers} workers, {len(numbers)} first imports: {lines:,} lines in {spent.seconds:.1f} s")
        print(f"  {lines / spent.seconds:,.0f} lines/s; for a line {spent.per(lines)}")
        print(f"  kept: {(size_of(meter.address) - empty) / lines:.0f} bytes a line")
        asked = requests_to_octopus(at)

        def again() -> None:
            ask(client, START, ids=administrations)
            imported(client, administrations)

        spent = meter.spent(again)
        calls = (requests_to_octopus(at) - asked) / len(numbers)
        print(f"{workers} workers, {len(numbers)} imports without a change: {spent.seconds:.1f} s")
        print(f"  {len(numbers) / spent.seconds:.2f} a second; {calls:.1f} requests to Octopus for one")
        print(f"  for one {spent.per(len(numbers))}")
    return administrations


def read_all(place: Place, processes: int, administration: str) -> None:
    meter = Meter(place.settings["MONITR_DATABASE_URL"])
    with parts(place, "api", processes, meter) as addresses:
        token = place.token()
        asyncio.run(pages(addresses, token, administration))  # warm
        told: list[tuple[int, float]] = []
        spent = meter.spent(lambda: told.append(asyncio.run(pages(addresses, token, administration))))
        count, median = told[0]
        print(
            f"{processes} API processes, {CONNECTIONS} connections: {count / spent.seconds:.1f} pages/s,"
            f" median {median * 1000:.0f} ms"
        )
        print(f"  for a page {spent.per(count)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--broker")
    parser.add_argument("--dossiers", type=int, default=8)
    parser.add_argument("--lines", type=int, default=40_000)
    options = parser.parse_args()
    print(json.dumps({"load": [round(each, 1) for each in os.getloadavg()], "cores": os.cpu_count()}))
    numbers = range(49001, 49001 + options.dossiers)
    limits = {
        f"MONITR_{name}": "off" for name in ("CONCURRENT_IMPORTS_PER_LOGIN", "CONCURRENT_IMPORTS_PER_ORGANISATION")
    }
    more = {**limits, "MONITR_SYNC_COOLDOWN": "0", "MONITR_OCTOPUS_DAILY_LIMITS": "off"}
    more |= {"MONITR_BROKER_URL": options.broker} if options.broker else {}
    for workers in (1, 2):
        with Place.found(options.database) as place:
            place.settings.update(more)
            port = place.sandbox.rpartition(":")[2]
            size = ("--lines", str(options.lines), "--dossiers", str(options.dossiers), "--port", port)
            with program(place.settings, "sandbox", *size):
                wait_for(f"{place.sandbox}/sandbox", 900)
                administrations = import_all(place, workers, list(numbers))
            if workers == 2:
                for processes in (1, 2):
                    read_all(place, processes, administrations[0])
    print(json.dumps({"load": [round(each, 1) for each in os.getloadavg()]}))


if __name__ == "__main__":
    main()
