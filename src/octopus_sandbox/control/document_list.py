"""The documents of a dossier as the page lists them: those that were written last come first."""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nlargest

from octopus_sandbox.books import Books
from octopus_sandbox.books.entries import Document

SHOWN = 25


@dataclass(frozen=True, slots=True)
class Listed:
    document: Document
    relation: str
    """Its name; empty: none."""
    total_cents: int
    """Of the debit side."""
    open_cents: int
    """Debit positive."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents. `text` is looked for in number, relation and description, whatever its case."""

    journal: str = ""
    text: str = ""
    only_open: bool = False
    before: int = 0
    """How many newer ones are left out."""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        before = query.get("before", "")
        return cls(
            query.get("journal", ""),
            query.get("text", "").strip().casefold(),
            query.get("open") == "yes",
            int(before) if before.isdecimal() else 0,
        )


def listed(books: Books, wanted: Wanted) -> tuple[list[Listed], bool]:
    """The documents, and whether there are older ones."""
    with books.lock:
        found = (
            document
            for document in books.movements()
            if (not wanted.journal or document.key.journal_key == wanted.journal)
            and (not wanted.text or wanted.text in _words(books, document))
            and (not wanted.only_open or _open_cents(books, document))
        )
        newest = nlargest(wanted.before + SHOWN + 1, found, key=lambda it: (it.modified, it.date, it.key))
        page = newest[wanted.before : wanted.before + SHOWN]
        return [_listed(books, document) for document in page], len(newest) > wanted.before + SHOWN


def _listed(books: Books, document: Document) -> Listed:
    total = sum(line.cents for line in document.lines if line.cents > 0)
    return Listed(document, _relation(books, document), total, _open_cents(books, document))


def _relation(books: Books, document: Document) -> str:
    relation = books.relations.get(document.relation)
    return relation.name if relation else ""


def _words(books: Books, document: Document) -> str:
    key = document.key
    return f"{key.journal_key}/{key.number} {_relation(books, document)} {document.comment}".casefold()


def _open_cents(books: Books, document: Document) -> int:
    return sum(books.matchings.open.get(item, 0) for item in books.items(document))
