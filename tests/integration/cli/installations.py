"""Monitr as an operator has it: API and worker of this program, or of the one before the newest migration, which comes
from the history of the repository and is run with the interpreter and the packages of this one."""

import os
import subprocess
import sys
import tarfile
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

import pytest

from octopus_sandbox.testing import SandboxServer
from tests.integration.cli.a_user import User
from tests.integration.cli.processes import Started, a_free_port, answer, clean, running, until

ROOT = Path(__file__).parents[3]
MIGRATIONS = ROOT / "src/monitr/adapters/sql/database/migrations/versions"
LEDGER_CALL = "getReportModifiedBooking"
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


def program_before(folder: Path) -> str:
    """The sources of the program before the newest migration, put into the folder."""
    newest = max(MIGRATIONS.glob("[0-9]*.py"))
    with tarfile.open(fileobj=BytesIO(git("archive", commit_before(newest), "src"))) as archive:
        archive.extractall(folder, filter="data")
    assert not list(folder.rglob(f"versions/{_number(newest)}_*.py")), "it has the migration already"
    source = str(folder / "src")
    where = [sys.executable, "-c", "import monitr; print(monitr.__file__)"]
    found = subprocess.run(where, env=clean({}, source), capture_output=True, text=True, check=True).stdout
    assert Path(found.strip()).is_relative_to(folder), "another program would be started"
    return source


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
