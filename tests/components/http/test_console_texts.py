"""Names from Octopus reach the console's pages as text. Its CSP would stop scripts, but not a form or a picture."""

import re
from pathlib import Path

from monitr.entrypoints import http

STATIC = Path(http.__file__).parent / "static"
OURS = [*(file for file in STATIC.rglob("*.js") if "vendor" not in file.parts)]
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|srcdoc|\beval\b|setHTML"
)


def test_nothing_of_ours_makes_markup_of_a_text() -> None:
    assert len(OURS) > 20
    assert {file.name: MARKUP.findall(file.read_text()) for file in OURS if MARKUP.search(file.read_text())} == {}
