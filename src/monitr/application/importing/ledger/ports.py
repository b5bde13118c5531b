"""What the import of the ledger needs of the database. How it fails: see ``importing.ports``."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from monitr.application.importing.ledger.chunk import Chunk, Published
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import BookingKey, LedgerLine
from monitr.domain.accounting.verification import AmountCell
from monitr.domain.import_run import Counts, ImportRun


class LedgerStage(Protocol):
    """Where the lines of one answer wait until it is complete. Without ``commit`` nothing of it is ever seen."""

    async def add(self, lines: Sequence[LedgerLine]) -> None: ...

    async def complete(
        self, chunk: Chunk | None, *, is_known: bool = False, broken: Collection[BookingKey] = ()
    ) -> None:
        """The answer has arrived whole, and is all of the chunk; without one, it is changes. Nothing is added any
        more, and it can be published. ``is_known``: it is the one of ``answers``, so nothing was added at all.

        ``broken``: bookings with a line that could not be read. Publishing leaves them as they are, whatever else
        arrived of them, and they are not missing."""
        ...

    async def publish_chunk(self, run: ImportRun, answer: str | None = None) -> Published:
        """Write what differs, note what is missing, set the checkpoint. Which bookings were added, changed and removed
        is recorded with the run. ``answer`` is the digest of an answer that could be read without a remark."""
        ...

    async def publish_changes(self, deleted: Sequence[BookingKey], run: ImportRun) -> Published:
        """Delete the reported bookings, then replace the staged ones whole; bookings that do not net to zero are left
        as they were and returned."""
        ...

    async def commit(self, run: ImportRun) -> bool:
        """All of it, with the run. True where the run's cancellation was asked for. Raises LeaseLost."""
        ...


class LedgerStore(Protocol):
    """The chunks: what has been read of them, and a stage for the next."""

    def stage(self) -> AbstractAsyncContextManager[LedgerStage]:
        """One transaction, open while the answer arrives; committed by the stage's ``commit`` alone."""
        ...

    async def checkpoints(self) -> frozenset[Chunk]:
        """The chunks that this run has published."""
        ...

    async def chunks_read(self) -> frozenset[Chunk]:
        """The chunks that any run has published."""
        ...

    async def read_at(self) -> Mapping[Chunk, datetime]:
        """When any run read each chunk whole, last (UTC)."""
        ...

    async def answers(self) -> Mapping[Chunk, str]:
        """The digests of the answers that the ledger holds line for line: sound ones, since which no line of their
        chunk was written."""
        ...

    async def doubt(self, chunks: Collection[Chunk]) -> None:
        """They have not been read after all: there is no checkpoint of them any more."""
        ...

    async def complete_bookyears(self) -> list[Bookyear]:
        """The unbroken row of newest bookyears whose chunks 1 to 4 are all in, oldest first."""
        ...


class ReconciliationStore(Protocol):
    """Our sums beside Octopus's, and the bookings of which only its totals tell whether they belong to the books."""

    async def amount_cells(self, bookyears: Sequence[Bookyear], *, without_missing: bool = False) -> list[AmountCell]:
        """Octopus's amounts beside our sums, in the given bookyears; a line without a usable period is in the period
        of its effective date. ``without_missing``: as if the missing bookings were deleted."""
        ...

    async def missing_chunks(self) -> list[Chunk]:
        """The chunks with bookings that a complete answer no longer held, newest bookyear number first."""
        ...

    async def resolve_missing(self, chunk: Chunk, *, delete: bool) -> Counts:
        """The bookings that were missing from the chunk: delete them, or forget that they were missing."""
        ...

    async def repeated_lines(self, bookyears: Sequence[int]) -> list[LedgerLine]:
        """All lines of the bookings that hold lines equal in every field, and net to zero with them as without."""
        ...
