"""Blocks of documents, and the pieces of text that their lines hold.

A text that holds another holds all its pieces of three letters, so the lines with a text are in blocks that have all
pieces of it. Pieces are of what PostgreSQL's lower() gives, as it is where the lines themselves are compared.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

DOCUMENTS = 16
"""Of a block: the documents of a journal with numbers from one multiple of it to the next."""
LINES = 48
"""That a block has, as a rule."""
PIECE = 3
MOST_PIECES = 30
"""Of a text that are looked up."""
MOST_COMPARED = 10_000
"""Blocks of the rarest of these that are held against each other: the others hardly leave any more out."""


class Block(NamedTuple):
    bookyear: int
    journal_type: int
    journal_number: int
    block: int


def pieces_of(texts: Iterable[str | None]) -> Iterator[str]:
    """Of texts in lower case."""
    for text in texts:
        if text is not None:
            for start in range(len(text) - PIECE + 1):
                yield text[start : start + PIECE]
