"""``monitr demo``, ``serve`` and their parts as real processes: they answer, they end together, nothing is left."""

import json
import signal
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest

from tests.integration.cli.processes import Started, a_free_port, answer, gone, monitr, running, until
from tests.integration.importing.soak import SOAK

A_KEY = urlsafe_b64encode(bytes(range(32))).decode()
A_SECRET = "a secret of at least 32 characters"


def children(started: Started, count: int) -> list[psutil.Process]:
    """The direct children, once there are that many."""
    process = psutil.Process(started.process.pid)

    def all_there() -> list[psutil.Process] | None:
        family = process.children()
        return family if len(family) == count else None

    return until(all_there, f"there are not {count} children", started)


def command(process: psutil.Process) -> list[str]:
    """Its command line; that of one that is ending is empty."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # a zombie is one too
        return []


def environment(process: psutil.Process) -> dict[str, str]:
    """That it was given; of one that has ended since, none."""
    try:
        return process.environ()
    except psutil.NoSuchProcess:
        return {}


def settings_of(parts: list[psutil.Process], part: str) -> set[str]:
    (process,) = (each for each in parts if part in command(each))
    return {name for name in environment(process) if name.startswith("MONITR_")}


def postgres_of(folder: Path) -> list[psutil.Process]:
    """The embedded servers whose data lies in the folder."""
    return [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and any(str(folder) in part for part in process.info["cmdline"] or [])
    ]


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One installation for the tests of this module that want one with data in it: they run in their order."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture
def demo(demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    """Its browser is a script, which notes what it is to show."""
    browser = demo_folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{demo_folder / "opened"}"\n')
    browser.chmod(0o700)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    settings = {"DATA_DIR": str(demo_folder / "data"), "HTTP_PORT": str(a_free_port())}
    with running(demo_folder, "demo", "--browser", "--lines", "500", **settings) as started:
        yield started


def test_the_demo_answers_prints_where_it_is_and_stops_with_everything_it_started(
    demo: Started, demo_folder: Path
) -> None:
    console = demo.printed(r"Console\s+(http://\S+)")
    sandbox = demo.printed(r"Sandbox\s+(http://[^/]+)")
    token = demo.printed(r"(?m)^(eyJ\S+)$")

    assert until(lambda: answer(f"{console}readyz"), "it is not ready", demo).json()["ready"]
    page = answer(f"{sandbox}/sandbox")
    assert page is not None
    assert f'<a href="{console}">Back to the console</a>' in page.text
    opened = until(lambda: (demo_folder / "opened").read_text().strip() or None, "no browser is opened", demo)
    assert opened == console
    cards = httpx.post(
        f"{console}graphql",
        json={"query": "{ integrationProviders { key integrations { id } } }"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert cards.json()["data"]["integrationProviders"] == [{"key": "OCTOPUS", "integrations": []}]

    parts, server = children(demo, 3), postgres_of(demo_folder)
    assert settings_of(parts, "sandbox") == set()
    for part in ("worker", "scheduler"):
        assert {"MONITR_DATA_DIR", "MONITR_OCTOPUS_API_URL"} <= settings_of(parts, part)
        assert "MONITR_AUTH_SECRET" not in settings_of(parts, part)
    assert {name for process in server for name in environment(process) if name.startswith("MONITR_")} == set()
    assert len(server) > 0
    assert demo.stop(signal.SIGINT) == 0
    assert gone([*parts, *server])


def test_a_demo_that_is_killed_takes_its_children_and_its_database_with_it(demo: Started, demo_folder: Path) -> None:
    demo.printed(r"(?m)^eyJ")
    family = [*children(demo, 3), *postgres_of(demo_folder)]

    demo.process.kill()
    demo.process.wait()

    assert gone(family)


def test_a_child_that_dies_is_started_again(demo: Started) -> None:
    demo.printed(r"(?m)^eyJ")
    before = {process.pid: process for process in children(demo, 3)}
    victim = next(process for process in before.values() if "worker" in command(process))

    victim.kill()

    def replaced() -> bool:
        family = [process for process in psutil.Process(demo.process.pid).children() if process.pid != victim.pid]
        return any("worker" in command(process) for process in family)

    until(replaced, "the worker is not started again", demo)


def test_the_demo_starts_over_where_it_is_told_to(demo_folder: Path) -> None:
    kept = demo_folder / "data" / "a file of somebody else"
    kept.write_text("precious")
    secret = (demo_folder / "data" / "auth-secret").read_text()

    settings = {"DATA_DIR": str(demo_folder / "data"), "HTTP_PORT": str(a_free_port())}
    with running(demo_folder, "demo", "--no-browser", "--reset", "--lines", "500", **settings) as started:
        started.printed(r"(?m)^eyJ")
        started.stop()

    assert kept.read_text() == "precious"
    assert (demo_folder / "data" / "auth-secret").read_text() != secret


def test_what_the_program_generates_is_readable_by_its_user_alone(demo_folder: Path) -> None:
    for name in ("auth-secret", "encryption-key"):
        assert (demo_folder / "data" / name).stat().st_mode & 0o777 == 0o600


@pytest.fixture
def configured(empty_database: str) -> dict[str, str]:
    return {"DATABASE_URL": empty_database, "ENCRYPTION_KEYS": A_KEY, "AUTH_SECRET": A_SECRET, "SCHEDULE": "off"}


@pytest.mark.skipif(not SOAK, reason="the acceptance tests ask the same of one part: MONITR_SOAK=1 runs it")
def test_until_the_database_is_migrated_readyz_says_so_and_other_commands_refuse(
    configured: dict[str, str], tmp_path: Path
) -> None:
    port = a_free_port()
    with running(tmp_path, "serve", HTTP_PORT=str(port), **configured) as started:
        address = f"http://127.0.0.1:{port}"
        unready = until(lambda: answer(f"{address}/readyz", 503), "it does not answer", started)
        assert "monitr migrate" in unready.text
        assert answer(f"{address}/livez") is not None

        refused = monitr("import", str(uuid4()), **configured)
        assert refused.returncode == 1
        assert refused.stderr == "The database schema is not up to date: run `monitr migrate`.\n"

        assert monitr("migrate", **configured).returncode == 0
        until(lambda: answer(f"{address}/readyz"), "it does not become ready", started)
        family = children(started, 2)  # restarted meanwhile
        assert started.stop(signal.SIGTERM) == 0
        assert gone(family)


def test_logs_are_json_lines_without_query_strings(configured: dict[str, str], tmp_path: Path) -> None:
    port = a_free_port()
    with running(tmp_path, "api", HTTP_PORT=str(port), **configured) as started:
        address = f"http://127.0.0.1:{port}"
        until(lambda: answer(f"{address}/livez"), "it does not answer", started)
        httpx.get(f"{address}/oauth/octopus/callback", params={"code": "a-secret-code", "state": "a-secret-state"})
        started.stop()
        lines = started.errors.read_text().splitlines()

    events = [json.loads(line) for line in lines]
    assert {"event", "level", "timestamp", "part"} <= events[0].keys()
    assert any(event.get("path") == "/oauth/octopus/callback" for event in events)
    assert [event["event"] for event in events if str(event["event"]).startswith("Nobody can ")] == [
        "Nobody can connect Octopus: set MONITR_OCTOPUS_CLIENT_ID to the software house id."
    ]
    assert not any("a-secret" in line for line in lines)


@pytest.mark.parametrize("part", ["api", "worker", "scheduler"])
def test_a_part_stops_within_ten_seconds_of_sigterm(part: str, fresh_database: str, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": fresh_database, "ENCRYPTION_KEYS": A_KEY, "HTTP_PORT": str(a_free_port())}
    with running(tmp_path, part, **settings) as started:
        until(lambda: f"{part}_ready" in started.errors.read_text() or None, f"the {part} is not ready", started)
        started.process.send_signal(signal.SIGTERM)
        assert started.process.wait(10) == 0


def test_a_port_that_is_taken_is_told_in_one_sentence(fresh_database: str, tmp_path: Path) -> None:
    port = a_free_port()
    settings = {"DATABASE_URL": fresh_database, "ENCRYPTION_KEYS": A_KEY, "HTTP_PORT": str(port)}
    with running(tmp_path, "api", "--quiet", **settings) as started:
        said = f"Monitr is at http://127.0.0.1:{port}."
        until(lambda: said in started.errors.read_text() or None, "it does not say where it is", started)
        refused = monitr("api", **settings)

    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == (
        f"The API cannot listen on 127.0.0.1, port {port} (MONITR_HTTP_HOST, MONITR_HTTP_PORT), since another program"
        " does: stop that one, or set another port."
    )


def test_a_configured_database_needs_keys_of_its_own(fresh_database: str) -> None:
    refused = monitr("worker", DATABASE_URL=fresh_database)

    assert refused.returncode == 1
    assert refused.stderr.startswith("MONITR_ENCRYPTION_KEYS must be set where MONITR_DATABASE_URL is")


def test_a_database_that_does_not_answer_is_told_without_its_password() -> None:
    nowhere = "postgresql://monitr:hidden@127.0.0.1:9/monitr"
    refused = monitr("migrate", DATABASE_URL=nowhere, ENCRYPTION_KEYS=A_KEY)

    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "hidden" not in refused.stderr
