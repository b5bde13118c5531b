"""What a file is called, whatever an administration is called."""

import unicodedata
from urllib.parse import quote

LONGEST = 200
"""Bytes of a name, its ending not counted: file systems end at 255."""

_SEPARATING = set('/\\:*?"<>|')
"""In no name of Windows, and paths elsewhere."""


def file_name(*parts: str, ending: str) -> str:
    """The parts with blanks between them; no control or formatting character, no path, nothing hidden."""
    kept = "".join(" " if one in _SEPARATING else one for part in parts for one in f"{part} " if _is_visible(one))
    name = " ".join(unicodedata.normalize("NFC", kept).split()).lstrip(".~- ")
    short = name.encode()[:LONGEST].decode(errors="ignore").rstrip(". ")
    return f"{short}.{ending}"


def content_disposition(name: str) -> str:
    """Of an attachment (RFC 6266): the name in UTF-8 (RFC 8187), and in ASCII for whoever reads only that."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    safe = "".join(" " if one in '"\\%;' else one for one in plain)  # appendix D of the RFC: clients decode %
    return f"attachment; filename=\"{safe}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_visible(character: str) -> bool:
    return character == " " or unicodedata.category(character)[0] != "C"
