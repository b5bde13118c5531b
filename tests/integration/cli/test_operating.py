"""``monitr doctor`` and ``monitr import`` against a real database and the sandbox."""

import json
import logging
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from typer.testing import CliRunner, Result

from monitr.entrypoints.cli.main import app
from octopus_sandbox import SandboxSettings
from octopus_sandbox.testing import SandboxServer
from tests.integration.cli.a_user import a_user
from tests.integration.cli.processes import a_free_port, answer, monitr, running, until

Examine = Callable[..., Result]

A_SECRET = "a secret of at least 32 characters"
A_KEY = urlsafe_b64encode(bytes(range(32))).decode()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxSettings(lines=600, dossiers=1, bookyears=2)) as server:
        yield server


@pytest.fixture
def settings(fresh_database: str, sandbox: SandboxServer) -> dict[str, str]:
    return {
        "DATABASE_URL": fresh_database,
        "ENCRYPTION_KEYS": A_KEY,
        "AUTH_SECRET": A_SECRET,
        "HTTP_PORT": str(a_free_port()),
        "OCTOPUS_API_URL": sandbox.api_url,
        "OCTOPUS_AUTHORIZE_URL": sandbox.authorize_url,
        "OCTOPUS_TOKEN_URL": sandbox.token_url,
        "OCTOPUS_CLIENT_ID": sandbox.client_id,
    }


@pytest.fixture
def examine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Examine]:
    """The doctor in this process: it is quicker, and leaves no logging behind."""
    for name in [name for name in os.environ if name.startswith("MONITR_")]:
        monkeypatch.delenv(name)
    root = logging.getLogger()
    handlers, level, configuration = root.handlers[:], root.level, structlog.get_config()

    def run(settings: dict[str, str], *options: str) -> Result:
        environment = {f"MONITR_{name}": value for name, value in settings.items()}
        return CliRunner().invoke(app, ["doctor", *options], env=environment)

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configuration)
    structlog.contextvars.clear_contextvars()


def test_the_doctor_finds_everything_in_order(settings: dict[str, str], examine: Examine) -> None:
    examined = examine(settings)

    assert examined.exit_code == 0, examined.stdout
    assert [line.split() for line in examined.stdout.splitlines()] == [
        ["ok", part] for part in ("settings", "database", "migrations", "broker", "octopus")
    ]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("settings", {"HTTP_PORT": "abc"}),
        ("database", {"DATABASE_URL": "postgresql://monitr:hidden@127.0.0.1:9/monitr"}),
        ("broker", {"BROKER_URL": "redis://:hidden@127.0.0.1:9"}),
        ("octopus", {"OCTOPUS_API_URL": "http://127.0.0.1:9/octopus"}),
    ],
)
def test_the_doctor_names_what_is_wrong(
    settings: dict[str, str], examine: Examine, part: str, change: dict[str, str]
) -> None:
    examined = examine(settings | change, "--json")

    assert examined.exit_code == 1
    assert "hidden" not in examined.stdout
    assert [name for name, finding in json.loads(examined.stdout).items() if not finding["ok"]] == [part]


def test_the_doctor_sees_a_database_that_is_not_migrated(
    settings: dict[str, str], examine: Examine, empty_database: str
) -> None:
    examined = examine(settings | {"DATABASE_URL": empty_database})

    assert examined.exit_code == 1
    assert "FAILED  migrations" in examined.stdout
    assert "monitr migrate" in examined.stdout


@pytest.fixture
def administration(settings: dict[str, str], sandbox: SandboxServer, tmp_path: Path) -> str:
    """Connected and selected through the API, as a user does; the first import stays queued: there is no worker."""
    address = f"http://127.0.0.1:{settings['HTTP_PORT']}"
    with running(tmp_path, "api", **settings) as api:
        until(lambda: answer(f"{address}/livez"), "the API does not answer", api)
        return a_user(settings).of(address).select(sandbox, 49001)


def test_an_import_is_worked_on_by_the_command_itself_where_no_worker_is_alive_and_its_end_is_the_exit_code(
    settings: dict[str, str], sandbox: SandboxServer, administration: str
) -> None:
    first = monitr("import", administration, "--json", **settings)
    sandbox.sandbox.revoke("demo")
    again = monitr("import", administration, **settings)  # no cool-down holds up an operator

    assert first.returncode == 0, first.stderr
    run = json.loads(first.stdout)
    assert run["status"] == "SUCCEEDED"
    assert run["datasets"]["GENERAL_LEDGER"]["inserted"] > 0
    assert again.returncode == 1
    assert "Reconnect the integration" in again.stdout


def test_an_import_of_an_unknown_administration_is_refused(settings: dict[str, str]) -> None:
    stranger = str(uuid4())

    refused = monitr("import", stranger, **settings)

    assert refused.returncode == 1
    assert refused.stderr == f"There is no administration {stranger} here.\n"
