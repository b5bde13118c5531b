"""The clients that front ends are built with, as they come from npm and PyPI, against the program."""

import subprocess
import sys
from typing import Any

import pytest

from tests.acceptance.conftest import Selected
from tests.acceptance.front_end import FrontEnd
from tests.node import CLIENTS, run_clients, schema

NAMES = ("apollo", "urql", "relay", "sockets")


@pytest.fixture(scope="module")
def known(an: FrontEnd, companies: dict[str, Selected]) -> dict[str, str]:
    """What every client is told."""
    return {"url": an.url, "token": an.token, "administration": next(iter(companies.values())).id}


@pytest.fixture(scope="module")
def told(known: dict[str, str]) -> dict[str, Any]:
    return run_clients(*NAMES, **known)


@pytest.mark.parametrize("client", NAMES)
def test_a_front_end_can_be_built_with(told: dict[str, Any], client: str):
    assert told[client] is None, told[client]


def test_a_program_in_python_can_be_built_with_gql(known: dict[str, str]):
    done = subprocess.run(
        [sys.executable, CLIENTS / "src" / "with_gql.py"],
        env={f"MONITR_{name.upper()}": value for name, value in known.items()},
        input=schema(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
