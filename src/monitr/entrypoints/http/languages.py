"""The language of a reader (decision 24): the first of ours that the browser asks for."""

from enum import StrEnum


class Language(StrEnum):
    DUTCH = "nl"
    FRENCH = "fr"
    ENGLISH = "en"
    GERMAN = "de"


MOST_CHOICES = 20
"""Of a header; a browser sends some five."""


def preferred(accept_language: str | None) -> Language:
    """By weight, then by order (RFC 9110, section 12.5.4); English where nothing fits."""
    choices = [_choice(part) for part in (accept_language or "").split(",")[:MOST_CHOICES]]
    known = [(weight, language) for weight, language in choices if weight > 0 and language in set(Language)]
    best = max(known, key=lambda choice: choice[0], default=None)  # of equal ones the first
    return Language.ENGLISH if best is None else Language(best[1])


def _choice(part: str) -> tuple[float, str]:
    """Weight and language of ``nl-BE;q=0.8``. A weight that is none counts as nothing."""
    name, _, parameter = part.partition(";")
    language = name.strip().lower().partition("-")[0]
    if not parameter.strip():
        return 1.0, language
    key, _, value = parameter.partition("=")
    digits = value.strip()
    usable = (
        key.strip().lower() == "q" and digits.isascii() and digits.replace(".", "", 1).isdigit() and len(digits) < 6
    )
    return (min(float(digits), 1.0) if usable else 0.0), language
