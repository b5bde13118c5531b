"""``docs/commands.md``: the commands of the program, from the program. ``python -m tests.cli_docs`` writes it anew."""

import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from monitr.entrypoints.cli.main import COMMANDS, loaded

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
INTRODUCTION = """# Commands

Written from the program by `make cli-docs`; a test compares. Exit codes: 0 success, 1 failure, 2 wrong usage.
"""


def commands() -> Mapping[str, Any]:
    """By the words that they are called with, ``monitr`` first; groups are not among them."""
    names = [name for section in COMMANDS.values() for name in section]
    return {words: command for name in names for words, command in _walked(f"monitr {name}", loaded(name))}


def _walked(words: str, command: Any) -> Iterator[tuple[str, Any]]:
    within = getattr(command, "commands", None)
    if within is None:
        yield words, command
        return
    for name in within:
        yield from _walked(f"{words} {name}", within[name])


def options_of(command: Any) -> Iterator[tuple[str, str]]:
    """How each argument and option is written, and its help."""
    for parameter in command.params:
        if getattr(parameter, "hidden", False):
            continue
        names = ", ".join([*parameter.opts, *parameter.secondary_opts])
        name = names if parameter.param_type_name == "option" else str(parameter.metavar or parameter.name).upper()
        yield name, " ".join((getattr(parameter, "help", None) or "").split())


def page() -> str:
    return INTRODUCTION + "".join(_section(words, command) for words, command in commands().items())


def _section(words: str, command: Any) -> str:
    told = re.sub(r"\s*\f.*", "", inspect.cleandoc(command.help or ""), flags=re.DOTALL)
    rows = [f"| `{name}` | {help} |\n" for name, help in options_of(command)]
    table = "".join(["\n| | |\n| --- | --- |\n", *rows]) if rows else ""
    return f"\n## {words}\n\n{told}\n{table}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
