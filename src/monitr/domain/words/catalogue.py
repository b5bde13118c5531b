"""The one catalogue: what every sentence is in English, Dutch and French (``sentences.toml``)."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from string import Formatter
from typing import Any

from monitr.domain.language import Language

LANGUAGES = (Language.EN, Language.NL, Language.FR)
"""Those that sentences are said in."""

Forms = Mapping[str, str]
"""The template of a sentence by plural category (CLDR); most have one, ``other``."""
Texts = Mapping[Language, Forms]


def gaps_of(template: str) -> Iterator[tuple[str, str]]:
    """Name and format of each."""
    for _, name, format, _ in Formatter().parse(template):
        if name is not None:
            yield name, format or ""


def _texts(table: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Texts]]:
    """A table that has a text is a sentence, and may have further ones below it."""
    said = {language: _forms(table[language]) for language in LANGUAGES if language in table}
    if said:
        yield place, said
    for name, below in table.items():
        if name not in set(LANGUAGES):
            yield from _texts(below, f"{place}.{name}" if place else name)


def _forms(text: str | Mapping[str, str]) -> Forms:
    return {"other": text} if isinstance(text, str) else text


CATALOGUE: Mapping[str, Texts] = dict(
    _texts(tomllib.loads(files("monitr.domain.words").joinpath("sentences.toml").read_text(encoding="utf-8")))
)
"""By key: a code, behind the kind of thing that has it where several kinds do (``problem.QUOTA_SPENT``)."""


GAPS: Mapping[str, Mapping[str, str]] = {
    key: dict(gaps_of(texts[Language.EN]["other"])) for key, texts in CATALOGUE.items()
}
"""By key: the names of its parameters, and their formats. A test holds all languages to them."""
