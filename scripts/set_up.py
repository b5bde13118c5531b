"""``make setup``: an environment, the packages of a lock file, and Monitr itself. Says each step and its seconds.

It runs before anything is installed: Python 3.11's standard library is all that it may use.
"""

import argparse
import re
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

OLDEST = (3, 11)
ROOT = Path(__file__).parents[1]
EVERY = 20
"""Packages between two lines about them, where no terminal shows each."""


@contextmanager
def step(number: int, of: int, what: str) -> Iterator[None]:
    begun = time.monotonic()
    print(f"[{number}/{of}] {what} …", flush=True)
    yield
    print(f"      {time.monotonic() - begun:.0f} s", flush=True)


def install(python: Path, lock: Path) -> None:
    """What the lock names, by its hashes, and nothing else."""
    count = len(re.findall(r"(?m)^[\w.-]+==", lock.read_text()))
    seen = 0
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    locked = [*command, "--require-hashes", "--no-deps", "-r", str(lock)]
    with (
        TemporaryFile("w+") as complaints,
        subprocess.Popen(locked, stdout=subprocess.PIPE, stderr=complaints, text=True) as pip,
    ):
        assert pip.stdout is not None
        for line in pip.stdout:
            if found := re.match(r"(?:Collecting|Requirement already satisfied:|Ignoring) ([\w.-]+)", line):
                seen += 1
                show(f"{seen} of {count}: {found[1].partition('==')[0]}", is_last=seen == count)
            elif line.startswith("Installing"):
                show("unpacking", is_last=True)
        if pip.wait() != 0:
            complaints.seek(0)
            sys.exit(f"{complaints.read()}pip ended with exit code {pip.returncode}: what it says is above.")


def show(text: str, *, is_last: bool) -> None:
    """On a terminal in place of the one before."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K      {text}", end="\n" if is_last else "", flush=True)
    elif is_last or (text[0].isdigit() and int(text.split()[0]) % EVERY == 0):
        print(f"      {text}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("folder", type=Path, help="of the environment")
    options.add_argument("lock", type=Path)
    given = options.parse_args()
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Python 3.11 or newer is needed; this is {found}. Try: make PYTHON=python3.11 …")
    python = given.folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    with step(1, 3, f"An environment in {given.folder}"):
        if not python.exists():
            venv.create(given.folder, with_pip=True)
    with step(2, 3, f"The packages of {given.lock}, by their hashes"):
        install(python, given.lock)
    with step(3, 3, "Monitr itself"):
        itself = [
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--no-build-isolation",
            "--editable",
            str(ROOT),
        ]
        subprocess.run([python, "-m", "pip", "install", *itself], check=True)


if __name__ == "__main__":
    main()
