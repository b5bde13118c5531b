"""Names that others have chosen, and that people read on a page of ours: of persons and of organisations."""

from unicodedata import category, normalize

LONGEST_NAME = 255
"""Characters."""
_LONGEST_READ = 4 * LONGEST_NAME

_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")
"""Categories of Unicode: controls, marks that turn the direction of writing, halves of characters, and what is none."""
_SPACES = ("Zs", "Zl", "Zp")


def readable(name: str) -> str:
    """On one line, with nothing in it that is not seen, so that it cannot change how the words beside it are read. It
    may be empty then."""
    shown = (
        " " if _is_space(each) else each for each in normalize("NFC", name[:_LONGEST_READ]) if not _is_hidden(each)
    )
    return " ".join("".join(shown).split())[:LONGEST_NAME].rstrip()


def _is_space(character: str) -> bool:
    return character in "\t\n\v\f\r\x85" or category(character) in _SPACES


def _is_hidden(character: str) -> bool:
    return category(character) in _INVISIBLE and not _is_space(character)
