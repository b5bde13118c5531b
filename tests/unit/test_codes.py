"""``docs/errors.md`` explains every code that there is, and no other."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from monitr.domain.authorization import CallbackError
from monitr.domain.codes import ExplanationCode, ProblemCode, RefusalCode
from monitr.entrypoints.error_codes import ErrorCode

TEXT = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
SECTIONS = {title: body for title, _, body in (part.partition("\n") for part in TEXT.split("\n## ")[1:])}


def codes_of(section: str) -> list[str]:
    """Those in the first column of the table of the section that begins so."""
    (body,) = (body for title, body in SECTIONS.items() if title.startswith(section))
    cells = [line.split("|")[1] for line in body.splitlines() if line.startswith("| `")]
    return [code for cell in cells for code in re.findall(r"`([A-Za-z_]+)`", cell)]


@pytest.mark.parametrize(
    ("sections", "codes"),
    [
        (("Problems",), ProblemCode),
        (("What ends an OAuth round",), CallbackError),
        (("Entries in `errors`",), [*ErrorCode, ProblemCode.FORBIDDEN]),
        (("Failures: why an import", "Notices", "Failures of a webhook target"), ExplanationCode),
    ],
)
def test_every_code_is_explained_and_no_other(sections: tuple[str, ...], codes: Iterable[str]) -> None:
    explained = [code for section in sections for code in codes_of(section)]
    assert sorted(explained) == sorted(codes)


def test_the_refusals_of_imports_are_named() -> None:
    (line,) = (line for line in TEXT.splitlines() if line.startswith("Refusals of `startImports`"))
    assert set(re.findall(r"`([A-Z_]+)`", line)) == set(RefusalCode)
