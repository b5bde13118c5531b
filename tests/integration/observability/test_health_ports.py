"""Workers and schedulers answer on ports of their own, where those are set."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.integration.cli.processes import a_free_port, answer, monitr, running, until
from tests.integration.cli.test_serving import A_KEY


@pytest.mark.parametrize("part", ["worker", "scheduler"])
def test_a_part_with_a_port_tells_whether_it_lives_and_is_ready_and_what_it_has_counted(
    part: str, fresh_database: str, tmp_path: Path
) -> None:
    port = a_free_port()
    settings = {"DATABASE_URL": fresh_database, "ENCRYPTION_KEYS": A_KEY, f"{part.upper()}_PORT": str(port)}
    with running(tmp_path, part, **settings) as started:
        ready = until(lambda: answer(f"http://127.0.0.1:{port}/readyz"), f"the {part} is not ready", started)
        assert ready.json()["ready"]
        assert httpx.get(f"http://127.0.0.1:{port}/livez").status_code == 200
        assert "process_cpu_seconds_total" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
        until(lambda: f"{part}_ready" in started.errors.read_text() or None, "it does not say so", started)

        second = monitr(part, **settings)
        assert second.returncode == 1
        taken = f"Nothing can listen on 127.0.0.1, port {port} (MONITR_{part.upper()}_PORT)"
        assert second.stderr.splitlines()[-1].startswith(taken)

        started.process.terminate()
        assert started.process.wait(10) == 0


def test_without_traces_no_exporter_is_imported() -> None:
    program = "import sys, monitr.bootstrap.ports as b; b.Observability.open('api'); print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
    )

    modules = told.stdout.split()
    assert "monitr.adapters.observability.traces" in modules
    assert not [name for name in modules if name.startswith(("opentelemetry.exporter", "google.protobuf"))]
    assert "monitr.adapters.observability.open_telemetry" not in modules
