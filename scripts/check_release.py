"""``make dist-check``: the release, installed in a fresh environment elsewhere, does all that the demo does.

Without the wheel of the sandbox it has to say what is missing.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """With nothing of ours in the environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MONITR_", "PYTHON"))}
    return subprocess.run(
        command, cwd=folder, env=environment, text=True, stderr=subprocess.STDOUT, stdout=subprocess.PIPE
    )


def expected(done: subprocess.CompletedProcess[str], code: int, words: str) -> None:
    print(done.stdout, end="", flush=True)
    if done.returncode != code or words not in done.stdout:
        sys.exit(f"Exit code {done.returncode} in place of {code}, or without the words {words!r}: {done.args}")


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("dist", type=Path)
    options.add_argument("lock", type=Path)
    given = options.parse_args()
    (program,), (sandbox,) = (
        list(given.dist.resolve().glob(f"{name}-*.whl")) for name in ("monitr", "octopus_sandbox")
    )
    version = program.name.split("-")[1]
    with tempfile.TemporaryDirectory(prefix="monitr-release-") as name:
        folder = Path(name)
        python, monitr = folder / "venv" / "bin" / "python", folder / "venv" / "bin" / "monitr"
        install: list[str | Path] = [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        expected(run(sys.executable, "-m", "venv", folder / "venv", folder=folder), 0, "")
        expected(run(*install, "--require-hashes", "-r", given.lock.resolve(), folder=folder), 0, "")
        expected(run(*install, "--no-index", program, folder=folder), 0, "")
        expected(run(monitr, "--version", folder=folder), 0, f"monitr {version}\n")
        expected(run(monitr, "demo", "--check", folder=folder), 1, "The Octopus sandbox is not installed")
        expected(run(*install, "--no-index", sandbox, folder=folder), 0, "")
        expected(run(monitr, "demo", "--check", folder=folder), 0, "All works")


if __name__ == "__main__":
    main()
