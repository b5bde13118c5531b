"""The drill of an operator, with the embedded server and real processes: install, import, back up, lose the machine,
restore elsewhere, upgrade while an import runs, roll back. It begins with the program before the newest migration,
whose database this one backs up. Each step is timed; nothing may be lost. In a soak only (``make drill``)."""

import json
import shutil
import signal
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from monitr.adapters.sql.database.embedded import EmbeddedServer
from octopus_sandbox import SandboxSettings
from octopus_sandbox.books.entries import credit, debit
from octopus_sandbox.testing import SandboxServer
from tests.integration.cli.a_user import User, a_user
from tests.integration.cli.installations import DOSSIER, LEDGER_CALL, Installation, begun, books, imported, says
from tests.integration.cli.processes import monitr
from tests.integration.importing.soak import SOAK

START = """mutation ($id: ID!) { startImports(input: {administrationIds: [$id]}) {
  ... on ImportsStarted { imports { id } } } }"""


@dataclass
class Drill:
    """``settings`` but for the machine, which is a data folder here. The encryption keys are kept apart from it."""

    folder: Path
    sandbox: SandboxServer
    times: list[tuple[str, float]] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        return {
            "ENCRYPTION_KEYS": urlsafe_b64encode(bytes(range(32))).decode(),
            "AUTH_SECRET": "a secret of at least 32 characters",
            "SYNC_COOLDOWN": "0",
            "OCTOPUS_API_URL": self.sandbox.api_url,
            "OCTOPUS_AUTHORIZE_URL": self.sandbox.authorize_url,
            "OCTOPUS_TOKEN_URL": self.sandbox.token_url,
            "OCTOPUS_CLIENT_ID": self.sandbox.client_id,
        }

    def machine(self, name: str) -> dict[str, str]:
        return self.settings | {"DATA_DIR": str(self.folder / name)}

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.times.append((what, time.monotonic() - began))

    def run(self, *arguments: str, machine: str, source: str = "") -> str:
        done = monitr(*arguments, source=source, **self.machine(machine))
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    def started(self, machine: str, stack: ExitStack, source: str = "", what: str = "") -> Installation:
        return Installation(self.folder / f"{machine}{what}.log", self.machine(machine), stack, source).ready()

    def lose(self, machine: str, installation: Installation) -> None:
        """Killed, and its disk with it."""
        for part in (installation.api, installation.worker):
            part.process.kill()
            part.process.wait()
        EmbeddedServer(self.folder / machine).stop()
        shutil.rmtree(self.folder / machine)

    def book(self, cents: int) -> None:
        """Somebody sells something, in Octopus."""
        books = self.sandbox.books(DOSSIER)
        client = min(id for id, relation in books.relations.items() if relation.client)
        amount = Decimal(cents) / 100
        lines = (debit(400000, amount, relation=client), credit(700000, amount))
        books.book(journal="V1", date=max(year.start for year in books.bookyears.values()), lines=lines)


@pytest.fixture
def drill() -> Iterator[Drill]:
    size = SandboxSettings(lines=20_000, dossiers=1, bookyears=4)
    with TemporaryDirectory(prefix="monitr-drill-") as folder, SandboxServer(size) as sandbox:
        yield Drill(Path(folder), sandbox)
        for machine in Path(folder).glob("*/postgres"):
            EmbeddedServer(machine.parent).stop()  # which its processes, killed, have left running


def caught_up(user: User, administration: str, at: Installation) -> dict[str, Any]:
    """After an incremental import, which has agreed with Octopus to the cent."""
    run = user.ask(START, id=administration)["startImports"]["imports"][0]["id"]
    return imported(user, administration, at.worker, run)


@pytest.mark.skipif(not SOAK, reason="minutes of real processes: `make drill`")
def test_a_lost_machine_comes_back_elsewhere_and_nothing_is_lost(
    drill: Drill, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    source = request.getfixturevalue("before")
    backup = str(drill.folder / "monitr.dump")
    with ExitStack() as stack:
        with drill.step("install"):
            drill.run("migrate", machine="first", source=source)
            first = drill.started("first", stack, source)
        with drill.step("import"):
            user = a_user(drill.settings).of(first.address)
            administration = user.select(drill.sandbox, DOSSIER)
            whole = imported(user, administration, first.worker)
        with drill.step("back up"):
            written = json.loads(drill.run("backup", backup, "--json", machine="first"))
        with drill.step("lose the machine"):
            drill.lose("first", first)
        drill.book(12_345)
        with drill.step("restore elsewhere"):
            restored = json.loads(drill.run("restore", backup, "--json", machine="second"))
        with drill.step("start again"):
            second = drill.started("second", stack, source)
            user = user.of(second.address)
            assert books(user, administration)["trialBalance"] == whole["trialBalance"]
        with drill.step("catch up"):
            more = caught_up(user, administration, second)
        assert restored["rows"] == written["rows"]
        assert more["transactions"]["totalCount"] == whole["transactions"]["totalCount"] + 2
        upgraded_and_rolled_back(drill, stack, second, user, administration, source)
    with capsys.disabled():
        print(f"\nThe drill, {whole['transactions']['totalCount']:,} ledger lines:")
        for what, seconds in drill.times:
            print(f"  {what:<28} {seconds:6.1f} s")


def upgraded_and_rolled_back(
    drill: Drill, stack: ExitStack, old: Installation, user: User, administration: str, source: str
) -> None:
    before = books(user, administration)
    backup = str(drill.folder / "before-the-upgrade.dump")
    with drill.step("back up before the upgrade"):
        drill.run("backup", backup, machine="second")
    run = begun(user, administration, drill.sandbox)
    drill.sandbox.faults.next(LEDGER_CALL, times=200, kind="delay", seconds=8)
    with drill.step("upgrade, an import under way"):
        drill.run("migrate", machine="second")
        new = drill.started("second", stack, what="-new")
        assert old.worker.stop(signal.SIGTERM) == 0
        assert old.api.stop(signal.SIGTERM) == 0
    drill.sandbox.faults.clear()
    user = user.of(new.address)
    with drill.step("end that import"):
        ended = imported(user, administration, new.worker, run)
    assert says(new.worker, "import.ended", run)
    assert ended["trialBalance"] == before["trialBalance"]
    drill.book(54_321)
    upgraded = caught_up(user, administration, new)
    with drill.step("roll back"):
        for part in (new.worker, new.api):
            assert part.stop(signal.SIGTERM) == 0
        drill.run("restore", backup, machine="third")
        third = drill.started("third", stack, source)
        user = user.of(third.address)
    assert books(user, administration)["trialBalance"] == before["trialBalance"]
    with drill.step("catch up after the roll-back"):
        again = caught_up(user, administration, third)
    assert again["trialBalance"] == upgraded["trialBalance"]
    assert again["transactions"] == upgraded["transactions"]
