"""The ledger ready to be sent: the lines of a bookyear and journal type, kept as rendered until they change."""

from collections.abc import Iterator
from dataclasses import dataclass

from octopus_sandbox.answers.ledger_lines import render
from octopus_sandbox.answers.spool import Spool
from octopus_sandbox.answers.timestamps import Span
from octopus_sandbox.books import Books
from octopus_sandbox.books.entries import Document
from octopus_sandbox.books.openings import presented_key, shown_openings
from octopus_sandbox.switches import Switches

_State = tuple[int, Switches]
"""Version of the chunk, and the switches: what is rendered for one state is right as long as both hold."""


@dataclass(slots=True)
class _Chunk:
    state: _State
    earliest: int
    latest: int
    rendered: Spool | None = None


class LedgerStore:
    """The rendered ledger of one dossier. Call it with the books' lock held."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._chunks: dict[tuple[int, int], _Chunk] = {}

    def types(self, bookyear: int, switches: Switches) -> list[int]:
        """The journal types that have documents in a bookyear, special openings included."""
        shown = {d.key.journal_type for d in shown_openings(self._books, switches) if d.key.bookyear == bookyear}
        return sorted(
            shown | {type for (year, type), held in self._books.documents.items() if year == bookyear and held}
        )

    def lines(self, bookyear: int, journal_type: int, span: Span, switches: Switches) -> Spool:
        """The lines of the chunk's documents that were modified within the span."""
        chunk = self._chunk(bookyear, journal_type, switches)
        if chunk.latest < span.since or chunk.earliest > span.until:
            return Spool()
        documents = self._documents(bookyear, journal_type, switches)
        if chunk.earliest in span and chunk.latest in span:
            if chunk.rendered is None:
                chunk.rendered = render(documents, switches)
            return chunk.rendered
        return render((document for document in documents if document.modified in span), switches)

    def deletions(
        self, bookyears: list[int], journal_type: int, span: Span, switches: Switches
    ) -> list[dict[str, object]]:
        """Keys of documents that were deleted within the span; type -1 is all."""
        keys = [
            presented_key(deletion.key, self._books, switches) if deletion.opening else deletion.key
            for deletion in self._books.deletions
            if deletion.at in span and deletion.key.bookyear in bookyears
        ]
        return [
            {
                "bookyearKey": {"id": key.bookyear},
                "documentSequenceNr": key.number,
                "journalSequenceNr": key.journal_nr,
                "journalType": key.journal_type,
            }
            for key in keys
            if journal_type in (-1, key.journal_type)
        ]

    def _chunk(self, bookyear: int, journal_type: int, switches: Switches) -> _Chunk:
        state = (self._version(bookyear, journal_type), switches)
        chunk = self._chunks.get((bookyear, journal_type))
        if chunk is None or chunk.state != state:
            moments = [document.modified for document in self._documents(bookyear, journal_type, switches)]
            chunk = _Chunk(state, min(moments, default=2**63), max(moments, default=-(2**63)))
            self._chunks[bookyear, journal_type] = chunk
        return chunk

    def _version(self, bookyear: int, journal_type: int) -> int:
        """A special opening changes with the D documents among which it is kept."""
        versions = self._books.versions
        return versions.get((bookyear, journal_type), 0) + (
            versions.get((bookyear, 4), 0) if journal_type not in (1, 2, 3, 4) else 0
        )

    def _documents(self, bookyear: int, journal_type: int, switches: Switches) -> Iterator[Document]:
        for opening in shown_openings(self._books, switches):
            if opening.key.bookyear == bookyear and opening.key.journal_type == journal_type:
                yield opening
        yield from self._books.documents.get((bookyear, journal_type), {}).values()
