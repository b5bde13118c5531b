"""The newest migration, and the program of the commit before it: that one and this one serve side by side on the schema
as it is afterwards, and this one refuses the schema as it was (docs/operating.md, "Upgrade"). The program before comes
from the history of the repository and is run with the interpreter and the packages of this one."""

import os
import signal
import subprocess
import sys
import tarfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import psycopg
import pytest

from monitr.adapters.sql.database.engine import libpq_url
from octopus_sandbox import SandboxSettings
from octopus_sandbox.testing import SandboxServer
from tests.integration.cli.a_user import User, a_user
from tests.integration.cli.processes import Started, a_free_port, answer, clean, monitr, running, until

ROOT = Path(__file__).parents[3]
MIGRATIONS = ROOT / "src/monitr/adapters/sql/database/migrations/versions"
LEDGER_CALL = "getReportModifiedBooking"
BEHIND = "The database schema is not up to date: run `monitr migrate`."
AHEAD = "The database was migrated by a newer Monitr than this one: update the program."
DOSSIER = 49001

BOOKS = """query ($id: ID!) { administration(id: $id) {
  lastImport { id status progress error { code message } verification { status } }
  transactions(first: 1) { totalCount }
  trialBalance(from: "2020-01-01", to: "2030-12-31") { rows { account { number } opening debit credit closing } } } }"""
START = """mutation ($id: ID!) { startImports(input: {administrationIds: [$id], mode: FULL}) {
  ... on ImportsStarted { imports { id } } } }"""


def git(*arguments: str) -> bytes:
    """Its standard output, of this repository whoever owns it and whatever a hook has set."""
    command = ["git", "-C", str(ROOT), "-c", f"safe.directory={ROOT}", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        return subprocess.run(command, env=environment, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as refused:
        no_history(f"git does not tell it: {refused}")


def no_history(reason: str) -> NoReturn:
    """A skip, which CI does not accept."""
    if os.environ.get("MONITR_REQUIRE_HISTORY") == "1":
        pytest.fail(reason)
    pytest.skip(f"The program before the newest migration is in the history of the repository: {reason}")


def commit_before(migration: Path) -> str:
    """The last commit without it, by its number, in whatever folder and by whatever name it was made: HEAD for one that
    is not committed yet. A branch whose migration was given its number when it was merged counts as its merge."""
    if git("rev-parse", "--is-shallow-repository").strip() == b"true":
        no_history("this clone is a shallow one")
    of_its_number = f":(glob)**/versions/{_number(migration)}_*.py"
    made = git("log", "--first-parent", "-m", "--format=%H", "--diff-filter=A", "--", of_its_number).split()
    return f"{made[-1].decode()}^" if made else "HEAD"


def _number(migration: Path) -> str:
    return migration.name.partition("_")[0]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sources of the program before the newest migration."""
    folder = tmp_path_factory.mktemp("before")
    newest = max(MIGRATIONS.glob("[0-9]*.py"))
    with tarfile.open(fileobj=BytesIO(git("archive", commit_before(newest), "src"))) as archive:
        archive.extractall(folder, filter="data")
    assert not list(folder.rglob(f"versions/{_number(newest)}_*.py")), "it has the migration already"
    source = str(folder / "src")
    where = [sys.executable, "-c", "import monitr; print(monitr.__file__)"]
    found = subprocess.run(where, env=clean({}, source), capture_output=True, text=True, check=True).stdout
    assert Path(found.strip()).is_relative_to(folder), "another program would be started"
    return source


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxSettings(lines=800, dossiers=1, bookyears=2)) as server:
        yield server


@pytest.fixture
def settings(empty_database: str, sandbox: SandboxServer, before: str) -> dict[str, str]:
    """Of a database that the program before has migrated."""
    settings = {
        "DATABASE_URL": empty_database,
        "ENCRYPTION_KEYS": urlsafe_b64encode(bytes(range(32))).decode(),
        "AUTH_SECRET": "a secret of at least 32 characters",
        "SYNC_COOLDOWN": "0",
        "OCTOPUS_API_URL": sandbox.api_url,
        "OCTOPUS_AUTHORIZE_URL": sandbox.authorize_url,
        "OCTOPUS_TOKEN_URL": sandbox.token_url,
        "OCTOPUS_CLIENT_ID": sandbox.client_id,
    }
    migrated = monitr("migrate", source=before, **settings)
    assert migrated.returncode == 0, f"the program before does not run: {migrated.stderr}"
    return settings


class Installation:
    """API and worker of one program, as an operator has them."""

    def __init__(self, folder: Path, settings: dict[str, str], stack: ExitStack, source: str = "") -> None:
        folder.mkdir()
        port = a_free_port()
        self.address = f"http://127.0.0.1:{port}"
        settings = settings | {"HTTP_PORT": str(port)}
        self.api = stack.enter_context(running(folder, "api", source=source, **settings))
        self.worker = stack.enter_context(running(folder, "worker", source=source, **settings))

    def ready(self) -> "Installation":
        until(lambda: answer(f"{self.address}/readyz"), "the API is not ready", self.api)
        until(lambda: says(self.worker, "worker_ready"), "the worker is not ready", self.worker)
        return self


def says(started: Started, *words: str) -> bool | None:
    """Whether there is a line in its log with all of them, for ``until``."""
    return any(all(f'"{word}"' in line for word in words) for line in started.errors.read_text().splitlines()) or None


def books(user: User, administration: str) -> dict[str, Any]:
    found: dict[str, Any] = user.ask(BOOKS, id=administration)["administration"]
    return found


def imported(user: User, administration: str, worker: Started, run: str | None = None) -> dict[str, Any]:
    """The books, once the run (the first where none is named) has ended; it has succeeded."""

    def ended() -> dict[str, Any] | None:
        found = books(user, administration)
        last = found["lastImport"]
        is_over = last["status"] in ("SUCCEEDED", "FAILED", "CANCELLED") and run in (None, last["id"])
        return found if is_over else None

    found = until(ended, "the import does not end", worker)
    last = found["lastImport"]
    assert (last["status"], last["verification"]["status"]) == ("SUCCEEDED", "PASSED"), last
    return found


def begun(user: User, administration: str, sandbox: SandboxServer) -> str:
    """A full import that has published a chunk and has others, slow ones, before it: its id."""
    sandbox.faults.next(LEDGER_CALL, times=8, kind="delay", seconds=1)
    run: str = user.ask(START, id=administration)["startImports"]["imports"][0]["id"]

    def is_under_way() -> bool | None:
        last = books(user, administration)["lastImport"]
        assert last["status"] in ("QUEUED", "RUNNING"), last
        return (last["id"] == run and last["progress"] > 0.2) or None

    until(is_under_way, "the import does not begin")
    return run


def test_the_program_before_and_this_one_serve_side_by_side_on_the_new_schema(
    settings: dict[str, str], before: str, sandbox: SandboxServer, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        old = Installation(tmp_path / "old", settings, stack, before).ready()
        assert monitr("migrate", **settings).returncode == 0

        at_old = a_user(settings).of(old.address)
        administration = at_old.select(sandbox, DOSSIER)
        first = imported(at_old, administration, old.worker)
        assert first["transactions"]["totalCount"] > 0

        new = Installation(tmp_path / "new", settings, stack).ready()
        at_new = at_old.of(new.address)
        assert books(at_new, administration) == first

        old.worker.process.send_signal(signal.SIGSTOP)  # so that it is the new one that begins
        begun_by_new = begun(at_new, administration, sandbox)
        old.worker.process.send_signal(signal.SIGCONT)
        assert new.worker.stop(signal.SIGTERM) == 0
        sandbox.faults.clear()
        ended_by_old = imported(at_new, administration, old.worker, begun_by_new)

        begun_by_old = begun(at_old, administration, sandbox)
        successor = stack.enter_context(running(tmp_path, "worker", **settings))
        assert old.worker.stop(signal.SIGTERM) == 0
        sandbox.faults.clear()
        ended_by_new = imported(at_old, administration, successor, begun_by_old)

        assert says(new.worker, "import.begun", begun_by_new)
        assert says(old.worker, "import.ended", begun_by_new)
        assert says(old.worker, "import.begun", begun_by_old)
        assert says(successor, "import.ended", begun_by_old)
        for then in (ended_by_old, ended_by_new):
            assert then["trialBalance"] == first["trialBalance"]
        assert books(at_new, administration) == ended_by_new


def test_until_the_migration_this_program_is_not_ready_and_refuses_in_one_sentence(
    settings: dict[str, str], tmp_path: Path
) -> None:
    port = a_free_port()
    with running(tmp_path, "api", HTTP_PORT=str(port), **settings) as api:
        unready = until(lambda: answer(f"http://127.0.0.1:{port}/readyz", 503), "the API does not answer", api)
        for refusing in (["worker"], ["scheduler"], ["import", str(uuid4())]):
            refused = monitr(*refusing, **settings)
            assert (refused.returncode, refused.stderr) == (1, f"{BEHIND}\n"), refusing

    assert unready.json()["parts"]["database"] == {"ready": False, "problem": BEHIND}


def test_a_process_goes_on_when_a_newer_program_migrates_and_none_of_its_kind_begins(
    fresh_database: str, tmp_path: Path
) -> None:
    port = a_free_port()
    settings = {"DATABASE_URL": fresh_database, "ENCRYPTION_KEYS": urlsafe_b64encode(bytes(range(32))).decode()}
    with running(tmp_path, "api", HTTP_PORT=str(port), **settings) as api:
        until(lambda: answer(f"http://127.0.0.1:{port}/readyz"), "the API is not ready", api)
        with psycopg.connect(libpq_url(fresh_database)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = 'of a newer program'")
        still = answer(f"http://127.0.0.1:{port}/readyz")
    refused = monitr("worker", **settings)

    assert still is not None
    assert (refused.returncode, refused.stderr) == (1, f"{AHEAD}\n")
