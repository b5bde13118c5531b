"""The processes of one ``monitr serve`` count in one folder, and a child that is started again goes on counting."""

import os
import subprocess
import sys
from pathlib import Path

_COUNT = """
import asyncio
from prometheus_client import REGISTRY
from monitr.adapters.observability.metrics import Exposition, share_metrics, work_metrics
share_metrics("worker")
work_metrics(REGISTRY).messages.labels("import").inc()
print(asyncio.run(Exposition(REGISTRY)()).decode())
"""


def counting(folder: Path | None, **environment: str) -> str:
    """A process that counts one message: its metrics page, then it ends."""
    shared = {"PROMETHEUS_MULTIPROC_DIR": str(folder)} if folder else {}
    completed = subprocess.run(
        [sys.executable, "-c", _COUNT],
        env={"PATH": os.environ["PATH"], **shared, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return completed.stdout


def test_a_child_that_is_started_again_goes_on_with_its_counts_in_its_file(tmp_path: Path) -> None:
    for _ in range(2):
        counting(tmp_path, PROMETHEUS_MULTIPROC_ID="worker")
    files = sorted(tmp_path.iterdir())
    page = counting(tmp_path, PROMETHEUS_MULTIPROC_ID="worker")

    assert 'monitr_outbox_published_total{topic="import"} 3.0' in page
    assert sorted(tmp_path.iterdir()) == files


def test_several_processes_are_told_as_one(tmp_path: Path) -> None:
    counting(tmp_path, PROMETHEUS_MULTIPROC_ID="worker")
    page = counting(tmp_path, PROMETHEUS_MULTIPROC_ID="api")

    assert 'monitr_outbox_published_total{topic="import"} 2.0' in page


def test_a_process_on_its_own_tells_its_own(tmp_path: Path) -> None:
    assert 'monitr_outbox_published_total{topic="import"} 1.0' in counting(None)
