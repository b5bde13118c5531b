"""Names from Octopus reach the console's pages as text. Its CSP would stop scripts, but not a form or a picture."""

import re
from pathlib import Path

from monitr.entrypoints import http

STATIC = Path(http.__file__).parent / "static"
OURS = [*STATIC.glob("console/*.js"), STATIC / "graphiql/page.js"]
MARKUP = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|srcdoc|\beval\b")


def test_nothing_of_ours_makes_markup_of_a_text() -> None:
    assert len(OURS) == 4
    assert {file.name: MARKUP.findall(file.read_text()) for file in OURS if MARKUP.search(file.read_text())} == {}
