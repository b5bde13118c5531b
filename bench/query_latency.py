"""The p99 of a small query while a long import runs in ``monitr serve``, beside its idle value, from one run.

``python bench/query_latency.py --database postgresql://… [--lines 500000]``: makes a database of its own there, starts
``monitr sandbox`` and ``monitr serve``, measures, and removes everything again. The generator, the sandbox, PostgreSQL,
the API and the worker share the machine.
"""

import argparse
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psycopg
from psycopg import sql

IDLE_SECONDS = 20.0
PAUSE_SECONDS = 0.01
SMALL_QUERY = "{ integrationProviders { key integrations { id status } } }"
CONNECT = (
    "mutation { connectIntegration(input: {provider: OCTOPUS})"
    " { ... on AuthorizationRequired { integration { id } authorizationUrl } } }"
)
SELECT = (
    "mutation ($id: ID!, $numbers: [Int!]!)"
    " { selectAdministrations(input: {integrationId: $id, dossierNumbers: $numbers})"
    " { ... on AdministrationsSelected { administrations { id } } } }"
)
RUN = (
    "query ($id: ID!) { administration(id: $id) { lastImport { status progress startedAt finishedAt"
    " datasets { dataset fetched } } } }"
)


class _Hidden(HTMLParser):
    """The hidden fields of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.fields = dict[str, str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden":
            self.fields[given.get("name") or ""] = given.get("value") or ""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def database(server: str) -> Iterator[str]:
    name = f"monitr_bench_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def program(settings: dict[str, str], *arguments: str) -> Iterator[None]:
    """``monitr`` with these arguments, for as long as the context is open."""
    command = [sys.executable, "-m", "monitr", *arguments]
    process = subprocess.Popen(command, env={**os.environ, **settings}, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def wait_for(address: str, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(address, timeout=5).status_code < 500:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"{address} does not answer")


def log_in(browser: httpx.Client, address: str, sandbox: str) -> None:
    """Walk start page, login, consent and callback as a browser would."""
    asked = _Hidden()
    asked.feed(browser.get(address).text)
    page = browser.post(address, data=asked.fields, follow_redirects=True)
    for action, fields in (("login", {"user": "demo", "password": "demo"}), ("consent", {"decision": "authorise"})):
        found = _Hidden()
        found.feed(page.text)
        data = {**found.fields, **fields}
        page = browser.post(f"{sandbox}/octopus-oauth/{action}", data=data)
        if page.status_code == 303:
            browser.get(page.headers["location"])
            return


def ask(client: httpx.Client, query: str, **variables: object) -> dict[str, object]:
    answer = client.post("/graphql", json={"query": query, "variables": variables}).json()
    if answer.get("errors"):
        raise SystemExit(json.dumps(answer["errors"]))
    data: dict[str, object] = answer["data"]
    return data


def timed(client: httpx.Client) -> float:
    """Milliseconds of one small query."""
    begun = time.perf_counter()
    ask(client, SMALL_QUERY)
    time_taken = (time.perf_counter() - begun) * 1000
    time.sleep(PAUSE_SECONDS)
    return time_taken


def described(name: str, times: Sequence[float]) -> float:
    """The p99."""
    cuts = statistics.quantiles(times, n=100)
    print(
        f"{name:>14}: {len(times):6} queries, p50 {cuts[49]:6.1f} ms, p99 {cuts[98]:6.1f} ms, max {max(times):6.1f} ms"
    )
    return cuts[98]


def settings_of(database: str, port: int) -> dict[str, str]:
    """Of a program that asks no Octopus."""
    return {
        "MONITR_DATABASE_URL": database,
        "MONITR_ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "MONITR_AUTH_SECRET": secrets.token_urlsafe(32),
        "MONITR_HTTP_PORT": str(port),
        "MONITR_RATE_LIMIT": "off",
    }


@dataclass(frozen=True)
class Place:
    """Where a sandbox and the program run, in a database of their own."""

    settings: dict[str, str]
    sandbox: str
    api: str
    organisation: str = field(default_factory=lambda: str(uuid4()))

    @classmethod
    @contextmanager
    def found(cls, server: str) -> "Iterator[Place]":
        with database(server) as address:
            sandbox, api = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
            settings = {
                **settings_of(address, int(api.rpartition(":")[2])),
                "MONITR_OCTOPUS_API_URL": f"{sandbox}/octopus-rest-api/v1",
                "MONITR_OCTOPUS_AUTHORIZE_URL": f"{sandbox}/octopus-oauth/authorize",
                "MONITR_OCTOPUS_TOKEN_URL": f"{sandbox}/octopus-oauth/token",
                "MONITR_OCTOPUS_CLIENT_ID": "monitr-sandbox",
            }
            environment = {**os.environ, **settings}
            subprocess.run([sys.executable, "-m", "monitr", "migrate"], env=environment, check=True)
            yield cls(settings, sandbox, api)

    def token(self, subject: str = "bench") -> str:
        made = ["token", "--organisation", self.organisation, "--subject", subject, "--role", "ORGANISATION_ADMIN"]
        command, environment = [sys.executable, "-m", "monitr", *made], {**os.environ, **self.settings}
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    @contextmanager
    def serving(self, *size: str) -> Iterator[None]:
        """The sandbox, of one dossier with this size, and the program."""
        port = self.sandbox.rpartition(":")[2]
        with (
            program(self.settings, "sandbox", *size, "--dossiers", "1", "--port", port),
            program(self.settings, "serve", "--quiet"),
        ):
            wait_for(f"{self.api}/readyz")
            wait_for(f"{self.sandbox}/sandbox", 900)
            yield

    def client(self, subject: str = "bench") -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token(subject)}"}
        return httpx.Client(base_url=self.api, headers=headers, timeout=120)

    def connected(self, client: httpx.Client) -> str:
        """The id of the integration."""
        asked: Any = ask(client, CONNECT)["connectIntegration"]
        with httpx.Client(timeout=60) as browser:
            log_in(browser, asked["authorizationUrl"], self.sandbox)
        return str(asked["integration"]["id"])


def selected(client: httpx.Client, integration: str) -> str:
    """The id of the administration, which is imported from here on."""
    answer: Any = ask(client, SELECT, id=integration, numbers=[49001])["selectAdministrations"]
    return str(answer["administrations"][0]["id"])


def last_import(client: httpx.Client, administration: str) -> dict[str, Any]:
    found: Any = ask(client, RUN, id=administration)["administration"]
    run: dict[str, Any] = found["lastImport"]
    return run


ENDED = ("SUCCEEDED", "FAILED", "CANCELLED", "WAITING")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--lines", type=int, default=500_000)
    options = parser.parse_args()
    with (
        Place.found(options.database) as place,
        place.serving("--lines", str(options.lines)),
        place.client() as client,
    ):
        integration = place.connected(client)
        for _ in range(200):
            timed(client)  # warm
        idle: list[float] = []
        until = time.monotonic() + IDLE_SECONDS
        while time.monotonic() < until:
            idle.append(timed(client))

        administration = selected(client, integration)
        begun, busy, run = time.monotonic(), list[float](), {"status": "QUEUED"}
        while run["status"] not in ENDED:
            busy += [timed(client) for _ in range(25)]
            run = last_import(client, administration)
        took = time.monotonic() - begun
        print(f"{options.lines} lines: {run['status']} after {took:.1f} s")
        p99_idle, p99_busy = described("idle", idle), described("while importing", busy)
        print(f"p99 while importing / p99 idle: {p99_busy / p99_idle:.1f}")


if __name__ == "__main__":
    main()
