"""The newest migration, and the program of the commit before it: that one and this one serve side by side on the schema
as it is afterwards, and this one refuses the schema as it was (docs/operating.md, "Upgrade"). The program before comes
from the history of the repository and is run with the interpreter and the packages of this one."""

import signal
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from monitr.adapters.sql.database.engine import libpq_url
from octopus_sandbox import SandboxSettings
from octopus_sandbox.testing import SandboxServer
from tests.integration.cli.a_user import a_user
from tests.integration.cli.installations import DOSSIER, Installation, begun, books, imported, says
from tests.integration.cli.processes import a_free_port, answer, monitr, running, until

BEHIND = "The database schema is not up to date: run `monitr migrate`."
AHEAD = "The database was migrated by a newer Monitr than this one: update the program."


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
