"""The pages say what the program has: settings, commands, blocks that can be read. Links: ``test_references.py``."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from graphql import GraphQLSyntaxError, parse

from monitr.settings import PREFIX, TOKEN, Settings
from tests.cli_docs import PAGE, commands, options_of, page
from tests.components.test_deployment import OF_COMPOSE

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields}
OF_TESTS = ("MONITR_TEST_", "MONITR_REQUIRE_", "MONITR_SOAK", "MONITR_BENCH_", "MONITR_EXPORTED_")
BLOCK = re.compile(r"^ *```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def blocks(*languages: str) -> Iterator[tuple[str, str, str]]:
    for file in PAGES:
        for language, text in BLOCK.findall(file.read_text(encoding="utf-8")):
            if language in languages and "…" not in text:  # what is left out is no data
                yield file.name, language, text


def test_every_setting_is_explained_to_operators() -> None:
    told = "".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("operating.md", "webhooks.md"))
    named = {PREFIX + name.removeprefix(PREFIX) for name in re.findall(r"`([A-Z][A-Z_]+)`", told)}
    named |= set(re.findall(r"MONITR_[A-Z_]*[A-Z]", told))
    assert SETTINGS - named == set()


def test_every_variable_that_a_page_names_is_a_setting() -> None:
    known = SETTINGS | OF_COMPOSE | {TOKEN}
    named = {
        name: file.name for file in PAGES for name in re.findall(r"MONITR_[A-Z_]*[A-Z]\b(?!…)", file.read_text("utf-8"))
    }
    assert {name: file for name, file in named.items() if name not in known and not name.startswith(OF_TESTS)} == {}


def test_the_page_of_commands_is_that_of_the_program() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run make cli-docs"


def test_every_command_that_a_page_shows_exists_with_its_options() -> None:
    known = {
        words: {each for names, _ in options_of(command) for each in names.split(", ")}
        for words, command in commands().items()
    }
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)) | {"dist"}
    wrong: list[str] = []
    for file, _, text in blocks("console", "sh", "bash"):
        for shown in re.findall(r"(?:^\s*[$#] |&& )((?:monitr|make) .*)$", text, re.MULTILINE):
            for call in re.split(r"\s&&\s|\s#\s", shown):
                words = call.split()
                if words[:1] == ["make"]:
                    wrong += [f"{file}: {call}" for word in words[1:2] if word not in targets and "=" not in word]
                elif words[:1] == ["monitr"]:
                    found = max((name for name in known if f"{call} ".startswith(f"{name} ")), key=len, default=None)
                    options = {word.split("=")[0] for word in words if word.startswith("--")}
                    if found is None or not options <= known[found] | {"--help"}:
                        wrong.append(f"{file}: {call}")
    assert wrong == []


def read_values(text: str) -> None:
    """One value after the other. Raises ValueError."""
    rest = text.strip()
    while rest:
        _, end = json.JSONDecoder().raw_decode(rest)
        rest = rest[end:].strip()


def test_blocks_of_data_and_questions_can_be_read() -> None:
    unread: list[str] = []
    for file, language, text in blocks("json", "yaml", "graphql"):
        try:
            if language == "yaml":
                yaml.safe_load(text)
            elif language == "graphql":
                parse(text)
            else:
                read_values(text)
        except (ValueError, yaml.YAMLError, GraphQLSyntaxError) as error:
            unread.append(f"{file}: {error}: {text[:60]!r}")
    assert unread == []
