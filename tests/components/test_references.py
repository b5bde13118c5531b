"""Every reference in a comment, a docstring or a page leads somewhere inside this repository.

The forms are those of docs/testing.md, "References", and the links of the pages.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (".ci", "src", "tests", "bench", "clients/src", "deploy", "docs", "sandbox", "scripts", "vendoring")
PAGES = {name: ROOT / "docs" / name for name in ("decisions.md", "octopus.md")}
COPIES = ROOT / "tests" / "contract"  # of files that are kept elsewhere; they speak of what is beside them there
OTHERS = {"uv.lock", "pylock.toml", "queries.sql", "application/json"}  # spoken of, and not ours
OTHERS |= {"application/graphql-response", "schema.graphql", "src/graphql", "monitr-graphql/possible-types.json"}

NUMBER = r"\d+(?:\.\d+)?"
NUMBERS = rf"({NUMBER}(?:(?:, | and | to ){NUMBER})*)"
FORMS = {
    "decision": rf"\b[Dd]ecisions? {NUMBERS}",
    "trap": rf"\b[Tt]raps? {NUMBERS}",
    "decisions.md": rf"\bdecisions\.md, sections? {NUMBERS}",
    "octopus.md": rf"\boctopus\.md`? {NUMBERS}",
    "adr": r"\badr/(\d{4})\b",
}
PATH = re.compile(
    r"(?<![\w./<>{}*…-])((?:(?:src|tests|docs|bench|domain|application|adapters|entrypoints|bootstrap|octopus_sandbox)/"
    r"[\w./-]*\w)|(?:[\w-]+/)*[\w-]+\.(?:md|py|sql|graphql|json|toml|lock))(?!/?[\w<*…-])"
)
NO_FORM = re.compile(r"\bDESIGN\b|\bapi\.md\b|\boctopus\.md`?,? section \S+|(?<!md, )(?<!\d, )\bsections? \d[\d.]*")
HEADING = re.compile(r"(?<![\w/])(?:docs/)?([\w-]+\.md), \"([^\"]+)\"")
TEST = re.compile(r"\btest_\w+")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


def dangling(text: str, page: Path | None = None) -> list[str]:
    """What the text refers to and is not there. ``page`` is the Markdown file that it stands in, for its links and for
    sections of its own."""
    text = " ".join(text.split())
    own = page is not None and page.name in PAGES
    return [
        *(f"{form} {number}" for form, pattern in FORMS.items() for number in _named(pattern, text) - numbers(form)),
        *(path for path in PATH.findall(text) if path.rstrip("./") not in paths() | OTHERS),
        *(name for name in TEST.findall(text) if name not in written_tests()),
        *(heading for name, heading in HEADING.findall(text) if _anchor(heading) not in anchors(ROOT / "docs" / name)),
        *(found for found in NO_FORM.findall(text) if not own),
        *(_dangling_links(text, page) if page is not None else []),
    ]


def _named(pattern: str, text: str) -> set[str]:
    return {number for found in re.findall(pattern, text) for number in re.findall(NUMBER, found)}


def _dangling_links(text: str, page: Path) -> Iterator[str]:
    for target, anchor in LINK.findall(text):
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            yield f"{target}#{anchor}" if anchor else target


@cache
def numbers(form: str) -> set[str]:
    """The numbers that the form may name."""
    match form:
        case "decision":
            return _points("decisions.md", "4")
        case "trap":
            return _points("decisions.md", "8")
        case "adr":
            return {file.name[:4] for file in (ROOT / "docs/adr").glob("[0-9]*.md")}
        case "decisions.md":
            return _sections("decisions.md")
        case _:
            sections = _sections("octopus.md")
            return sections | {f"{each}.{point}" for each in sections for point in _points("octopus.md", each)}


def _sections(page: str) -> set[str]:
    return set(re.findall(rf"^##+ ({NUMBER})", PAGES[page].read_text(), re.MULTILINE))


def _points(page: str, section: str) -> set[str]:
    found = re.search(rf"^## {section}\. .*?(?=^## |\Z)", PAGES[page].read_text(), re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^(\d+)\. ", found[0], re.MULTILINE)) if found else set()


@cache
def anchors(page: Path) -> set[str]:
    """As GitHub makes them of the headings, and without the number that a heading begins with."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE) if page.exists() else []
    return {_anchor(re.sub(r"^[\d.]+ ", "", heading)) for heading in headings} | {_anchor(each) for each in headings}


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-")


def files() -> Iterator[Path]:
    yield from (file for file in ROOT.iterdir() if file.is_file())
    for folder in FOLDERS:
        yield from (file for file in (ROOT / folder).rglob("*") if file.is_file() and "__pycache__" not in file.parts)


@cache
def paths() -> set[str]:
    """Every file and folder, by the whole path from the root and by each end of it."""
    found = {PurePosixPath(file.relative_to(ROOT)) for file in files()}
    found |= {folder for file in found for folder in file.parents}
    return {"/".join(path.parts[start:]) for path in found for start in range(len(path.parts))}


@cache
def written_tests() -> set[str]:
    sources = [file for file in files() if file.suffix == ".py" and "tests" in file.parts]
    names = {name for file in sources for name in re.findall(r"def (test_\w+)", file.read_text())}
    return names | {file.stem for file in sources} | {"test_"}


def prose(file: Path) -> Iterator[str]:
    """What is written for readers: a page as it is, and the comments and docstrings of a program."""
    match file.suffix or file.name:
        case ".md":
            yield file.read_text()
        case ".py":
            yield from _docstrings(file.read_text())
            yield from _comments(_hash_comments(file.read_text()))
        case ".sql":
            yield from _comments(_line_comments(file.read_text(), "--"))
        case ".toml" | "Makefile" | "run":
            yield from _comments(_line_comments(file.read_text(), "#"))
        case _:
            pass


def _docstrings(source: str) -> Iterator[str]:
    """Those of modules, classes and functions, and those below a constant or a field."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


def _hash_comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("# ")


def _line_comments(source: str, mark: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.splitlines()):
        if mark in line:
            yield number, line.split(mark, 1)[1]


def _comments(lines: Iterable[tuple[int, str]]) -> Iterator[str]:
    """Lines that follow each other are one text: a reference may be broken between them."""
    for _, group in groupby(enumerate(lines), key=lambda counted: counted[1][0] - counted[0]):
        yield " ".join(text for _, (_, text) in group)


def test_every_reference_leads_somewhere() -> None:
    found = {
        str(file.relative_to(ROOT)): nowhere
        for file in files()
        if not file.is_relative_to(COPIES)
        if (nowhere := [one for text in prose(file) for one in dangling(text, file if file.suffix == ".md" else None)])
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "nowhere"),
    [
        ("as decision 99 has it", "decision 99"),
        ("(decisions 7, 11 and 120)", "decision 120"),
        ("trap 12", "trap 12"),
        ("decisions.md, section 9", "decisions.md 9"),
        ("octopus.md 2.10 to\n    2.18", "octopus.md 2.18"),
        ("octopus.md 3.14", "octopus.md 3.14"),
        ("adr/0099", "adr 0099"),
        ("see docs/nowhere.md", "docs/nowhere.md"),
        ("``adapters/sql/tables.py``", "adapters/sql/tables.py"),
        ("in `domain/organisation/`", "domain/organisation"),
        ("DESIGN", "DESIGN"),
        ("octopus.md, section 4", "octopus.md, section 4"),
        ("section 8.1", "section 8.1"),
        ('operating.md, "Astrology"', "Astrology"),
        ("Decision 99 says", "decision 99"),
        ("decisions.md, section 8.4", "decisions.md 8.4"),
        ("`test_that_nobody_wrote`", "test_that_nobody_wrote"),
        ("[a page](nowhere.md)", "nowhere.md"),
        ("[a heading](accounting.md#astrology)", "accounting.md#astrology"),
    ],
)
def test_a_reference_that_leads_nowhere_is_found(text: str, nowhere: str) -> None:
    assert nowhere in dangling(text, ROOT / "docs" / "made-up.md")


@pytest.mark.parametrize(
    "text",
    [
        "decisions 7, 11 and 12; trap 2; decisions.md, section 6; RFC 6749, section 3.1",
        "octopus.md 2.10 to 2.12, 2.17, and 3.8",
        "adr/0007, docs/operating.md, tests/contract/operations.md, `sql/database/tables.py`, `domain/`",
        "[verification](accounting.md#verification) and [decisions](adr/README.md)",
    ],
)
def test_a_reference_that_leads_somewhere_is_none_of_them(text: str) -> None:
    assert dangling(text, ROOT / "docs" / "made-up.md") == []


def test_references_are_read_in_comments_and_docstrings_alone(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""First (decision\n98)."""\n\nx = 1  # as decision\n# 99 has it\ny = "decision 97"\n')

    assert [one for text in prose(module) for one in dangling(text)] == ["decision 98", "decision 99"]
