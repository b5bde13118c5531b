"""The committed schema, and what may change in it: `make schema` writes docs/schema.graphql anew.

A change that breaks clients is refused, unless docs/breaking-changes.toml says when it was made and why. It is compared
with the last committed versions, so that writing the file anew is no way around it; the entries are the log of what a
front end has to follow.
"""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from graphql import build_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes

from monitr.entrypoints.graphql.schema import create_schema

ROOT = Path(__file__).parents[1]
SCHEMA, EXPLAINED = Path("docs/schema.graphql"), Path("docs/breaking-changes.toml")
VERSIONS = 5
"""How many committed versions a change is compared with: as many commits may be made before one is looked at."""


class NoHistory(Exception):
    """Why the versions that were committed are not known."""


def present() -> str:
    return f"{create_schema().as_str()}\n"


def committed(root: Path = ROOT) -> Iterator[str]:
    """The last versions of the schema on this branch, the newest first. Raises NoHistory."""
    commits = _git(root, "log", "--first-parent", f"-{VERSIONS}", "--format=%H", "--diff-filter=AM", "--", str(SCHEMA))
    for commit in commits.split():
        yield _git(root, "show", f"{commit}:{SCHEMA.as_posix()}")


def breaking(old: str, new: str) -> Sequence[str]:
    return [change.description for change in find_breaking_changes(build_schema(old), build_schema(new))]


def dangerous(old: str, new: str) -> Sequence[str]:
    """What a client may stumble over that takes enums or unions for closed, or relies on a default."""
    return [change.description for change in find_dangerous_changes(build_schema(old), build_schema(new))]


def explained(path: Path = ROOT / EXPLAINED) -> Mapping[str, tuple[date, str]]:
    """When each breaking change was made, and why."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("change", [])
    return {entry["what"]: (entry["date"], entry["why"]) for entry in entries}


def unexplained(versions: Iterator[str], new: str, known: Mapping[str, object]) -> Sequence[str]:
    found = (change for old in versions if old != new for change in breaking(old, new))
    return [change for change in dict.fromkeys(found) if change not in known]


def main() -> str | None:
    new = present()
    try:
        if refused := unexplained(committed(), new, explained()):
            return "\n".join([f"These changes break clients; {EXPLAINED} does not explain them:", *refused])
        for change in next((dangerous(old, new) for old in committed() if old != new), []):
            print(f"May surprise a client: {change}")
    except NoHistory as reason:
        return str(reason)
    (ROOT / SCHEMA).write_text(new, encoding="utf-8")
    return None


def _git(root: Path, *arguments: str) -> str:
    """Of this repository, whoever owns it and whatever a hook has set."""
    command = ["git", "-C", str(root), "-c", f"safe.directory={root}", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as refused:
        raise NoHistory(f"git does not tell which versions were committed: {refused}") from None


if __name__ == "__main__":
    sys.exit(main())
