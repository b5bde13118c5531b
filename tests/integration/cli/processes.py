"""``monitr`` as a real process, and what the machine has running."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import psutil

PATIENCE_SECONDS = 60.0
STOP_SECONDS = 20.0


@dataclass
class Started:
    """A process of ours that runs until the context ends."""

    process: subprocess.Popen[str]
    output: Path
    errors: Path

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def printed(self, pattern: str) -> str:
        """The first match on standard output, waited for; of its group where it has one."""
        match = until(lambda: re.search(pattern, self.output.read_text()), f"{pattern!r} is not printed", self)
        return match[1] if match.groups() else match[0]

    def stop(self, order: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(order)
        return self.process.wait(STOP_SECONDS)


T = TypeVar("T")


def until(question: Callable[[], T | None], complaint: str, started: Started | None = None) -> T:
    """The first answer that is one. Fails with the complaint, and with what the process has said."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and (started is None or started.process.poll() is None):
        if answer := question():
            return answer
        time.sleep(0.1)
    said = "" if started is None else f"\n{started.output.read_text()}\n{started.errors.read_text()}"
    raise AssertionError(complaint + said)


def answer(address: str, status: int = 200) -> httpx.Response | None:
    """The answer where it has that status, for ``until``."""
    try:
        response = httpx.get(address, timeout=5)
    except httpx.HTTPError:
        return None
    return response if response.status_code == status else None


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all of them have ended, within the time that they may take. One that nobody has asked for its exit code
    yet has ended too: an orphan's is asked for by the machine, when it likes."""
    deadline = time.monotonic() + STOP_SECONDS
    while any(map(_is_alive, processes)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


@contextmanager
def running(folder: Path, *arguments: str, source: str = "", **environment: str) -> Iterator[Started]:
    """Settings are given without their prefix, ``source`` where another program than this one is meant. Whatever the
    test has left running is killed at the end."""
    output, errors = folder / f"{arguments[0]}.out", folder / f"{arguments[0]}.err"
    with output.open("w") as out, errors.open("w") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "monitr", *arguments],
            stdout=out,
            stderr=err,
            text=True,
            env=clean(environment, source),
        )
    started = Started(process, output, errors)
    family: list[psutil.Process] = []
    try:
        yield started
    finally:
        if process.poll() is None:
            family = started.family()
            process.kill()
            process.wait()
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()


def monitr(*arguments: str, source: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run to the end."""
    return subprocess.run(
        [sys.executable, "-m", "monitr", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        env=clean(environment, source),
        check=False,
    )


def clean(environment: dict[str, str], source: str = "") -> dict[str, str]:
    """The settings and nothing of the tester's own; a ``source`` (a folder ``src``) goes before what is installed."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MONITR_")}
    theirs = {"PYTHONPATH": source} if source else {}
    return ours | theirs | {f"MONITR_{name}": value for name, value in environment.items()}
