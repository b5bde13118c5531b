"""The clients of front ends (clients/), as `make clients` has built them: a machine without Node goes without."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from monitr.entrypoints.graphql.schema import create_schema

CLIENTS = Path(__file__).parents[1] / "clients"
REQUIRED = os.environ.get("MONITR_REQUIRE_NODE") == "1"


def run_clients(*names: str, url: str, token: str, administration: str = "") -> dict[str, str | None]:
    """What each of them complains of; None: nothing."""
    _skip_without_them()
    done = subprocess.run(
        ["node", "build/src/main.js", *names],
        cwd=CLIENTS,
        env={**os.environ, "MONITR_URL": url, "MONITR_TOKEN": token, "MONITR_ADMINISTRATION": administration},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["client"] for each in told] == list(names), done.stderr
    return {each["client"]: each["failure"] for each in told}


@cache
def schema() -> str:
    """As `monitr schema` prints it."""
    return create_schema().as_str() + "\n"


def _skip_without_them() -> None:
    built = CLIENTS / "generated" / "schema.graphql"
    if shutil.which("node") is None:
        reason = "there is no Node on this machine"
    elif not (CLIENTS / "build").exists() or built.read_text() != schema():
        reason = "the clients are not built, or of another schema: make clients"
    else:
        return
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)
