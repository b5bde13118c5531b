"""Starting what is measured: our import in a process of its own, the others in one of a Python of their own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from bench.results import PeerLoad
from bench.source import RemoteSandbox, opened_dossier
from monitr.adapters.sql.database.engine import sqlalchemy_url

ROOT = Path(__file__).parents[1]
DLT_PYTHON = ROOT / ".venv-bench" / "bin" / "python"

Result = TypeVar("Result")
Way = Literal["rows", "arrow", "pyarrow", "by_hand"]
"""How dlt is used, or that it is not (``with_dlt``)."""


def our_import(
    scenario: Literal["first", "again", "changes", "slow"], database: str, sandbox: str, result: type[Result]
) -> Result:
    return _last_line([sys.executable, "-m", "bench.our_import", scenario, sandbox], database, result, ROOT)


def peer_load(database: str, sandbox: RemoteSandbox, *, way: Way, indexed: bool) -> PeerLoad:
    """Outside of any project folder, telemetry off, quiet; its dossier token was fetched here."""
    task = asdict(opened_dossier(sandbox)) | {"database": _for_dlt(database), "way": way, "indexed": indexed}
    script = str(ROOT / "bench" / "with_dlt.py")
    settings = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}
    with tempfile.TemporaryDirectory(prefix="monitr-bench-dlt-") as folder:
        settings["DLT_DATA_DIR"] = folder
        return _last_line([str(DLT_PYTHON), "-P", script], json.dumps(task), PeerLoad, Path(folder), settings)


def _for_dlt(database: str) -> str:
    """dlt insists on a password and a host; libpq takes a host among the parameters (a socket) over the other one."""
    url = sqlalchemy_url(database).set(drivername="postgresql")
    return url.set(host=url.host or "localhost", password=url.password or "none").render_as_string(hide_password=False)


def _last_line(
    command: list[str], given: str, result: type[Result], folder: Path, settings: Mapping[str, str] | None = None
) -> Result:
    """What is ``given`` holds passwords: it goes through the standard input, not over the command line."""
    environment = {**os.environ, **(settings or {})}
    done = subprocess.run(  # our own programs
        command, input=given, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=result)
