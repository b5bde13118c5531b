"""The command line as a script meets it: exit codes, standard output, one sentence when something is wrong."""

import json
import os
import re
import subprocess
import sys
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result

from monitr.adapters.security.bearer_tokens import BearerTokens
from monitr.domain.roles import Role
from monitr.entrypoints.cli import demo, main
from monitr.entrypoints.cli.browser import has_a_person
from monitr.entrypoints.cli.demo_folder import claim
from monitr.entrypoints.cli.main import app
from monitr.entrypoints.graphql.trusted_documents import trusted_documents
from monitr.entrypoints.http.pages import STATIC

SECRET = "a secret of at least 32 characters"
OF_OTHERS = ("DATABASE_URL", "DATABASE_MIGRATION_URL", "DATABASE_BACKUP_URL")
COMMANDS = [
    *("demo", "serve", "api", "worker", "scheduler", "mcp", "sandbox"),
    *("migrate", "import", "doctor", "audit", "audit export", "keys", "keys rotate", "token", "schema"),
]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MONITR_")]:
        monkeypatch.delenv(name)


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env=environment)


def a_token(*more: str, **environment: str) -> Result:
    arguments = ["token", "--organisation", str(uuid4()), "--subject", "ann", "--role", "REPORTS", *more]
    return run(*arguments, **environment)


def claims(token: str) -> dict[str, object]:
    payload = token.split(".")[1]
    decoded: dict[str, object] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return decoded


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    explained = run(*command.split(), "--help")

    assert explained.exit_code == 0
    assert f"monitr {command}" in explained.output.replace("root", "monitr")
    assert "leashed" not in explained.output


def test_the_list_of_commands_says_the_first_sentence_of_each() -> None:
    listed = {name: says for section in main.COMMANDS.values() for name, says in section.items()}
    first = {name: (main.loaded(name).help or "").partition("\n\n")[0].replace("\n", " ") for name in listed}

    assert {name for name in listed if not first[name].startswith(listed[name].removesuffix("."))} == set()
    shown = " ".join(run("--help").output.split())
    assert [says for says in listed.values() if says not in shown] == []


def test_to_list_the_commands_imports_none_of_them() -> None:
    code = "import sys; from monitr.entrypoints.cli.main import app; app(['--help'], standalone_mode=False); "
    done = subprocess.run(
        [sys.executable, "-c", code + "print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    heavy = {"asyncio", "httpx", "pydantic", "rich", "sqlalchemy", "structlog", "monitr.settings", "monitr.domain"}
    assert heavy & set(done.stdout.splitlines()[-1].split()) == set()


def test_the_version_is_that_of_the_package() -> None:
    assert (run("--version").exit_code, run("--version").stdout) == (0, f"monitr {version('monitr')}\n")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("monitr d", {"demo", "doctor"}), ("monitr keys ", {"rotate"}), ("monitr import --f", {"--full"})],
)
def test_the_shell_completes_commands_and_options(typed: str, completed: set[str]) -> None:
    asked = {"_MONITR_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    told = CliRunner().invoke(app, [], env=asked, prog_name="monitr")

    assert set(told.stdout.split()) == completed


async def test_a_token_is_alone_on_standard_output_and_is_accepted() -> None:
    made = a_token(MONITR_AUTH_SECRET=SECRET)

    assert made.exit_code == 0
    assert made.stdout.count("\n") == 1
    bearer = await BearerTokens(lambda: datetime.now(UTC), SECRET)(made.stdout.strip())
    assert bearer.principal.subject == "ann"
    assert bearer.principal.roles == {Role.REPORTS}


async def test_the_command_that_the_consoles_sign_in_shows_prints_a_token_when_it_is_pasted() -> None:
    sign_in = (STATIC / "console" / "shell" / "sign_in.js").read_text()
    (command,) = re.findall(r'COMMAND = "monitr ([^"]+)"', sign_in)
    made = run(*command.split(), MONITR_AUTH_SECRET=SECRET)

    bearer = await BearerTokens(lambda: datetime.now(UTC), SECRET)(made.stdout.strip())
    assert bearer.principal.roles == {Role.ORGANISATION_ADMIN}


def test_a_token_lives_twelve_hours_unless_told_otherwise() -> None:
    def life(*arguments: str) -> int:
        held = claims(a_token(*arguments, MONITR_AUTH_SECRET=SECRET).stdout)
        return int(str(held["exp"])) - int(str(held["iat"]))

    assert life() == 12 * 3600
    assert life("--expires", "45s") == 45
    assert life("--expires", "1d") == life("--expires", "24h") == 86_400
    assert life("--expires", "90") == 90


@pytest.mark.parametrize("life", ["2d", "25h", "86401"])
def test_a_token_that_would_be_refused_for_its_long_life_is_not_made(life: str) -> None:
    refused = a_token("--expires", life, MONITR_AUTH_SECRET=SECRET)

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "longer than a day" in refused.stderr


def test_no_token_without_a_secret() -> None:
    refused = a_token()

    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert refused.stderr == "MONITR_AUTH_SECRET must be set: development tokens are signed with it.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["token", "--organisation", "abc", "--subject", "ann", "--role", "REPORTS"],
        ["token", "--organisation", str(uuid4()), "--subject", "ann", "--role", "KING"],
        ["token", "--organisation", str(uuid4()), "--subject", "ann", "--role", "REPORTS", "--expires", "soon"],
        ["import", "abc"],
        ["import"],
        ["sandbox", "--port", "0"],
        ["nonsense"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert run(*arguments, MONITR_AUTH_SECRET=SECRET).exit_code == 2


@pytest.mark.parametrize("command", ["serve", "api", "worker", "scheduler", "migrate", "token --role REPORTS"])
def test_a_wrong_setting_stops_the_start_with_one_sentence(command: str) -> None:
    arguments = command.split()
    if "token" in arguments:
        arguments += ["--organisation", str(uuid4()), "--subject", "ann"]

    stopped = run(*arguments, MONITR_HTTP_PORT="abc")

    assert stopped.exit_code == 1
    assert stopped.stderr == "MONITR_HTTP_PORT must be a whole number from 1 to 65535, not 'abc'.\n"


def test_an_unknown_variable_is_warned_about_beside_the_result() -> None:
    made = a_token(MONITR_AUTH_SECRET=SECRET, MONITR_HTPP_PORT="1")

    assert made.exit_code == 0
    assert "MONITR_HTTP_PORT" in made.stderr


def test_the_schema_is_printed_without_settings() -> None:
    printed = run("schema")

    assert printed.exit_code == 0
    assert "type Query {" in printed.stdout
    assert "union ConnectIntegrationResult" in printed.stdout


def test_the_types_of_interfaces_and_unions_are_printed_for_caches() -> None:
    possible = json.loads(run("schema", "--possible-types").stdout)

    assert "UnknownAdministration" in possible["Problem"]
    assert possible["CancelImportResult"] == ["Forbidden", "ImportCancelled", "ImportEnded", "UnknownImport"]


def test_the_trusted_documents_are_written_where_the_program_looks_for_them(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    written = run("schema", "--documents", MONITR_DATA_DIR=str(folder))

    assert written.exit_code == 0
    assert written.stdout.strip() == str(folder / "trusted-documents.json")
    held = json.loads((folder / "trusted-documents.json").read_text())
    assert held["format"] == "apollo-persisted-query-manifest"
    assert "TrialBalance" in [operation["name"] for operation in held["operations"]]
    assert set(trusted_documents(folder)) > {operation["id"] for operation in held["operations"]}


def test_a_front_end_has_documents_of_its_own(tmp_path: Path) -> None:
    own = tmp_path / "own.graphql"
    own.write_text("query Own { integrationProviders { key } }")
    written = run("schema", "--documents", str(own), "--to", "-")

    assert [operation["name"] for operation in json.loads(written.stdout)["operations"]] == ["Own"]


def test_documents_that_cannot_be_trusted_are_refused_in_one_sentence(tmp_path: Path) -> None:
    own = tmp_path / "own.graphql"
    own.write_text("{ nonsense }")
    for arguments, code in ((["--documents", str(own)], 1), (["--documents", str(tmp_path / "none")], 1), (["x"], 2)):
        refused = run("schema", *arguments, MONITR_DATA_DIR=str(tmp_path))
        assert refused.exit_code == code
        assert "Traceback" not in refused.output


def test_the_demo_refuses_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "encryption-key").write_text("precious")
    for more in ([], ["--reset"]):
        refused = run("demo", *more, MONITR_DATA_DIR=str(tmp_path))
        assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
        assert f"{tmp_path} is not the demo's: set MONITR_DATA_DIR to an empty or new folder" in refused.output
    assert [file.name for file in tmp_path.iterdir()] == ["encryption-key"]


def test_a_folder_becomes_the_demos_once_and_the_usual_one_is_so_already(tmp_path: Path) -> None:
    claim(tmp_path / "new", is_usual=False)
    (tmp_path / "new" / "of-somebody-else").touch()
    claim(tmp_path / "new", is_usual=False)
    (tmp_path / "usual" / "postgres").mkdir(parents=True)
    claim(tmp_path / "usual", is_usual=True)
    claim(tmp_path / "usual", is_usual=False)


@pytest.mark.parametrize(
    ("environment", "is_terminal", "platform", "opens"),
    [
        ({"DISPLAY": ":0"}, True, "linux", True),
        ({"DISPLAY": ":0"}, False, "linux", False),
        ({"DISPLAY": ":0", "CI": "true"}, True, "linux", False),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, True, "linux", False),
        ({}, True, "linux", False),
        ({}, True, "darwin", True),
    ],
)
def test_a_browser_is_opened_where_a_person_sits_at_a_screen(
    environment: dict[str, str], is_terminal: bool, platform: str, opens: bool
) -> None:
    assert has_a_person(environment, is_terminal=is_terminal, platform=platform) == opens


def test_the_demo_leaves_the_databases_of_a_real_installation_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = {f"MONITR_{name}": "postgresql://owner@production/monitr" for name in OF_OTHERS}
    monkeypatch.setattr(os, "environ", {**os.environ, **given, "MONITR_DATA_DIR": str(tmp_path)})
    settings = demo._demo_settings()
    assert settings.is_embedded
    assert [name for name in OF_OTHERS if getattr(settings, name.lower())] == []
