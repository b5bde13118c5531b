"""``monitr doctor`` and ``monitr import`` against a real database and the sandbox."""

import json
import logging
import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import structlog
from typer.testing import CliRunner, Result

from monitr.adapters.sql.database.engine import libpq_url, sqlalchemy_url
from monitr.adapters.sql.database.isolation import role_troubles, row_security_troubles
from monitr.entrypoints.cli.main import app
from octopus_sandbox import SandboxSettings
from octopus_sandbox.testing import SandboxServer
from tests.integration.cli.a_user import a_user
from tests.integration.cli.installations import LEDGER_CALL
from tests.integration.cli.processes import a_free_port, answer, monitr, running, until

Examine = Callable[..., Result]

A_SECRET = "a secret of at least 32 characters"
A_KEY = urlsafe_b64encode(bytes(range(32))).decode()


AN_ISSUER = {"AUTH_SECRET": "", "AUTH_ISSUER": "https://login.monitr.test", "AUTH_AUDIENCE": "monitr"}


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
        *(["ok", part] for part in ("settings", "database", "migrations")),
        ["ok", "row", "security"],
        *(["ok", part] for part in ("roles", "login", "broker", "octopus")),
        *([line.split() for line in notes_of(examined)]),
    ]


def notes_of(examined: Result) -> list[str]:
    return [line for line in examined.stdout.splitlines() if line.startswith("note ")]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("settings", {"HTTP_PORT": "abc"}),
        ("database", {"DATABASE_URL": "postgresql://monitr:hidden@127.0.0.1:9/monitr"}),
        ("broker", {"BROKER_URL": "redis://:hidden@127.0.0.1:9"}),
        ("octopus", {"OCTOPUS_API_URL": "http://127.0.0.1:9/octopus"}),
        ("settings", {"AUTH_SECRET": "x"}),
        ("settings", {"ENCRYPTION_KEYS": urlsafe_b64encode(bytes(32)).decode()}),
        ("issuer", AN_ISSUER | {"AUTH_JWKS_URL": "http://127.0.0.1:9/keys"}),
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


def test_the_doctor_says_what_the_address_of_the_issuers_keys_answers_instead(
    settings: dict[str, str], sandbox: SandboxServer, examine: Examine
) -> None:
    examined = examine(settings | AN_ISSUER | {"AUTH_JWKS_URL": f"{sandbox.api_url}/about/version"})

    assert examined.exit_code == 1
    assert "FAILED  issuer" in examined.stdout


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            "DROP POLICY tenant ON credential",
            "The table credential has no policy for DELETE, INSERT, SELECT, ",
        ),
        ("DROP POLICY tenant_reads ON timeline_event", "The table timeline_event has no policy for SELECT by"),
        ("DROP POLICY worker ON outbox", "by monitr_worker"),
        ("ALTER TABLE ledger_line DISABLE ROW LEVEL SECURITY", "Row security of the table ledger_line is off."),
        ("ALTER TABLE relation NO FORCE ROW LEVEL SECURITY", "Row security of the table relation is not forced"),
        (
            "CREATE POLICY more ON account TO monitr_tenant USING (true)",
            "The policy more of the table account lets ",
        ),
        ("ALTER POLICY tenant ON account TO PUBLIC", "The policy tenant of the table account lets everybody"),
    ],
    ids=["policy", "one of several", "of workers", "off", "not forced", "wide", "for everybody"],
)
def test_what_lets_tenants_see_each_other_is_found(database_url: str, fault: str, said: str) -> None:
    with psycopg.connect(libpq_url(database_url)) as connection:
        assert row_security_troubles(connection) == []
        connection.execute(fault.encode())
        ((trouble, repair),) = row_security_troubles(connection)
        connection.rollback()

    assert said in f"{trouble}."
    assert "POLICY" in repair or "ROW LEVEL SECURITY" in repair or "pg_dump --schema-only" in repair


def test_the_doctor_tells_of_each_table_in_a_line_of_its_own(settings: dict[str, str], examine: Examine) -> None:
    with psycopg.connect(libpq_url(settings["DATABASE_URL"])) as connection:
        connection.execute("DROP POLICY tenant ON credential; ALTER TABLE relation DISABLE ROW LEVEL SECURITY")
    examined = examine(settings)

    assert examined.exit_code == 1
    assert [line for line in examined.stdout.splitlines() if line.startswith("FAILED")] == [
        "FAILED  row security Row security of the table relation is off.",
        "FAILED  row security The table credential has no policy for DELETE, INSERT, SELECT, UPDATE by monitr_tenant.",
    ]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("ALTER ROLE monitr_tenant BYPASSRLS", "The role monitr_tenant has BYPASSRLS"),
        ("ALTER ROLE monitr_worker SUPERUSER", "The role monitr_worker is a superuser"),
        ("ALTER TABLE account OWNER TO monitr_tenant", "The role monitr_tenant owns tables"),
        ("CREATE ROLE {name} BYPASSRLS; GRANT {name} TO monitr_tenant", "The role monitr_tenant is a member of {name}"),
    ],
    ids=["bypasses", "superuser", "owns", "member"],
)
def test_a_role_that_passes_row_security_is_found(database_url: str, fault: str, said: str) -> None:
    """In a transaction that is undone: roles are those of all databases of the cluster."""
    name = f"monitr_test_{uuid4().hex[:8]}"
    with psycopg.connect(libpq_url(database_url)) as connection:
        assert role_troubles(connection) == []
        connection.execute(fault.format(name=name).encode())
        ((trouble, repair),) = role_troubles(connection)
        if not repair.startswith("REASSIGN"):  # whose owner only the operator knows
            connection.execute(repair.encode())
            assert role_troubles(connection) == []
        connection.rollback()

    assert trouble.startswith(said.format(name=name))


def beyond_this_machine(_: str) -> bool:
    return False


def test_a_superusers_login_is_a_note_on_this_machine_and_a_fault_beyond_it(
    settings: dict[str, str], examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(libpq_url(settings["DATABASE_URL"])) as connection:
        login = connection.info.user
    said = f"The login {login} is a superuser, which passes row security."
    near = examine(settings)
    monkeypatch.setattr("monitr.installation._is_this_machine", beyond_this_machine)
    far = examine(settings)

    assert (near.exit_code, notes_of(near)) == (0, [f"note    {said}"])
    assert far.exit_code == 1
    assert f"FAILED  login        {said}" in far.stdout.splitlines()


def test_a_login_that_owns_nothing_and_bypasses_nothing_is_in_order(settings: dict[str, str], examine: Examine) -> None:
    login = f"monitr_test_{uuid4().hex[:8]}"
    with psycopg.connect(libpq_url(settings["DATABASE_URL"]), autocommit=True) as connection:
        made = f"CREATE ROLE {login} LOGIN PASSWORD 'x'; GRANT monitr_tenant, monitr_worker TO {login}".encode()
        connection.execute(made)
        try:
            as_login = sqlalchemy_url(settings["DATABASE_URL"]).set(username=login, password="x")
            url = as_login.render_as_string(hide_password=False)
            examined = examine(settings | {"DATABASE_URL": url})
        finally:
            connection.execute(f"DROP ROLE {login}".encode())

    assert (examined.exit_code, notes_of(examined)) == (0, []), examined.stdout


def test_settings_that_lower_the_guard_of_a_public_installation_are_noted(
    settings: dict[str, str], examine: Examine
) -> None:
    lowered = {
        "PUBLIC_URL": "http://monitr.example",
        "FRONTEND_ORIGINS": "http://app.example",
        "GRAPHIQL": "on",
        "RATE_LIMIT": "off",
        "WEBHOOKS_ALLOW_LOOPBACK": "on",
        "ALLOW_INSECURE_HTTP": "on",
        "OCTOPUS_TOKEN_URL": "http://octopus.example/token",
        "ENCRYPTION_KEYS": f"{A_KEY},{urlsafe_b64encode(bytes(32)).decode()}",
    }
    examined = json.loads(examine(settings | lowered, "--json").stdout)

    assert examined["settings"]["ok"]
    noted = {note.partition(" ")[0].removeprefix("MONITR_") for note in examined["settings"]["notes"]}
    assert noted == {*lowered, "AUTH_SECRET"} - {"OCTOPUS_TOKEN_URL"}


def test_the_keys_are_rotated_and_a_secret_that_no_key_opens_is_named_in_one_sentence(
    settings: dict[str, str], administration: str, sandbox: SandboxServer
) -> None:
    new = urlsafe_b64encode(os.urandom(32)).decode()
    both = settings | {"ENCRYPTION_KEYS": f"{new},{A_KEY}"}

    told = monitr("keys", "rotate", **both)
    again = monitr("keys", "rotate", "--json", **both)
    refused = monitr("keys", "rotate", **settings)  # with the old key alone

    assert (told.returncode, told.stderr) == (0, "")
    assert "credential.refresh_token" in told.stdout
    assert "Key 2 of MONITR_ENCRYPTION_KEYS is not needed any more" in told.stdout
    report = json.loads(again.stdout)
    assert report["secrets"]["credential.refresh_token"] == {
        "encryptedAnew": 0,
        "already": 1,
        "left": 0,
        "unreadable": [],
    }
    assert report["keysNotNeeded"] == [2]
    assert refused.returncode == 1
    assert refused.stderr.startswith(
        "No key of MONITR_ENCRYPTION_KEYS opens what is stored as credential.refresh_token"
    )
    assert refused.stderr.count("\n") == 1
    imported = monitr("import", administration, "--json", **(settings | {"ENCRYPTION_KEYS": new}))
    assert json.loads(imported.stdout)["status"] == "SUCCEEDED"


@pytest.fixture
def administration(settings: dict[str, str], sandbox: SandboxServer, tmp_path: Path) -> str:
    """Connected and selected through the API, as a user does; the first import stays queued: there is no worker."""
    address = f"http://127.0.0.1:{settings['HTTP_PORT']}"
    with running(tmp_path, "api", **settings) as api:
        until(lambda: answer(f"{address}/livez"), "the API does not answer", api)
        return a_user(settings).of(address).select(sandbox, 49001)


def test_an_import_is_worked_on_by_the_command_itself_where_no_worker_is_alive_and_its_end_is_the_exit_code(
    settings: dict[str, str], sandbox: SandboxServer, administration: str, tmp_path: Path
) -> None:
    sandbox.faults.next(LEDGER_CALL, times=8, kind="delay", seconds=5)
    with running(tmp_path, "import", administration, **settings) as following:
        begun = r"\(dossier 49001\): reads everything, as run \S+ Ctrl-C stops following\."
        until(lambda: re.search(begun, following.errors.read_text()), "it does not say what it imports", following)
        interrupted = following.stop()
    sandbox.faults.clear()
    first = monitr("import", administration, "--json", **settings)
    sandbox.sandbox.revoke("demo")
    again = monitr("import", administration, **settings)  # no cool-down holds up an operator

    assert interrupted == 130
    assert following.errors.read_text().endswith(f"or by `monitr import {administration}`.\n")
    assert first.returncode == 0, first.stderr
    run = json.loads(first.stdout)
    assert run["status"] == "SUCCEEDED"
    assert run["datasets"]["GENERAL_LEDGER"]["inserted"] > 0
    assert again.returncode == 1
    assert "(dossier 49001): failed." in again.stdout
    assert "Reconnect the integration" in again.stdout


def test_an_import_of_an_unknown_administration_is_refused(settings: dict[str, str]) -> None:
    stranger = str(uuid4())

    refused = monitr("import", stranger, **settings)

    assert refused.returncode == 1
    assert refused.stderr == f"There is no administration {stranger} here.\n"
