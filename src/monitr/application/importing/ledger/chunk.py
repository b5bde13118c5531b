"""A chunk of the ledger: what is read of Octopus in one answer, and published in one transaction."""

from dataclasses import dataclass, field
from typing import Self

from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, JournalType
from monitr.domain.import_run import Counts
from monitr.domain.words.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Chunk:
    """One bookyear × journal type; ``journal_type`` -1 stands for the types outside 1 to 4 (octopus.md 8.1)."""

    bookyear: int
    journal_type: int

    @classmethod
    def of(cls, booking: BookingKey) -> Self:
        type = booking.journal_type if booking.journal_type in FIRST_LOAD_TYPES else JournalType.ALL
        return cls(booking.bookyear, int(type))

    @property
    def is_special(self) -> bool:
        return self.journal_type == JournalType.ALL

    @property
    def named(self) -> Sentence:
        if self == EVERYTHING:
            return Sentence.of("chunk.CHANGED_BOOKINGS")
        return Sentence.of("chunk.BOOKYEAR", bookyear=self.bookyear, journal_type=self.journal_type)

    def __str__(self) -> str:
        return str(self.named)


EVERYTHING = Chunk(int(JournalType.ALL), int(JournalType.ALL))
"""As Octopus is asked for all bookyears and journal types; for an incremental import it is one chunk."""


def chunks_of(bookyear: int) -> list[Chunk]:
    """Those that a first load reads."""
    return [Chunk(bookyear, int(type)) for type in FIRST_LOAD_TYPES]


@dataclass(frozen=True, slots=True)
class Published:
    """``unbalanced``: bookings whose lines do not net to zero. Those of an incremental answer were not published, nor
    those of a chunk that were stored in balance: they stay as they were, and count as missing.

    ``dropped_duplicates`` and ``strays`` count lines that were left out: repetitions, and lines of another chunk.
    """

    counts: Counts
    unbalanced: list[BookingKey] = field(default_factory=list)
    dropped_duplicates: int = 0
    strays: int = 0

    @property
    def lines(self) -> int:
        """The lines of the chunk that the answer held."""
        return self.counts.inserted + self.counts.updated + self.counts.unchanged

    @property
    def is_sound(self) -> bool:
        """The answer held lines, and every one could be read."""
        return 0 < self.lines == self.counts.fetched - self.dropped_duplicates - self.strays
