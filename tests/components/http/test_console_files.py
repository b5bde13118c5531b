"""What the console is made of: documents that the schema takes, the same words in three languages, whole pages."""

import json
import re
from pathlib import Path
from typing import Any

from graphql import parse, validate

from monitr.entrypoints.graphql.schema import create_schema
from monitr.entrypoints.graphql.trusted_documents import CONSOLE, of_the_console
from tests.licences import is_allowed

ROOT = Path(__file__).parents[3]
LANGUAGES = ("en", "nl", "fr")
MODULES = {file: file.read_text() for file in CONSOLE.rglob("*.js") if "vendor" not in file.parts}
PAGES = set(re.findall(r'page: "([\w-]+)"', (CONSOLE / "routes.js").read_text()))
SPOKEN = re.compile(r'\b(?:useWords|loadWords)\("([\w-]+)"\)')
"""Whose words a module says besides the shell's."""


def words(language: str) -> dict[str, dict[str, Any]]:
    return {file.stem: json.loads(file.read_text()) for file in (CONSOLE / "words" / language).glob("*.json")}


def parameters(text: str | dict[str, str]) -> list[set[str]]:
    """Of a text, or of its two forms."""
    forms = [text] if isinstance(text, str) else [text["one"], text["other"]]
    return [set(re.findall(r"\{(\w+)\}", form)) for form in forms]


def test_the_schema_takes_every_document_of_the_console() -> None:
    schema = create_schema()._schema
    faults = {
        name: [fault.message for fault in validate(schema, parse(text))] for name, text in of_the_console().items()
    }
    assert len(faults) > 2
    assert {name: found for name, found in faults.items() if found} == {}


def test_every_operation_that_a_module_names_is_in_its_file() -> None:
    documents = of_the_console()
    named = [
        (file, name)
        for text in MODULES.values()
        for file, name in re.findall(r'operation\("([\w/-]+)", "(\w+)"\)', text)
    ]
    assert len(named) > 3
    assert [each for each in named if not re.search(rf"\b{each[1]}\b", documents[f"{each[0]}.graphql"])] == []


def test_each_language_has_every_word_with_the_same_parameters() -> None:
    english = words("en")
    assert english.keys() == PAGES | {"shell"} | {name for text in MODULES.values() for name in SPOKEN.findall(text)}
    for language in LANGUAGES:
        spoken = words(language)
        assert {page: list(texts) for page, texts in spoken.items()} == {
            page: list(texts) for page, texts in english.items()
        }
        differing = [
            (page, key)
            for page, texts in spoken.items()
            for key, text in texts.items()
            if parameters(text) != parameters(english[page][key])
            or not all(text if isinstance(text, str) else text.values())
        ]
        assert differing == [], language


def test_every_word_that_a_page_says_is_there() -> None:
    known = words("en")
    for page in PAGES:
        own = CONSOLE / "pages" / page
        texts = [text for file, text in MODULES.items() if file == own.with_suffix(".js") or file.parent == own]
        said = set(re.findall(r'\bsay\("([\w.-]+)"', "".join(texts)))
        assert said - known[page].keys() - known["shell"].keys() == set(), page
    for file, text in MODULES.items():
        if file.parent.name in ("shell", "parts"):
            there = known["shell"].keys() | {key for name in SPOKEN.findall(text) for key in known[name]}
            assert set(re.findall(r'\bsay\("([\w.-]+)"', text)) - there == set(), file


def test_every_route_in_the_sidebar_has_a_name_and_an_icon() -> None:
    table = (CONSOLE / "routes.js").read_text()
    icons = set(re.findall(r"^  (\w+): \"M", (CONSOLE / "parts" / "icon.js").read_text(), re.MULTILINE))
    entries = re.findall(r'page: "([\w-]+)", icon: "(\w+)"', table)
    assert entries
    assert [each for each in entries if f"nav.{each[0]}" not in words("en")["shell"] or each[1] not in icons] == []
    assert [
        page
        for page in re.findall(r'page: "([\w-]+)".*style: true', table)
        if not (CONSOLE / f"pages/{page}.css").exists()
    ] == []


def test_what_is_vendored_is_pinned_allowed_and_listed() -> None:
    lock = json.loads((ROOT / "vendoring" / "package-lock.json").read_text())["packages"]
    listed = re.findall(
        r"^\| (\S+) \| (\S+) \| (\S+) \| `", (CONSOLE / "vendor" / "vendored.md").read_text(), re.MULTILINE
    )
    assert len(listed) > 5
    assert [name for name, version, _ in listed if lock[f"node_modules/{name}"]["version"] != version] == []
    assert [name for name, _, licence in listed if not is_allowed(licence)] == []
    assert [name for name, package in lock.items() if name and not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in lock.items() if "resolved" in package] == []
