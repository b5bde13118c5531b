"""The dearest requests that pass their price, in pages of a hundred ledger lines, on a large ledger.

``python -m bench.dearest_requests --database postgresql://… [--lines 2000000] [--bookyears 4]``: makes a database of
its own there, starts ``monitr sandbox`` and ``monitr serve``, imports, measures, and removes everything again. Each
request has the price that its ``extensions.cost`` says; filters that look at lines have the longest span that passes.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import psutil

from bench.query_latency import ENDED, Place, last_import, program, selected, wait_for

ROUNDS = 7
LINE = (
    "id bookingCode date effectiveDate amount description account { number name } relation { number name }"
    " dimensionValues { code name }"
)
PAGE = f"{{ totalCount pageInfo {{ hasNextPage endCursor }} edges {{ cursor node {{ {LINE} }} }} }}"
YEAR = 'from: "2025-01-01", to: "2025-12-31"'
PARTED = 'from: "2025-01-15", to: "2025-12-10"'


def requests() -> Mapping[str, list[str]]:
    """By name; of several forms the first that passes is the dearest."""
    balances = "{ month movement balance account { number name } dimensionValue { code } }"
    trial = "{ rows { account { number name } opening debit credit closing } }"
    statement = "{ lines { key name amounts accounts { account { number } amounts } } }"
    searched = 'filter: { text: "a", %s }, first: 100'
    weighed = 'filter: { amountFrom: "999999999", %s }, first: 100'
    return {
        "a page of 500": [f"transactions(first: 500) {PAGE}"],
        "a text, counted": [f"transactions({searched % span}) {PAGE}" for span in _spans()],
        "an amount, counted": [f"transactions({weighed % span}) {PAGE}" for span in _spans()],
        "trial balances, parted": [
            " ".join(f"t{n}: trialBalance({PARTED}) {trial}" for n in range(count)) for count in (10, 7, 5, 3, 2)
        ],
        "a year by cost centre": [f'monthlyBalances({YEAR}, byDimension: "COST_CENTRE") {balances}'],
        "five years of balances": [f'monthlyBalances(from: "2021-01-01", to: "2025-12-31") {balances}'],
        "a statement by month": [
            f"statement(kind: BALANCE_SHEET, {YEAR}, interval: MONTH, compareWith: PREVIOUS_YEAR) {statement}"
        ],
    }


def _spans() -> Iterator[str]:
    for months in (48, 36, 24, 18, 12, 9, 6, 4, 3, 2, 1):
        year, month = divmod(12 * 2026 - months, 12)
        yield f'from: "{year}-{month + 1:02}-01", to: "2025-12-31"'


class Client:
    def __init__(self, http: httpx.Client, administration: str) -> None:
        self._http = http
        self._administration = administration

    def ask(self, selection: str) -> tuple[float, dict[str, Any]]:
        """Milliseconds, and the answer."""
        body = {
            "query": f"query ($id: ID!) {{ administration(id: $id) {{ {selection} }} }}",
            "variables": {"id": self._administration},
        }
        begun = time.perf_counter()
        answer: dict[str, Any] = self._http.post("/graphql", json=body).json()
        return (time.perf_counter() - begun) * 1000, answer


def measured(name: str, forms: list[str], client: Client, other: Client, api: psutil.Process, page: float) -> None:
    passing = next(((form, answer) for form in forms if "errors" not in (answer := client.ask(form)[1])), None)
    if passing is None:
        print(f"{name:>28}: {client.ask(forms[-1])[1]['errors'][0]['message']}")
        return
    form, answer = passing
    before, stop, waited = api.memory_info().rss, threading.Event(), list[float]()

    def beside() -> None:
        while not stop.is_set():
            waited.append(other.ask(f"transactions(first: 100) {PAGE}")[0])

    alone = [client.ask(form)[0] for _ in range(ROUNDS)]
    grown = (api.memory_info().rss - before) / 1e6
    watching = threading.Thread(target=beside)
    watching.start()
    for _ in range(ROUNDS):
        client.ask(form)
    stop.set()
    watching.join()
    median = statistics.median(alone)
    price = answer["extensions"]["cost"]["price"]
    print(
        f"{name:>28}: price {price:6}, {median:7.0f} ms, {median / page:5.1f} pages, at most {max(alone) / page:5.1f};"
        f" grown by {grown:4.0f} MB; another's page meanwhile {statistics.median(waited):5.0f} ms,"
        f" {max(waited):5.0f} at most",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--bookyears", type=int, default=4)
    options = parser.parse_args()
    with Place.found(options.database) as place:
        size = ("--lines", str(options.lines), "--bookyears", str(options.bookyears))
        with place.serving(*size), place.client("anna") as http:
            id, run, begun = selected(http, place.connected(http)), {"status": "QUEUED"}, time.monotonic()
            while run["status"] not in ENDED:
                time.sleep(1)
                run = last_import(http, id)
            print(f"{run['status']} after {time.monotonic() - begun:.0f} s: {run['datasets']}", flush=True)
        with program(place.settings, "api"):
            wait_for(f"{place.api}/readyz")
            measure(Client(place.client("anna"), id), Client(place.client("bert"), id))


def measure(client: Client, other: Client) -> None:
    (process,) = (it for it in psutil.Process().children(recursive=True) if it.cmdline()[-1:] == ["api"])
    pages = [client.ask(f"transactions(first: 100) {PAGE}")[0] for _ in range(5 * ROUNDS)]
    page = statistics.median(pages[ROUNDS:])
    print(f"{'a page of 100':>28}: {page:.0f} ms, {process.memory_info().rss / 1e6:.0f} MB", flush=True)
    for name, forms in requests().items():
        measured(name, forms, client, other, process, page)


if __name__ == "__main__":
    main()
