"""The reader's language, as the header Accept-Language tells it (RFC 9110, section 12.5.4)."""

import re
from enum import StrEnum

_RANGE = re.compile(
    r"\s*([a-z]{1,8})(?:-[a-z0-9-]+)?\s*(?:;\s*q=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?", re.IGNORECASE
)
_LONGEST = 1000


class Language(StrEnum):
    """Those that Octopus has names in."""

    NL = "nl"
    FR = "fr"
    EN = "en"
    DE = "de"


def preferred_language(header: str | None) -> Language | None:
    """Of ours the one that is liked best, the first of equals; None where the header names none of them, or is none."""
    best, best_weight = None, 0.0
    for part in (header or "")[:_LONGEST].split(","):
        match = _RANGE.fullmatch(part)
        weight = float(match[2] or 1) if match else 0.0
        if match and weight > best_weight and match[1].lower() in _OURS:
            best, best_weight = Language(match[1].lower()), weight
    return best


_OURS = frozenset(language.value for language in Language)
