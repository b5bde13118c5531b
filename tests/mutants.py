"""Mutation testing of the domain: `make mutants`. Fails for a change that no unit test notices and nobody has excused.

mutmut changes one expression of ``src/monitr/domain`` at a time, in a copy (``mutants/``), and runs the unit tests that
reach it. What survives is killed by a test, or stands in ``mutants.toml`` with the reason why it may live: by function
and by what the line becomes, because mutmut's own numbers move with every edit. Names (``monitr.domain.roles*``) may be
given to look at a part. The whole begins anew: mutmut would let its results stand, whatever became of the tests.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

MUTMUT = str(Path(sys.executable).parent / "mutmut")
EXCUSED = Path(__file__).parent / "mutants.toml"
COPY = Path(__file__).parents[1] / "mutants"
UNNOTICED = ("survived", "suspicious", "no tests", "not checked")


@dataclass(frozen=True)
class Mutant:
    function: str
    becomes: str


def main(*names: str) -> str | None:
    if not names:
        shutil.rmtree(COPY, ignore_errors=True)
    subprocess.run([MUTMUT, "run", "--max-children", "2", *names], check=True)
    living = dict(_living(names or ("*",)))
    excused = {Mutant(entry["in"], entry["becomes"]) for entry in tomllib.loads(EXCUSED.read_text())["mutant"]}
    for name, mutant in living.items():
        if mutant not in excused:
            print(f"\n{name}\n  in      {mutant.function}\n  becomes {mutant.becomes}")
    for mutant in excused - set(living.values()) if not names else ():
        print(f"\nexcused, but it does not live\n  in      {mutant.function}\n  becomes {mutant.becomes}")
    unexcused = [mutant for mutant in living.values() if mutant not in excused]
    return f"{len(unexcused)} changes were noticed by no test." if unexcused else None


def _living(names: Sequence[str]) -> Iterator[tuple[str, Mutant]]:
    for line in _mutmut("results").splitlines():
        name, _, state = line.strip().partition(": ")
        if state in UNNOTICED and any(fnmatch(name, pattern) for pattern in names):
            yield name, Mutant(_function(name), _becomes(_mutmut("show", name)))


def _function(name: str) -> str:
    """``monitr.domain.money.x_to_cents__mutmut_2`` is ``monitr.domain.money.to_cents``; a method has its class."""
    module, _, mangled = name.rpartition("__mutmut_")[0].rpartition(".")
    return f"{module}.{re.sub('^_|^ǁ', '', mangled.removeprefix('x')).replace('ǁ', '.')}"


def _becomes(diff: str) -> str:
    """The new lines of the difference, else the old ones that went."""
    lines = [line for line in diff.splitlines() if line[:1] in "+-" and not line.startswith(("+++", "---"))]
    new = [line[1:].strip() for line in lines if line.startswith("+")]
    return " ".join(new) or " ".join(f"without {line[1:].strip()}" for line in lines)


def _mutmut(*arguments: str) -> str:
    return subprocess.run([MUTMUT, *arguments], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
