"""Commands that need no process of their own."""

import logging
import os
from collections.abc import Callable, Iterator

import pytest
import structlog
from typer.testing import CliRunner, Result

from monitr.entrypoints.cli.main import app
from tests.integration.cli.installations import program_before

Command = Callable[..., Result]


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """``monitr`` in this process, whose logs are as before afterwards; settings are given without their prefix."""
    for name in [name for name in os.environ if name.startswith("MONITR_")]:
        monkeypatch.delenv(name)

    def run(*arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(app, arguments, env={f"MONITR_{name}": value for name, value in settings.items()})

    root = logging.getLogger()
    handlers, level, configuration = root.handlers[:], root.level, structlog.get_config()
    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configuration)
    structlog.contextvars.clear_contextvars()


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sources of the program before the newest migration."""
    return program_before(tmp_path_factory.mktemp("before"))
