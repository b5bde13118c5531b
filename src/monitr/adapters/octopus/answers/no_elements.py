"""A document that holds none of the elements asked for: does it say "nothing", or is it an error under 200?

How Octopus writes "nothing" is open (octopus.md 6, question 9), so every form of it is read alike, and whether it is
believed is decided where the other answers are known (decision 17). An error is never nothing.
"""

from collections.abc import Set
from enum import Enum, auto

import msgspec

from monitr.adapters.octopus.answers.elements import LONGEST_OTHER, ROOT


class Meaning(Enum):
    NOTHING = auto()
    """``null``, an empty text, an object whose members are all null, an empty array in place of the object."""
    EMPTY = auto()
    """What was asked for, explicitly without elements."""
    ERROR = auto()
    """An object that holds no array asked for, or an error code beside them."""
    OTHER = auto()
    """No JSON, or something that has no meaning here."""


def meaning_of(document: bytes, arrays: Set[str]) -> Meaning:
    """``arrays``: as in ``ElementScanner``."""
    try:
        value: dict[str, object] | list[object] | str | float | None = msgspec.json.decode(document)
    except (ValueError, RecursionError):
        return Meaning.OTHER
    match value:
        case None | "":
            return Meaning.NOTHING
        case []:
            return Meaning.EMPTY if ROOT in arrays else Meaning.NOTHING
        case dict():
            members = {name: member for name, member in value.items() if member is not None}
            if not members:
                return Meaning.NOTHING
            return Meaning.ERROR if arrays.isdisjoint(members) or members.get("errorCode") else Meaning.EMPTY
        case _:
            return Meaning.OTHER


class Beginning:
    """What has arrived of a document while no element of it has."""

    def __init__(self) -> None:
        self._bytes: bytearray | None = bytearray()

    def add(self, piece: bytes) -> None:
        if self._bytes is not None:
            self._bytes += piece
            if len(self._bytes) > LONGEST_OTHER:
                self._bytes = None

    def forget(self) -> None:
        self._bytes = None

    @property
    def whole(self) -> bytes | None:
        """None where an element has come, or more than is looked at."""
        return None if self._bytes is None else bytes(self._bytes)
