"""``monitr doctor`` and ``monitr import`` against a real database and the sandbox."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from octopus_sandbox import SandboxSettings
from octopus_sandbox.testing import SandboxServer
from tests.integration.cli.processes import a_free_port, answer, monitr, running, until

A_SECRET = "a secret of at least 32 characters"
A_KEY = urlsafe_b64encode(bytes(32)).decode()


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


def test_the_doctor_finds_everything_in_order(settings: dict[str, str]) -> None:
    examined = monitr("doctor", **settings)

    assert examined.returncode == 0, examined.stdout
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
def test_the_doctor_names_what_is_wrong(settings: dict[str, str], part: str, change: dict[str, str]) -> None:
    examined = monitr("doctor", "--json", **(settings | change))

    assert examined.returncode == 1
    assert "hidden" not in examined.stdout
    assert [name for name, finding in json.loads(examined.stdout).items() if not finding["ok"]] == [part]


def test_the_doctor_sees_a_database_that_is_not_migrated(settings: dict[str, str], empty_database: str) -> None:
    examined = monitr("doctor", **(settings | {"DATABASE_URL": empty_database}))

    assert examined.returncode == 1
    assert "FAILED  migrations" in examined.stdout
    assert "monitr migrate" in examined.stdout


def an_administration(settings: dict[str, str], sandbox: SandboxServer, folder: Path) -> str:
    """Connected and selected through the API, as a user does; the first import stays queued: there is no worker."""
    organisation = str(uuid4())
    made = monitr(
        *("token", "--organisation", organisation, "--subject", "ann", "--role", "ORGANISATION_ADMIN"), **settings
    )
    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
    address = f"http://127.0.0.1:{settings['HTTP_PORT']}"
    with running(folder, "api", **settings) as api, httpx.Client(timeout=30, headers=headers) as client:
        until(lambda: answer(f"{address}/livez"), "the API does not answer", api)

        def ask(operation: str) -> dict[str, object]:
            answered: dict[str, dict[str, object]] = client.post(f"{address}/graphql", json={"query": operation}).json()
            return answered["data"]

        connected = ask(
            "mutation { connectIntegration(input: {provider: OCTOPUS})"
            " { ... on AuthorizationRequired { integration { id } authorizationUrl } } }"
        )["connectIntegration"]
        assert isinstance(connected, dict)
        start = client.get(connected["authorizationUrl"])
        callback = sandbox.authorise(start.headers["location"])
        returned = client.get(callback)
        assert "integrationId" in parse_qs(urlsplit(returned.headers["location"]).query)
        selected = ask(
            f'mutation {{ selectAdministrations(input: {{integrationId: "{connected["integration"]["id"]}",'
            " dossierNumbers: [49001]}) { ... on AdministrationsSelected { administrations { id } } } }"
        )["selectAdministrations"]
        assert isinstance(selected, dict)
        return str(selected["administrations"][0]["id"])


def test_an_import_is_worked_on_by_the_command_itself_where_no_worker_is_alive(
    settings: dict[str, str], sandbox: SandboxServer, tmp_path: Path
) -> None:
    administration = an_administration(settings, sandbox, tmp_path)

    first = monitr("import", administration, "--json", **settings)
    again = monitr("import", administration, **settings)  # no cool-down holds up an operator

    assert first.returncode == 0, first.stderr
    run = json.loads(first.stdout)
    assert run["status"] == "SUCCEEDED"
    assert run["datasets"]["GENERAL_LEDGER"]["inserted"] > 0
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith("Succeeded: ")


def test_an_import_that_fails_is_exit_code_1_with_the_reason(
    settings: dict[str, str], sandbox: SandboxServer, tmp_path: Path
) -> None:
    administration = an_administration(settings, sandbox, tmp_path)
    sandbox.sandbox.revoke("demo")

    failed = monitr("import", administration, **settings)

    assert failed.returncode == 1
    assert "Reconnect the integration" in failed.stdout


def test_an_import_of_an_unknown_administration_is_refused(settings: dict[str, str]) -> None:
    stranger = str(uuid4())

    refused = monitr("import", stranger, **settings)

    assert refused.returncode == 1
    assert refused.stderr == f"There is no administration {stranger} here.\n"
